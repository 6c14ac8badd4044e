"""Twilio's media server in software, without sockets and without a clock: messages in, messages out.

Feed it what the server sends (`receive`), move its clock (`step`), send on what it returns. For each 20
ms of its clock one frame is played and one is recorded, however large the steps are. Audio that arrives
during a frame is played from the next frame on. Source: https://www.twilio.com/docs/voice/media-streams;
what Twilio leaves open is a switch in Faults.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from audio.signal import MULAW_BYTES_PER_MS
from bot.simulator.caller import Caller
from bot.simulator.faults import Dice, Faults
from bot.simulator.loudness import FRAME_BYTES, FRAME_MS, is_audible, mix
from bot.simulator.playback import PlaybackBuffer, Run, Track
from bot.simulator.wire import (
    ClearBuffer,
    PlayAudio,
    Request,
    SetMark,
    Speaker,
    StreamIds,
    Violation,
    read_request,
)

MAX_VIOLATIONS = 1000


class Ending(StrEnum):
    """How a stream came to its end."""

    CALLER_HUNG_UP = "caller_hung_up"  # the carrier says `stop`
    SERVER_CLOSED = "server_closed"  # the server closed the socket; the next verb of the TwiML runs
    SOCKET_DROPPED = "socket_dropped"  # the connection is gone without a word


@dataclass(frozen=True)
class ReturnedMark:
    """A mark that was sent back at `at_ms`. `played` is false when a `clear` sent it back."""

    name: str
    at_ms: int
    played: bool


@dataclass(frozen=True)
class Frame:
    """20 ms of the call up to `at_ms`: what the caller heard and what the caller said."""

    at_ms: int
    line: bytes
    caller: bytes
    line_audible: bool


@dataclass(frozen=True)
class _Closed:
    """The server has closed the socket."""


class SimulatedCarrier:
    """One stream of one call. Times are ms since the stream began; `caller_from_ms` is added for the caller.

    What truly happened can be read at any time, and after the end: `line_track()`, `caller_track()`,
    `heard_by_caller`, `marks_returned`, `violations`, `closed_at_ms`, `unplayed_bytes`.
    """

    def __init__(
        self,
        caller: Caller,
        faults: Faults | None = None,
        *,
        ids: StreamIds | None = None,
        caller_from_ms: int = 0,
    ) -> None:
        self._caller = caller
        self._faults = faults or Faults.none()
        self._dice = Dice(self._faults)
        self._ids = ids or StreamIds()
        self._caller_from_ms = caller_from_ms
        self._speaker = Speaker(self._ids)
        self._buffer = PlaybackBuffer()
        self._line, self._said = Track(), Track()
        self._arriving: deque[tuple[int, Request | _Closed]] = deque()
        self._leaving: deque[tuple[int, str]] = deque()
        self._held_marks: deque[tuple[int, str]] = deque()
        self._last_frame: Frame | None = None
        self.now_ms = 0
        self.ending: Ending | None = None
        self.closed_at_ms: int | None = None
        self.unplayed_bytes = 0
        self.marks_returned: list[ReturnedMark] = []
        self.violations: list[Violation] = []

    def start(self, custom_parameters: Mapping[str, str] | None = None) -> list[str]:
        """The first two messages: `connected` and `start`."""
        return [self._speaker.connected(), self._speaker.start(custom_parameters or {})]

    def receive(self, text: str | bytes, now_ms: int) -> None:
        """Take a message that the server sent at `now_ms`. What Twilio warns about is noted and dropped."""
        if self.ending is not None:
            return
        request = read_request(text, stream_sid=self._ids.stream_sid)
        if isinstance(request, Violation):
            self._violate(replace(request, at_ms=now_ms))
        else:
            self._arriving.append((now_ms + self._faults.network_ms, request))

    def socket_closed(self, now_ms: int) -> None:
        """The server closed the socket at `now_ms`; what is unplayed when the carrier notices is lost."""
        self._arriving.append((now_ms + self._faults.network_ms, _Closed()))

    def hang_up(self) -> None:
        """The caller puts the phone down now."""
        if self.ending is None:
            self._send(self._speaker.stop())
            self._end(Ending.CALLER_HUNG_UP)

    def step(self, now_ms: int) -> list[str]:
        """Let time pass up to `now_ms` and return the messages to send now, in their order."""
        while self.ending is None and self.now_ms + FRAME_MS <= now_ms:
            self._frame()
        if self.finished:
            return []
        leaving: list[str] = []
        while self._leaving and self._leaving[0][0] <= now_ms:
            leaving.append(self._leaving.popleft()[1])
        return leaving

    @property
    def finished(self) -> bool:
        """Whether the stream has ended and nothing is left to send."""
        if self.ending is Ending.CALLER_HUNG_UP:
            return not self._leaving
        return self.ending is not None

    @property
    def next_due_ms(self) -> int:
        """When `step` is to be called next: at the next frame, or for a late message before it."""
        if self.ending is not None:
            return self._leaving[0][0] if self._leaving else self.now_ms
        due_ms = self.now_ms + FRAME_MS
        return min(due_ms, self._leaving[0][0]) if self._leaving else due_ms

    @property
    def heard_by_caller(self) -> tuple[Run, ...]:
        """What was truly played to the caller, without the silence in between."""
        return self._line.runs

    @property
    def last_frame(self) -> Frame | None:
        """The latest 20 ms, both sides."""
        return self._last_frame

    def line_track(self) -> bytes:
        """What the caller heard, from the start of the stream: mu-law, silence where nothing was played."""
        return bytes(self._line)

    def caller_track(self) -> bytes:
        """What the caller said, from the start of the stream: mu-law, before any echo or loss."""
        return bytes(self._said)

    def _frame(self) -> None:
        """The next 20 ms: play, record, answer; then take what has arrived meanwhile."""
        start_ms = self.now_ms
        self.now_ms += FRAME_MS
        played, marks = self._buffer.play(FRAME_BYTES)
        self._line.append(played, fill_to=FRAME_BYTES)
        for name in marks:
            self._return_mark(name, played=True)
        line = self._line.at(start_ms * MULAW_BYTES_PER_MS, FRAME_BYTES)
        self._record(start_ms, line)
        while self._arriving and self._arriving[0][0] <= self.now_ms and self.ending is None:
            self._take(self._arriving.popleft()[1])
        self._send_due_marks()
        self._part_when_it_is_time()

    def _record(self, start_ms: int, line: bytes) -> None:
        """The caller's 20 ms, with the keys and with the echo of what the line played."""
        audible = is_audible(line)
        said = self._caller.next_frame(self._caller_from_ms + self.now_ms, audible)
        self._said.append(said, fill_to=FRAME_BYTES)
        self._last_frame = Frame(self.now_ms, line, said, audible)
        if self._faults.echo_db is not None:
            from_ms = start_ms - self._faults.echo_delay_ms
            echo = self._line.at(from_ms * MULAW_BYTES_PER_MS, FRAME_BYTES)
            said = mix(said, echo, gain_db=self._faults.echo_db)
        for digit in self._caller.keys_pressed():
            self._send(self._speaker.dtmf(digit))
        if not self._dice.frame_is_lost():
            message = self._speaker.media(said, start_ms)
            for _ in range(2 if self._dice.frame_is_doubled() else 1):
                self._send(message)

    def _take(self, arrived: Request | _Closed) -> None:
        """Do what the server asked for."""
        match arrived:
            case PlayAudio(payload):
                if not self._buffer.add_audio(payload):
                    self._violate(Violation(0, f"{len(payload)} bytes too many ahead", self.now_ms))
            case SetMark(name) if self._buffer.unplayed_bytes:
                self._buffer.add_mark(name)
            case SetMark(name):
                self._return_mark(name, played=True)
            case ClearBuffer():
                for name in self._buffer.clear():
                    if self._faults.clear_returns_marks:
                        self._return_mark(name, played=False)
            case _Closed():
                self._end(Ending.SERVER_CLOSED)

    def _return_mark(self, name: str, *, played: bool) -> None:
        if self._dice.mark_is_lost():
            return
        self.marks_returned.append(ReturnedMark(name, self.now_ms + self._faults.mark_delay_ms, played))
        self._held_marks.append((self.now_ms + self._faults.mark_delay_ms, name))

    def _send_due_marks(self) -> None:
        while self._held_marks and self._held_marks[0][0] <= self.now_ms:
            self._send(self._speaker.mark(self._held_marks.popleft()[1]))

    def _send(self, message: str) -> None:
        """Put a message on the wire; a late one holds back those behind it, as TCP does."""
        due_ms = self.now_ms + self._dice.transit_ms()
        if self._leaving:
            due_ms = max(due_ms, self._leaving[-1][0])
        self._leaving.append((due_ms, message))

    def _part_when_it_is_time(self) -> None:
        """End the stream when a fault or the caller says so."""
        if self.ending is not None:
            return
        drop_ms, hang_up_ms = self._faults.drop_socket_at_ms, self._faults.hang_up_at_ms
        if drop_ms is not None and self.now_ms >= drop_ms:
            self._leaving.clear()
            self._end(Ending.SOCKET_DROPPED)
        elif self._caller.has_hung_up or (hang_up_ms is not None and self.now_ms >= hang_up_ms):
            self.hang_up()

    def _end(self, ending: Ending) -> None:
        """Close the books: what was not played, on its way included, will never be."""
        in_flight = sum(len(item.payload) for _, item in self._arriving if isinstance(item, PlayAudio))
        self.unplayed_bytes = self._buffer.unplayed_bytes + in_flight
        self.ending = ending
        self.closed_at_ms = self.now_ms

    def _violate(self, violation: Violation) -> None:
        if len(self.violations) < MAX_VIOLATIONS:
            self.violations.append(violation)
