"""Who is on the other end: callers that listen to the line and speak when a person would."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from audio.signal import MuLaw
from bot.simulator.loudness import FRAME_MS, SILENCE, frames


@dataclass(frozen=True)
class Span:
    """A stretch of the caller's time, in ms."""

    start_ms: int
    end_ms: int


class Caller(Protocol):
    """A person with a telephone. Times are ms since the caller could first hear the line."""

    def next_frame(self, now_ms: int, line_audible: bool) -> bytes:
        """What the caller says in the 20 ms up to `now_ms`, in which the line could be heard or not.

        160 bytes of mu-law. Called once every 20 ms, in order.
        """

    def keys_pressed(self) -> str:
        """The keys pressed since the last time this was asked."""

    @property
    def has_hung_up(self) -> bool:
        """Whether the caller has put the phone down."""

    @property
    def turns_spoken(self) -> tuple[Span, ...]:
        """The turns that the caller has begun; the last may still go on."""


_NOTHING = MuLaw(b"")


@dataclass(frozen=True)
class Turn:
    """Something to say, and when.

    By default it is said when the line has spoken and has then been quiet for `wait_ms` (the caller's default
    when None). With `interrupt_after_ms` it is said that long after the line began to speak, over its words.
    `keys` are pressed when the turn begins; with no recording they are the whole turn.
    """

    recording: MuLaw = _NOTHING
    wait_ms: int | None = None
    interrupt_after_ms: int | None = None
    keys: str = ""


class PlayedCaller:
    """A caller who plays recordings and listens in between.

    After the last turn the caller waits for the line to hang up, `patience_s` at most. A caller who still has
    turns to say and hears nothing for `patience_s` hangs up as well.
    """

    def __init__(self, turns: Sequence[Turn], *, wait_ms: int = 700, patience_s: float = 30.0) -> None:
        self._waiting = deque(turns)
        self._wait_ms = wait_ms
        self._patience_ms = patience_s * 1000
        self._speaking: Iterator[bytes] | None = None
        self._keys = ""
        self._hung_up = False
        self._spoken: list[Span] = []
        self._turn_ended_ms = 0
        self._line_began_ms: int | None = None
        self._line_last_heard_ms: int | None = None

    def next_frame(self, now_ms: int, line_audible: bool) -> bytes:
        """What the caller says in the 20 ms up to `now_ms`."""
        if self._speaking is None:
            self._listen(now_ms, line_audible)
        if self._speaking is None:
            return SILENCE
        frame = next(self._speaking, None)
        if frame is not None:
            self._spoken[-1] = Span(self._spoken[-1].start_ms, now_ms)
            return frame
        self._fall_silent(now_ms - FRAME_MS)
        self._listen(now_ms, line_audible)
        return SILENCE

    def keys_pressed(self) -> str:
        """The keys pressed since the last time this was asked."""
        keys, self._keys = self._keys, ""
        return keys

    @property
    def has_hung_up(self) -> bool:
        """Whether the caller has lost patience."""
        return self._hung_up

    @property
    def turns_spoken(self) -> tuple[Span, ...]:
        """The turns begun so far."""
        return tuple(self._spoken)

    @property
    def turns_left(self) -> int:
        """How many turns have not been begun."""
        return len(self._waiting)

    def _listen(self, now_ms: int, line_audible: bool) -> None:
        """Take note of the line, and speak or hang up when it is time."""
        if line_audible:
            self._line_last_heard_ms = now_ms
            if self._line_began_ms is None:
                self._line_began_ms = now_ms - FRAME_MS
        if self._waiting and self._is_my_turn(self._waiting[0], now_ms):
            self._begin(self._waiting.popleft(), now_ms)
        elif self._is_out_of_patience(now_ms):
            self._hung_up = True

    def _is_my_turn(self, turn: Turn, now_ms: int) -> bool:
        if self._line_began_ms is None or self._line_last_heard_ms is None:
            return False
        if turn.interrupt_after_ms is not None:
            return now_ms - self._line_began_ms >= turn.interrupt_after_ms
        wait_ms = self._wait_ms if turn.wait_ms is None else turn.wait_ms
        return now_ms - self._line_last_heard_ms >= wait_ms

    def _is_out_of_patience(self, now_ms: int) -> bool:
        """Counted from the last turn when there is no other, else from the last time the line was heard."""
        since_ms = self._turn_ended_ms
        if self._waiting and self._line_last_heard_ms is not None:
            since_ms = self._line_last_heard_ms
        return now_ms - since_ms >= self._patience_ms

    def _begin(self, turn: Turn, now_ms: int) -> None:
        self._speaking = frames(turn.recording)
        self._keys += turn.keys
        self._spoken.append(Span(now_ms - FRAME_MS, now_ms - FRAME_MS))

    def _fall_silent(self, ended_ms: int) -> None:
        """The turn is over: what the line says from now on is its answer."""
        self._speaking = None
        self._turn_ended_ms = ended_ms
        self._line_began_ms = self._line_last_heard_ms = None


class SilentCaller:
    """A caller who says nothing and stays on the line: a pocket call, or a dead microphone."""

    def __init__(self, *, patience_s: float | None = None) -> None:
        self._patience_ms = None if patience_s is None else patience_s * 1000
        self._now_ms = 0

    def next_frame(self, now_ms: int, line_audible: bool) -> bytes:  # noqa: ARG002 - part of the protocol
        """Silence."""
        self._now_ms = now_ms
        return SILENCE

    def keys_pressed(self) -> str:
        """No keys."""
        return ""

    @property
    def has_hung_up(self) -> bool:
        """True after `patience_s`, when there is a limit."""
        return self._patience_ms is not None and self._now_ms >= self._patience_ms

    @property
    def turns_spoken(self) -> tuple[Span, ...]:
        """No turns."""
        return ()
