"""A telephone without a telephone network: it calls a running line as Twilio does, over HTTP and a WebSocket.

The carrier's own verbs (Say, Play, Pause, Gather, Dial) take no time and make no sound: they are noted as steps.
What the server streams is played and measured in real time.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.errors import PhoneFailed
from bot.simulator.caller import Caller, Span
from bot.simulator.carrier import Ending, Frame, ReturnedMark, SimulatedCarrier
from bot.simulator.faults import Faults
from bot.simulator.measures import TurnTiming, greeting_ms, turn_timings
from bot.simulator.playback import Run
from bot.simulator.stream import StreamDriver, open_socket
from bot.simulator.twiml import Dial, Gather, Hangup, Redirect, Stream, Verb, read_twiml
from bot.simulator.webhooks import Webhooks
from bot.simulator.wire import StreamIds, Violation

MAX_DOCUMENTS = 20
"""A call that asks for more documents goes round in circles."""


@dataclass(frozen=True)
class StepTaken:
    """The carrier runs a verb."""

    verb: Verb


PhoneEvent = StepTaken | Frame


@dataclass(frozen=True)
class StreamRecord:
    """What happened on one stream. Times are ms since its start; tracks are mu-law from its start.

    `truncated_bytes` is line audio that the server had sent and that was unplayed when the server closed the socket:
    a farewell cut off. `late_ms` is how late this machine was at worst; the other times are true within it.
    """

    stream_sid: str
    line_track: bytes
    caller_track: bytes
    heard_by_caller: tuple[Run, ...]
    marks_returned: tuple[ReturnedMark, ...]
    violations: tuple[Violation, ...]
    ending: Ending
    closed_at_ms: int
    unplayed_bytes: int
    greeting_ms: int | None
    turns: tuple[TurnTiming, ...]
    late_ms: int

    @property
    def truncated_bytes(self) -> int:
        """The bytes of the line's last words that the caller did not hear although the caller was still there."""
        return self.unplayed_bytes if self.ending is Ending.SERVER_CLOSED else 0


@dataclass(frozen=True)
class PhoneResult:
    """What happened in a call: the verbs in the order they ran, and the streams."""

    call_sid: str
    steps: tuple[Verb, ...]
    streams: tuple[StreamRecord, ...]
    setup_ms: int | None  # from dialling to the start of the first stream
    duration_ms: int

    @property
    def turns(self) -> tuple[TurnTiming, ...]:
        """The caller's turns on all streams."""
        return tuple(turn for stream in self.streams for turn in stream.turns)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Where the server broke Twilio's protocol."""
        return tuple(violation for stream in self.streams for violation in stream.violations)


class Phone:
    """Calls the line at `base_url`. One phone can make many calls, also at the same time.

    `public_url` is the line's own idea of its address, when it differs. `gather_keys` answer one `<Gather>` each, in
    order; when they are used up, none is answered. `dial_status` is what every `<Dial>` comes to.
    `fall_through_ms` is how long the carrier takes to go on with the next verb after a lost socket.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth_token: str = "",
        account_sid: str = "AC" + "0" * 31 + "1",
        from_number: str = "+15005550006",
        to_number: str = "+15005550001",
        public_url: str = "",
        voice_path: str = "/voice",
        status_path: str = "/voice/status",
        gather_keys: Sequence[str] = (),
        dial_status: str = "completed",
        max_call_s: float = 600,
        fall_through_ms: int = 0,
    ) -> None:
        self.webhooks = Webhooks(base_url, public_url=public_url, auth_token=auth_token)
        self.account_sid = account_sid
        self.from_number, self.to_number = from_number, to_number
        self.voice_path, self.status_path = voice_path, status_path
        self.gather_keys, self.dial_status = tuple(gather_keys), dial_status
        self.max_call_s, self.fall_through_ms = max_call_s, fall_through_ms

    async def call(
        self,
        caller: Caller,
        faults: Faults | None = None,
        on_event: Callable[[PhoneEvent], None] | None = None,
    ) -> PhoneResult:
        """Make one call and stay on it to its end. Raises PhoneFailed when the line does not answer as a line.

        `on_event` hears of every verb, and of every 20 ms of a stream as they happen; it must be quick. A socket that
        `faults` drop is dropped on the first stream only.
        """
        return await _Call(self, caller, faults or Faults.none(), on_event or _ignore).run()


def _ignore(_event: PhoneEvent) -> None:
    """Nobody listens."""


class _Call:
    """One call: which document is running, what has happened, who hung up."""

    def __init__(
        self, phone: Phone, caller: Caller, faults: Faults, on_event: Callable[[PhoneEvent], None]
    ) -> None:
        self._phone, self._caller, self._faults, self._on_event = phone, caller, faults, on_event
        self._call_sid = "CA" + secrets.token_hex(16)
        self._keys = deque(phone.gather_keys)
        self._url = phone.webhooks.resolve(phone.voice_path)
        self._documents = 0
        self._steps: list[Verb] = []
        self._streams: list[StreamRecord] = []
        self._setup_ms: int | None = None
        self._began_s = asyncio.get_running_loop().time()

    async def run(self) -> PhoneResult:
        """Run documents until none follows, then report the end to the server."""
        verbs: Sequence[Verb] | None = await self._document(self._url, CallStatus="ringing")
        while verbs is not None:
            verbs = await self._run_verbs(verbs)
        duration_ms = self._elapsed_ms()
        if self._phone.status_path:
            url = self._phone.webhooks.resolve(self._phone.status_path)
            seconds = str(-(-duration_ms // 1000))
            await self._phone.webhooks.post(url, self._form(CallStatus="completed", CallDuration=seconds))
        return PhoneResult(
            self._call_sid, tuple(self._steps), tuple(self._streams), self._setup_ms, duration_ms
        )

    async def _run_verbs(self, verbs: Sequence[Verb]) -> Sequence[Verb] | None:
        """Run verbs until one leads to another document, which is returned, or the call is over."""
        for verb in verbs:
            self._steps.append(verb)
            self._on_event(StepTaken(verb))
            if isinstance(verb, Hangup):
                return None
            if isinstance(verb, Stream):
                await self._stream(verb)
                if self._streams[-1].ending is Ending.CALLER_HUNG_UP:
                    return None
            following = await self._next_document(verb)
            if following is not None:
                return following
        return None

    async def _next_document(self, verb: Verb) -> Sequence[Verb] | None:
        """The document that a verb leads to, or None when the next verb of this one runs."""
        match verb:
            case Redirect(url):
                return await self._document(url)
            case Stream(action=action) if action:
                return await self._document(action)
            case Dial(action=action) if action:
                return await self._document(action, DialCallStatus=self._phone.dial_status)
            case Gather(action=action, action_on_empty=always):
                digits = self._keys.popleft() if self._keys else ""
                return await self._document(action, Digits=digits) if digits or always else None
        return None

    async def _document(self, url: str, **fields: str) -> Sequence[Verb]:
        """Ask for a document; an empty address asks for the running one again, as Twilio does."""
        self._documents += 1
        if self._documents > MAX_DOCUMENTS:
            raise PhoneFailed(
                "following redirects", f"the call asked for more than {MAX_DOCUMENTS} documents"
            )
        self._url = self._phone.webhooks.resolve(url, self._url)
        return read_twiml(await self._phone.webhooks.post(self._url, self._form(**fields)))

    def _form(self, **fields: str) -> dict[str, str]:
        """What Twilio posts with every request, and `fields`."""
        return {
            "CallSid": self._call_sid,
            "AccountSid": self._phone.account_sid,
            "From": self._phone.from_number,
            "To": self._phone.to_number,
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            "CallStatus": "in-progress",
            **fields,
        }

    async def _stream(self, verb: Stream) -> None:
        """Open the socket, talk, and keep the record."""
        ids = StreamIds("MZ" + secrets.token_hex(16), self._call_sid, self._phone.account_sid)
        faults = replace(self._faults, drop_socket_at_ms=None) if self._streams else self._faults
        begins_ms = sum(stream.closed_at_ms for stream in self._streams)
        carrier = SimulatedCarrier(self._caller, faults, ids=ids, caller_from_ms=begins_ms)
        socket = await open_socket(*self._phone.webhooks.stream_target(verb.url))
        if self._setup_ms is None:
            self._setup_ms = self._elapsed_ms()
        max_ms = max(0, int(self._phone.max_call_s * 1000) - self._elapsed_ms())
        driver = StreamDriver(socket, carrier, max_ms=max_ms, on_frame=self._on_event)
        await driver.run(verb.parameters)
        self._streams.append(_record(ids, carrier, driver, self._turns_since(begins_ms)))
        if carrier.ending is Ending.SOCKET_DROPPED:
            await asyncio.sleep(self._phone.fall_through_ms / 1000)

    def _turns_since(self, begins_ms: int) -> list[Span]:
        """The caller's turns on the latest stream, in that stream's time."""
        return [
            Span(turn.start_ms - begins_ms, turn.end_ms - begins_ms)
            for turn in self._caller.turns_spoken
            if turn.end_ms > begins_ms
        ]

    def _elapsed_ms(self) -> int:
        return int((asyncio.get_running_loop().time() - self._began_s) * 1000)


def _record(
    ids: StreamIds, carrier: SimulatedCarrier, driver: StreamDriver, turns: Sequence[Span]
) -> StreamRecord:
    """The record of a stream that has ended."""
    line_track, caller_track = carrier.line_track(), carrier.caller_track()
    return StreamRecord(
        stream_sid=ids.stream_sid,
        line_track=line_track,
        caller_track=caller_track,
        heard_by_caller=carrier.heard_by_caller,
        marks_returned=tuple(carrier.marks_returned),
        violations=tuple(carrier.violations),
        ending=carrier.ending or Ending.CALLER_HUNG_UP,
        closed_at_ms=carrier.now_ms if carrier.closed_at_ms is None else carrier.closed_at_ms,
        unplayed_bytes=carrier.unplayed_bytes,
        greeting_ms=greeting_ms(line_track),
        turns=turn_timings(caller_track, line_track, turns),
        late_ms=driver.late_ms,
    )
