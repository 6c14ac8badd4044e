"""What a caller heard on a stream, from what was really played. Tracks are mu-law from its start; no clock, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from audio.signal import MULAW_BYTES_PER_MS, MuLaw, mulaw_ms
from bot.simulator.loudness import FRAME_BYTES, FRAME_MS, audible_frames, is_audible
from bot.simulator.measures import SAME_SPEECH_MS, greeting_ms
from bot.simulator.phone import StreamRecord
from bot.simulator.playback import Run

SURELY_MS: Final = 200
"""So much of a recording must be found in what was played before it is taken for it."""

GAP_MS: Final = range(FRAME_MS, 1_001)
"""A shorter hole is not heard; before a longer one the line has stopped, and what follows is something else."""


@dataclass(frozen=True)
class Reply:
    """What followed a turn, in ms since the caller stopped; None when it did not before the caller's next turn."""

    wait_ms: int | None  # to anything that the caller heard
    answer_ms: int | None  # to more than a holding sentence


def replies_on(stream: StreamRecord, holding: Sequence[bytes]) -> list[Reply]:
    """What followed each turn of a stream. `holding` are the recordings of "one moment, please", as they are sent."""
    untils_ms = [turn.starts_ms for turn in stream.turns[1:]] + [mulaw_ms(MuLaw(stream.line_track))]
    replies = []
    for turn, until_ms in zip(stream.turns, untils_ms, strict=True):
        heard_ms = turn.hears_ms
        if heard_ms is not None:
            heard_ms = answered_at_ms(stream.line_track, heard_ms, until_ms=until_ms, holding=holding)
        replies.append(Reply(turn.wait_ms, None if heard_ms is None else heard_ms - turn.stops_ms))
    return replies


def answered_at_ms(line_track: bytes, at_ms: int, *, until_ms: int, holding: Sequence[bytes]) -> int | None:
    """The first loud frame from the loud one at `at_ms` on that is not of a holding sentence; None without one."""
    while (end_ms := _holding_until(line_track, at_ms, holding)) is not None:
        silent_ms = greeting_ms(line_track[end_ms * MULAW_BYTES_PER_MS : until_ms * MULAW_BYTES_PER_MS])
        if silent_ms is None:
            return None
        at_ms = end_ms + silent_ms
    return at_ms


def _holding_until(line_track: bytes, at_ms: int, holding: Sequence[bytes]) -> int | None:
    """The end of the frame up to which one of `holding` is played whose first loud frame is at `at_ms`, or None."""
    for sentence in holding:
        lead_ms = greeting_ms(sentence) or 0
        played = line_track[max(0, at_ms - lead_ms) * MULAW_BYTES_PER_MS :]
        pairs = enumerate(zip(played, sentence, strict=False))
        same = next((n for n, (one, other) in pairs if one != other), min(len(played), len(sentence)))
        same_ms = same // MULAW_BYTES_PER_MS
        if same_ms >= lead_ms + SURELY_MS:
            return at_ms - lead_ms + -(-same_ms // FRAME_MS) * FRAME_MS
    return None


def begins_within(line_track: bytes, from_ms: int, to_ms: int) -> bool:
    """Whether the line begins to speak in a stretch of time: a loud frame after 300 ms without one."""
    loud, quiet = audible_frames(line_track), SAME_SPEECH_MS // FRAME_MS
    return any(
        loud[index] and not any(loud[max(0, index - quiet) : index])
        for index in range(from_ms // FRAME_MS, min(len(loud), to_ms // FRAME_MS))
    )


def gaps_ms(played: Sequence[Run]) -> list[int]:
    """The lengths of the gaps in what was played: nothing was there to play, with sound right before and after."""
    gaps = []
    for before, after in pairwise(played):
        hole_ms = after.start_ms - before.start_ms - mulaw_ms(MuLaw(before.audio))
        torn = is_audible(before.audio[-FRAME_BYTES:]) and is_audible(after.audio[:FRAME_BYTES])
        if torn and hole_ms in GAP_MS:
            gaps.append(hole_ms)
    return gaps
