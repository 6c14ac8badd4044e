"""Twilio's webhooks: /voice, /voice/after, /voice/status, /voice/fallback.

This module is the border: it checks who is asking and what was sent, and turns every failure into a sentence the
caller can hear. What is answered is decided in `bot.carrier_answers`.
"""

import logging
import re
from collections.abc import Callable
from typing import NoReturn

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from bot.carrier_answers import CarrierAnswers, Ring
from bot.errors import BotError
from bot.signature import SignatureCheck
from bot.web_parts import WebParts

_CALL_SID = re.compile(r"CA[0-9A-Za-z_-]{1,62}")
_ADDRESS = re.compile(r"[\x20-\x7e]{1,255}")
_STEP = re.compile(r"[1-9][0-9]{0,3}")
_WORD = re.compile(r"[a-z-]{1,32}")
_DIGITS = re.compile(r"[0-9*#]{1,8}")

log = logging.getLogger(__name__)


def carrier_blueprint(parts: WebParts) -> Blueprint:
    """The routes of the carrier. Without an auth token no signature is asked for; the server is local then."""
    blueprint = Blueprint("carrier", __name__, url_prefix="/voice")
    hooks = _Webhooks(parts)
    blueprint.before_request(hooks.check_signature)
    blueprint.post("")(hooks.voice)
    blueprint.post("/after")(hooks.after)
    blueprint.post("/status")(hooks.status)
    blueprint.post("/fallback")(hooks.fallback)
    return blueprint


class _Webhooks:
    """The views, over one line's parts."""

    def __init__(self, parts: WebParts) -> None:
        self._metrics = parts.metrics
        self._answers = CarrierAnswers(parts)
        self._check = None
        if parts.settings.signed:
            token = parts.settings.twilio_auth_token.get_secret_value()
            self._check = SignatureCheck(token, parts.settings.base_url)

    def check_signature(self) -> None:
        """Refuse with 403 what Twilio did not sign; nothing else happens then."""
        if self._check is None:
            return
        reason = self._check.refusal(
            request.path,
            query=request.query_string.decode("latin-1"),
            form=request.form,
            headers=request.headers,
        )
        if reason is not None:
            self._metrics.webhooks_refused.labels(reason).inc()
            log.warning("webhook %s from %s refused: %s", request.path, request.remote_addr, reason)
            abort(403)

    def voice(self) -> Response:
        """A call has come in."""
        return self._answer(self._answers.voice)

    def after(self) -> Response:
        """The stream closed, a person was rung, or a key was pressed: `step` and `offer` say which."""
        if request.args.get("offer") == "callback":
            digits = self._field("Digits", _DIGITS)
            return self._answer(lambda ring: self._answers.offered(ring, digits))
        step = request.args.get("step", "")
        if step == "dialled":
            attempt = self._number(request.args.get("attempt", "1"))
            outcome = self._field("DialCallStatus", _WORD)
            return self._answer(lambda ring: self._answers.dialled(ring, outcome, attempt))
        number = self._number(step)
        return self._answer(lambda ring: self._answers.after(ring, number))

    def status(self) -> Response:
        """The carrier's report on a call. There is nobody to hear an apology, so a failure is only logged."""
        ring = self._ring()
        try:
            self._answers.status(ring, self._field("CallStatus", _WORD))
        except Exception as error:  # noqa: BLE001 - a border: the carrier must not be shown our stack
            self._failed(ring, error)
        return Response(status=204)

    def fallback(self) -> Response:
        """The carrier could not use one of the other answers."""
        ring = self._ring()
        log.error(
            "call %s: the carrier fell back, error %s", ring.call_id, self._field("ErrorCode", _DIGITS) or "?"
        )
        return _xml(self._answers.broken(ring))

    def _answer(self, decide: Callable[[Ring], str]) -> Response:
        """Answer with TwiML; after a failure with an apology the caller can hear."""
        ring = self._ring()
        try:
            return _xml(decide(ring))
        except HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - a border: the caller hears a sentence, the log has the error
            self._failed(ring, error)
            return _xml(self._answers.broken(ring))

    def _failed(self, ring: Ring, error: Exception) -> None:
        """Count and log a failure; what we raise on purpose needs no stack."""
        self._metrics.webhooks_failed.labels(request.path).inc()
        expected = isinstance(error, BotError)
        log.error("call %s: %s failed: %s", ring.call_id, request.path, error, exc_info=not expected)

    def _ring(self) -> Ring:
        """The call a request is about; 400 when its id is missing, too long or of another form.

        A caller's number that is not printable, or too long, is treated as withheld.
        """
        call_id = request.form.get("CallSid", "")
        if not _CALL_SID.fullmatch(call_id):
            self._ill_formed()
        return Ring(call_id, caller=self._field("From", _ADDRESS), called=self._field("To", _ADDRESS))

    def _field(self, name: str, form: re.Pattern[str]) -> str:
        """A parameter of the form, "" when it is missing or not what it should look like."""
        value = request.form.get(name, "")
        return value if form.fullmatch(value) else ""

    def _number(self, text: str) -> int:
        """A step or attempt from the query; 400 when it is none."""
        if not _STEP.fullmatch(text):
            self._ill_formed()
        return int(text)

    def _ill_formed(self) -> NoReturn:
        self._metrics.webhooks_refused.labels("ill_formed").inc()
        log.warning("webhook %s from %s refused: ill-formed", request.path, request.remote_addr)
        abort(400)


def _xml(twiml: str) -> Response:
    return Response(twiml, content_type="text/xml; charset=utf-8")
