"""Whether a webhook comes from Twilio: its signature, checked against the configured public address.

Twilio signs the URL it calls and the form it posts. The URL is put together from PUBLIC_URL, never from the
request's own host or a proxy's headers, which anyone can write.
"""

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)
from werkzeug.datastructures import Headers, MultiDict


class SignatureCheck:
    """Checks webhooks with one account's auth token."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url.rstrip("/")

    def refusal(self, path: str, *, query: str, form: MultiDict[str, str], headers: Headers) -> str | None:
        """Why a request is refused (`unsigned` or `forged`), or None when it is Twilio's.

        `path` begins with a slash, `query` is as received, without the question mark. The algorithm is the one
        the request names among those the library knows; all of them need the auth token.
        """
        signature = headers.get(SIGNATURE_HEADER, "")
        if not signature:
            return "unsigned"
        algorithm = get_signature_algorithm(headers.get(SIGNATURE_SETTINGS_HEADER))
        url = f"{self._public_url}{path}" + (f"?{query}" if query else "")
        # The form goes in as it is: a name may come with several values, and all of them are signed.
        return None if self._validator.validate(url, form, signature, algorithm) else "forged"
