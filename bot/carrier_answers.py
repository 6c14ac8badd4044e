"""What the carrier is told at each step of a call. No web framework in here: parameters in, TwiML out.

Every answer is kept under (call, step), so a delivery that is repeated gets the same answer and changes nothing.
What is done while an answer is made can safely be done twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot import twiml
from bot.carrier_phrases import carrier_phrases
from bot.errors import BotError, UnknownCall
from bot.phone_numbers import can_be_called, masked
from bot.promises import promise_callback
from bot.store import CallRecord, PromiseKind, PromiseState
from bot.web_parts import WebParts
from flows.commands import Afterwards, Disposition, FlagKind

# A stream that was lost is opened again this often; steps count from 1.
MAX_RESUMES = 3
REACHED = frozenset({"completed", "answered"})
TERMINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
_IN_DANGER = frozenset({FlagKind.CRISIS, FlagKind.DANGER})

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ring:
    """A call as the carrier names it in every webhook. `caller` and `called` may be empty."""

    call_id: str
    caller: str = ""
    called: str = ""


class CarrierAnswers:
    """Decides the answers for one line. Methods raise StoreFailed and UnknownCall, except `broken`."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._phrases = carrier_phrases(parts.config.language).filled(parts.config)

    def voice(self, ring: Ring) -> str:
        """The call has come in: connect it, or say courteously why not."""
        return self._once(ring, "voice", lambda: self._voice(ring))

    def after(self, ring: Ring, step: int) -> str:
        """The stream has closed: hang up, ring a person, or open it again if it was lost."""
        return self._once(ring, f"after:{step}", lambda: self._after(ring, step))

    def dialled(self, ring: Ring, outcome: str, attempt: int) -> str:
        """The ringing of a person is over; `outcome` is Twilio's DialCallStatus."""
        return self._once(ring, f"dialled:{attempt}", lambda: self._dialled(ring, outcome, attempt))

    def offered(self, ring: Ring, digits: str) -> str:
        """The caller who could not be let in has pressed a key."""
        return self._once(ring, "offer", lambda: self._offered(ring, digits))

    def status(self, ring: Ring, status: str) -> None:
        """The carrier reports on the call. Reports may come twice, late, or about calls that were not let in."""
        if status not in TERMINAL:
            return
        self._parts.status.withdraw(ring.call_id)
        try:
            promised = self._has_callback(ring)
            self._finish(ring, Disposition.CALLBACK if promised else Disposition.CALLER_LEFT)
        except UnknownCall:
            log.info("call %s ended (%s); it was never let in", ring.call_id, status)

    def broken(self, ring: Ring) -> str:
        """Something failed: apologise, and promise a call-back if the store can keep it. Never raises."""
        try:
            return self._give_up(ring)
        except BotError as error:
            log.error("call %s: no call-back could be promised: %s", ring.call_id, error)  # noqa: TRY400
        except Exception:  # the last answer of all: whatever fails, the caller hears a sentence
            log.exception("call %s: no call-back could be promised", ring.call_id)
        return twiml.fallback(self._phrases, promised=False)

    def _once(self, ring: Ring, step: str, make: Callable[[], str]) -> str:
        """The answer to a step, made the first time."""
        return self._parts.store.delivered(ring.call_id, step, make)

    def _voice(self, ring: Ring) -> str:
        parts = self._parts
        if not parts.status.ready:
            parts.metrics.calls_refused.labels("not_ready").inc()
            log.warning("call %s refused: %s", ring.call_id, "; ".join(parts.status.not_ready))
            return twiml.not_ready(self._phrases)
        if not parts.status.admit(ring.call_id):
            strain = parts.status.strain
            parts.metrics.calls_refused.labels("busy" if strain else "full").inc()
            reason = strain or f"all {parts.settings.max_calls} lines are taken"
            log.warning("call %s refused: %s", ring.call_id, reason)
            offer = self._address("offer=callback") if can_be_called(ring.caller) else ""
            return twiml.busy(self._phrases, offer_url=offer)
        self._open(ring)
        parts.metrics.calls_started.inc()
        log.info("call %s from %s is let in", ring.call_id, masked(ring.caller))
        return self._connect(ring, next_step=1)

    def _after(self, ring: Ring, step: int) -> str:
        call = self._parts.store.call(ring.call_id)
        if call.disposition is not None:
            return self._ended(ring, call)
        if step > MAX_RESUMES:
            log.error("call %s: the stream was lost %d times", ring.call_id, step)
            return self._give_up(ring)
        if not self._parts.status.ready:
            return twiml.hold(self._phrases, next_url=self._address(f"step={step + 1}"))
        self._parts.status.admit(ring.call_id, returning=True)
        self._parts.metrics.calls_resumed.inc()
        log.warning("call %s: the stream was lost and is opened again (step %d)", ring.call_id, step)
        return self._connect(ring, next_step=step + 1)

    def _ended(self, ring: Ring, call: CallRecord) -> str:
        """The line has said its last word; the carrier does the rest."""
        if call.afterwards is not Afterwards.DIAL:
            return twiml.hang_up()
        number = self._parts.config.person_number
        if not number:
            return self._not_reached(ring)
        return twiml.dial_person(number, action_url=self._address("step=dialled&attempt=1"))

    def _dialled(self, ring: Ring, outcome: str, attempt: int) -> str:
        if outcome in REACHED:
            return twiml.hang_up()
        log.warning("call %s: the person was not reached (%s)", ring.call_id, outcome or "no report")
        number = self._parts.config.person_number
        if number and self._in_danger(ring):
            # A caller in danger is never sent away: the person is rung until someone answers or the caller leaves.
            self._promised(ring, "in danger, and the person rung did not answer")
            again = self._address(f"step=dialled&attempt={attempt + 1}")
            return twiml.dial_person(number, action_url=again, phrases=self._phrases)
        return self._not_reached(ring)

    def _not_reached(self, ring: Ring) -> str:
        promised = self._promised(ring, "asked for a person, and nobody answered")
        if promised:
            self._finish(ring, Disposition.CALLBACK, overrule=True)
        return twiml.no_answer(self._phrases, promised=promised)

    def _offered(self, ring: Ring, digits: str) -> str:
        if digits != "1" or not can_be_called(ring.caller):
            return twiml.callback_declined(self._phrases)
        self._open(ring)
        self._promised(ring, "called when all lines were taken")
        self._finish(ring, Disposition.CALLBACK)
        return twiml.callback_taken(self._phrases)

    def _give_up(self, ring: Ring) -> str:
        """The line cannot be had back: ring a person for a caller in danger, promise a call-back to the rest."""
        call = self._open(ring)
        if call.afterwards is Afterwards.HANG_UP:
            return twiml.hang_up()
        in_danger = self._in_danger(ring)
        number = self._parts.config.person_number
        promised = self._promised(ring, "cut off by a fault of the line")
        # Ringing that has failed once for a reason of its own would fail again.
        if in_danger and number and call.afterwards is not Afterwards.DIAL:
            return twiml.dial_person(
                number, action_url=self._address("step=dialled&attempt=1"), phrases=self._phrases
            )
        if promised:
            self._finish(ring, Disposition.CALLBACK)
        return twiml.fallback(self._phrases, promised=promised, emergency=in_danger)

    def _promised(self, ring: Ring, about: str) -> bool:
        """Whether this caller will be called back: promised before, or now. Nobody can ring a withheld number."""
        parts = self._parts
        if self._has_callback(ring):
            return True
        if not can_be_called(ring.caller):
            return False
        promise_callback(
            parts.store,
            parts.config,
            call_id=ring.call_id,
            number=ring.caller,
            about=about,
            now=parts.now(),
        )
        log.info("call %s: a call-back to %s is promised", ring.call_id, masked(ring.caller))
        return True

    def _has_callback(self, ring: Ring) -> bool:
        """Whether a call-back is promised and not yet made."""
        open_promises = self._parts.store.promises(call_id=ring.call_id, state=PromiseState.OPEN)
        return any(promise.kind is PromiseKind.CALLBACK for promise in open_promises)

    def _in_danger(self, ring: Ring) -> bool:
        """Whether the call was flagged for crisis or danger."""
        return any(flag.kind in _IN_DANGER for flag in self._parts.store.flags(ring.call_id))

    def _open(self, ring: Ring) -> CallRecord:
        config = self._parts.config
        return self._parts.store.open_call(
            ring.call_id,
            caller=ring.caller,
            called=ring.called,
            line=config.business,
            language=config.language,
            started_at=self._parts.now(),
        )

    def _finish(self, ring: Ring, disposition: Disposition, *, overrule: bool = False) -> None:
        """Record how the call ended, and count it if that was not known."""
        news = self._parts.store.finish_call(
            ring.call_id,
            disposition=disposition,
            afterwards=Afterwards.HANG_UP,
            ended_at=self._parts.now(),
            overrule=overrule,
        )
        if news and not overrule:
            self._parts.metrics.calls_ended.labels(disposition).inc()

    def _connect(self, ring: Ring, *, next_step: int) -> str:
        return twiml.connect(
            self._parts.settings.stream_url,
            token=self._parts.tokens.issue(ring.call_id),
            after_url=self._address(f"step={next_step}"),
        )

    def _address(self, query: str) -> str:
        """An address of /voice/after for the carrier, relative to this server."""
        return f"{self._parts.settings.path_prefix}/voice/after?{query}"
