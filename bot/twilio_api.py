"""Twilio's REST API: pointing a number at this server."""

import json
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.errors import BadSetting, BotError, CarrierRefused, CarrierUnreachable, NumberNotFound
from bot.settings import TWILIO_API, Settings, is_loopback

TIMEOUT_S = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PointedNumber:
    """A number and where its calls go now; `voice_url_before` is where they went until now."""

    number: str
    voice_url: str
    status_url: str
    fallback_url: str
    voice_url_before: str


class RedirectingHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """Sends every request to one base URL, whatever host the library chose for it."""

    def __init__(self, base_url: str, *, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._base = urlsplit(base_url)
        if is_loopback(self._base.hostname or ""):
            # A proxy for the network has no business between this machine and itself.
            self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        """Send a request with scheme, host and path prefix of the base URL.

        Raises TwilioRestException for every refusal: the library itself does so for some requests only.
        """
        asked = urlsplit(url)
        path = self._base.path.rstrip("/") + asked.path
        moved = urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))
        return _checked(super().request(method, moved, *args, **options), method=method, path=path)

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Log the method alone: the library would log numbers and form fields."""
        log.debug("Twilio API: %s", kwargs["method"])

    def log_response(self, status_code: int, response: object) -> None:
        """Log the status alone."""
        del response
        log.debug("Twilio API answered %d", status_code)


class TwilioApi:
    """One Twilio account. Methods block for up to the timeout and raise CarrierRefused or CarrierUnreachable."""

    def __init__(
        self, account_sid: str, auth_token: str, *, base_url: str = TWILIO_API, timeout_s: float = TIMEOUT_S
    ) -> None:
        http_client = RedirectingHttpClient(base_url, timeout_s=timeout_s)
        self._redirected_to_loopback = is_loopback(urlsplit(base_url).hostname or "")
        self._client = Client(account_sid, auth_token, http_client=http_client)

    @classmethod
    def from_settings(cls, settings: Settings) -> "TwilioApi":
        """The account of the settings. Raises BadSetting naming the variable that is missing."""
        if not settings.twilio_account_sid:
            raise BadSetting("TWILIO_ACCOUNT_SID", "", "Twilio's API needs an account")
        if not settings.signed:
            raise BadSetting("TWILIO_AUTH_TOKEN", "", "Twilio's API needs the account's token")
        return cls(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            base_url=settings.twilio_api_base_url,
        )

    def point_number(self, number: str, public_url: str) -> PointedNumber:
        """Send a number's calls, status reports and fallbacks to the server at `public_url`.

        `number` is in E.164 form. Raises BadSetting when Twilio could not reach `public_url`, and
        NumberNotFound when the account does not own the number.
        """
        _require_public(public_url, loopback_will_do=self._redirected_to_loopback)
        base = public_url.rstrip("/")
        doing = f"pointing {number} at {base}"
        try:
            # The filter matches parts of numbers too, so the exact one is looked for.
            found = self._client.incoming_phone_numbers.list(phone_number=number, limit=20)
            owned = next((item for item in found if item.phone_number == number), None)
            if owned is None:
                raise NumberNotFound(number)
            before = owned.voice_url or ""
            updated = owned.update(
                voice_url=f"{base}/voice",
                voice_method="POST",
                status_callback=f"{base}/voice/status",
                status_callback_method="POST",
                voice_fallback_url=f"{base}/voice/fallback",
                voice_fallback_method="POST",
                # A number with an application of its own would go on ignoring the addresses above.
                voice_application_sid="",
            )
        except (TwilioException, requests.RequestException) as error:
            raise _failure(doing, error) from error
        return PointedNumber(
            number=updated.phone_number,
            voice_url=updated.voice_url,
            status_url=updated.status_callback,
            fallback_url=updated.voice_fallback_url,
            voice_url_before=before,
        )


def _checked(response: Response, *, method: str, path: str) -> Response:
    """A response that is a success and holds JSON. Raises TwilioRestException for any other."""
    try:
        body = json.loads(response.text or "{}")
    except ValueError:
        raise TwilioRestException(
            response.status_code, path, "the answer is no JSON", method=method
        ) from None
    if response.status_code >= 400:
        told = body if isinstance(body, dict) else {}
        message, code = str(told.get("message", "no reason given")), told.get("code")
        raise TwilioRestException(response.status_code, path, message, code, method)
    return response


def _require_public(url: str, *, loopback_will_do: bool) -> None:
    """Refuse an address that Twilio, or what stands in for it here, could not call. Raises BadSetting."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadSetting("PUBLIC_URL", url, "Twilio needs an address such as https://line.example.com")
    if is_loopback(parts.hostname) and not loopback_will_do:
        raise BadSetting("PUBLIC_URL", url, "Twilio cannot reach this machine by a loopback address")


def _failure(doing: str, error: Exception) -> BotError:
    """Our error for one of the library's. The library's text may hold URLs, so it is kept short."""
    if isinstance(error, TwilioRestException):
        code = f", error {error.code}" if error.code else ""
        return CarrierRefused(doing, f"{error.msg} (HTTP {error.status}{code})")
    if isinstance(error, requests.Timeout):
        return CarrierUnreachable(doing, "no answer in time")
    if isinstance(error, requests.RequestException):
        return CarrierUnreachable(doing, f"the connection failed ({type(error).__name__})")
    return CarrierRefused(doing, f"the answer was not understood ({type(error).__name__})")
