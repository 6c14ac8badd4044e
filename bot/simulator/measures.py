"""What a caller experienced, measured from both sides of a recorded stream. No clock: the tracks are the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.simulator.caller import Span
from bot.simulator.loudness import FRAME_MS, audible_frames

SAME_SPEECH_MS = 300
"""A shorter gap in the line's audio is a pause within what it says, not a new beginning."""


@dataclass(frozen=True)
class TurnTiming:
    """One turn of the caller and the line's answer. Times are ms since the stream began.

    `stops_ms` is the end of the last loud frame that the caller sent, `hears_ms` the start of the first loud frame of
    the answer, None when there was none before the caller's next turn. `line_was_talking` says that the line could be
    heard when the caller stopped; its answer is then what begins after a pause of 300 ms.
    """

    starts_ms: int
    stops_ms: int
    hears_ms: int | None
    line_was_talking: bool

    @property
    def wait_ms(self) -> int | None:
        """Caller stops to caller hears, or None when the caller heard no answer."""
        return None if self.hears_ms is None else self.hears_ms - self.stops_ms


def greeting_ms(line_track: bytes) -> int | None:
    """When the caller first heard the line: the start of its first loud frame; None when it never spoke."""
    return next((index * FRAME_MS for index, loud in enumerate(audible_frames(line_track)) if loud), None)


def turn_timings(caller_track: bytes, line_track: bytes, turns: Sequence[Span]) -> tuple[TurnTiming, ...]:
    """Measure every turn that has a loud frame in it.

    The tracks are mu-law from the same instant; `turns` are the caller's turns within them, in their order.
    """
    caller, line = audible_frames(caller_track), audible_frames(line_track)
    next_starts = [turn.start_ms // FRAME_MS for turn in turns[1:]] + [len(line)]
    timings: list[TurnTiming] = []
    for turn, until in zip(turns, next_starts, strict=False):
        within = range(max(0, turn.start_ms) // FRAME_MS, min(len(caller), -(-turn.end_ms // FRAME_MS)))
        loud = [index for index in within if caller[index]]
        if not loud:
            continue
        stop = loud[-1] + 1
        talking = any(line[max(0, stop - SAME_SPEECH_MS // FRAME_MS) : stop])
        hears_ms = _answer(line[:until], stop, wait_for_pause=talking)
        timings.append(TurnTiming(loud[0] * FRAME_MS, stop * FRAME_MS, hears_ms, talking))
    return tuple(timings)


def _answer(line: Sequence[bool], stop: int, *, wait_for_pause: bool) -> int | None:
    """The first loud frame from `stop` on that is not the rest of what was being said."""
    pause = SAME_SPEECH_MS // FRAME_MS
    for index in range(stop, len(line)):
        if line[index] and not (wait_for_pause and any(line[max(0, index - pause) : index])):
            return index * FRAME_MS
    return None
