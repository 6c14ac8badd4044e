"""Requests as Twilio makes them: form posts, signed, to the server under test and to nobody else."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
from twilio.request_validator import RequestValidator

from bot.errors import PhoneFailed
from bot.simulator.twiml import MAX_TWIML_BYTES

TIMEOUT_S = 15
"""Twilio's limit for an answer."""


class Webhooks:
    """Posts to one server. `public_url` is what the server believes its address to be, `base_url` where it is.

    Signatures are made over the public address; with an empty token nothing is signed.
    """

    def __init__(self, base_url: str, *, public_url: str = "", auth_token: str = "") -> None:
        self._base = base_url.rstrip("/")
        self._public = (public_url or base_url).rstrip("/")
        self._validator = RequestValidator(auth_token) if auth_token else None

    def resolve(self, url: str, current_url: str = "") -> str:
        """The public form of an address found in a document that came from `current_url`."""
        return urldefrag(urljoin(current_url or f"{self._public}/", url)).url

    def stream_target(self, url: str) -> tuple[str, dict[str, str]]:
        """Where to open the socket for a stream's url, and the headers of the upgrade request.

        Raises PhoneFailed for a url that Twilio would not connect to.
        """
        secure = self._public.startswith("https:")
        if urlsplit(url).scheme not in ({"wss"} if secure else {"ws", "wss"}):
            raise PhoneFailed("opening the stream", f"{url[:100]!r} is not a wss address")
        page = "http" + url.removeprefix("ws")
        socket_url = "ws" + self._local(page).removeprefix("http")
        return socket_url, self._signature(url, {}, header="x-twilio-signature")

    async def post(self, url: str, form: Mapping[str, str]) -> bytes:
        """Post a form to a public address and return the answer's body.

        Raises PhoneFailed when the server does not answer in time, with 2xx and within the bound.
        """
        return await asyncio.to_thread(self._post, url, form)

    def _post(self, url: str, form: Mapping[str, str]) -> bytes:
        doing = f"asking {urlsplit(url).path}"
        headers = self._signature(url, form, header="X-Twilio-Signature")
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy and no .netrc between the phone and the line
                with session.post(
                    self._local(url),
                    data=form,
                    headers=headers,
                    timeout=TIMEOUT_S,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    if not answer.ok or answer.is_redirect:
                        raise PhoneFailed(doing, f"the server answered {answer.status_code}")
                    return _bounded(answer)
        except requests.RequestException as error:
            raise PhoneFailed(doing, str(error)[:200]) from error

    def _local(self, url: str) -> str:
        """The address to connect to for a public one. Raises PhoneFailed for another server's."""
        if url != self._public and not url.startswith((f"{self._public}/", f"{self._public}?")):
            raise PhoneFailed(f"following {url[:100]!r}", f"it is not below {self._public}")
        return self._base + url.removeprefix(self._public)

    def _signature(self, url: str, form: Mapping[str, str], *, header: str) -> dict[str, str]:
        if self._validator is None:
            return {}
        return {header: str(self._validator.compute_signature(url, dict(form)))}


def _bounded(answer: requests.Response) -> bytes:
    """The body, or so much of it that the reader of TwiML refuses it as too long."""
    body = bytearray()
    for piece in answer.iter_content(8192):
        body += piece
        if len(body) > MAX_TWIML_BYTES:
            break
    return bytes(body)
