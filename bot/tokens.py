"""Stream tokens: what lets a media stream in.

The answer to /voice carries a token in a `<Parameter>`; the stream shows it in `start`. A token is signed, names
one call, lives about a minute and opens one stream: the store remembers the used ones.
"""

import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from bot.errors import BadSetting, BadToken
from bot.settings import Settings
from bot.store import Store

MAX_AGE_S = 60
# Clocks of two processes may differ a little: a token from this far in the future is still good.
SKEW_S = 5
MAX_TOKEN_CHARS = 400
_NONCE = re.compile(r"[0-9a-f]{32}")
_SECRET_BYTES = 32


@dataclass(frozen=True)
class StreamPass:
    """A token that passed: its nonce, to be used once, and when it may be forgotten."""

    nonce: str
    expires_at: datetime


class _Signer(TimestampSigner):
    """A signer that reads the clock it is given, so that tests need not wait."""

    def __init__(self, *args: object, clock_s: Callable[[], float] = time.time, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # handed through unchanged
        self._clock_s = clock_s

    def get_timestamp(self) -> int:
        """Seconds since 1970."""
        return int(self._clock_s())


class StreamTokens:
    """Makes and checks stream tokens with one secret. Safe from several threads."""

    def __init__(self, secret: bytes, *, clock_s: Callable[[], float] = time.time) -> None:
        self._clock_s = clock_s
        self._serializer = URLSafeTimedSerializer(
            secret,
            salt="calmline.stream",
            signer=_Signer,
            signer_kwargs={
                "clock_s": clock_s,
                "key_derivation": "hmac",
                "digest_method": hashlib.sha256,
            },
        )

    def issue(self, call_id: str) -> str:
        """A new token for a stream of this call, shorter than 400 characters for ids of up to 64."""
        return str(self._serializer.dumps([call_id, secrets.token_hex(16)]))

    def check(self, token: str, call_id: str, *, max_age_s: int = MAX_AGE_S) -> StreamPass:
        """Check a token's signature, age and call.

        Raises BadToken, whose reason is one of missing, overlong, forged, expired, foreign.
        """
        if not token:
            raise BadToken(call_id, "missing")
        if len(token) > MAX_TOKEN_CHARS:
            raise BadToken(call_id, "overlong")
        try:
            payload, issued_at = self._serializer.loads(token, return_timestamp=True)
        except BadData:
            raise BadToken(call_id, "forged") from None
        age_s = self._clock_s() - issued_at.timestamp()
        if not -SKEW_S <= age_s <= max_age_s:
            raise BadToken(call_id, "expired")
        match payload:
            case [str(named), str(nonce)] if _NONCE.fullmatch(nonce):
                if named != call_id:
                    raise BadToken(call_id, "foreign")
                return StreamPass(nonce, issued_at + timedelta(seconds=max_age_s + SKEW_S))
        raise BadToken(call_id, "forged")

    def redeem(self, token: str, call_id: str, store: Store, *, max_age_s: int = MAX_AGE_S) -> None:
        """Check a token and use it up. Blocks on the store.

        Raises BadToken, also with the reason `used`, and StoreFailed.
        """
        passed = self.check(token, call_id, max_age_s=max_age_s)
        now = datetime.fromtimestamp(self._clock_s(), tz=UTC)
        if not store.claim_token(passed.nonce, now=now, expires_at=passed.expires_at):
            raise BadToken(call_id, "used")


def token_secret(settings: Settings) -> bytes:
    """The secret of this line's tokens.

    With an auth token it is derived from that, so that all processes share it and nothing more has to be set;
    without one it is a random file in CALMLINE_HOME that only its owner can read. Raises BadSetting when that
    file cannot be made or read.
    """
    if settings.signed:
        key = settings.twilio_auth_token.get_secret_value().encode()
        return hmac.digest(key, b"calmline stream tokens", "sha256")
    home = settings.calmline_home
    try:
        return _secret_file(home / "stream-secret")
    except OSError as error:
        raise BadSetting("CALMLINE_HOME", str(home), f"its secret cannot be kept: {error}") from error


def _secret_file(path: Path) -> bytes:
    """The secret in `path`, made if there is none. Of two processes that make one, the first wins."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(secrets.token_bytes(_SECRET_BYTES))
        try:
            # A link appears whole or not at all, and never replaces the one that is there.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    secret = path.read_bytes()
    if len(secret) != _SECRET_BYTES:
        raise OSError(f"{path} does not hold {_SECRET_BYTES} bytes; delete it")
    return secret
