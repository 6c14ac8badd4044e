"""What the callers of one side heard, turn by turn, from what was really played to them. No clock, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.heard import begins_within, replies_on
from bot.simulator.phone import StreamRecord


@dataclass(frozen=True)
class HeardTurn:
    """One turn of a caller and what followed; times in ms since the caller stopped, None when nothing did.

    `talked_into` says that the line began to speak before the caller had finished.
    """

    hesitates: bool
    wait_ms: int | None  # to anything that the caller heard
    answer_ms: int | None  # to more than a holding sentence
    talked_into: bool


def heard_turns(
    streams: Sequence[StreamRecord], hesitates: Sequence[bool], *, holding: Sequence[bytes] = ()
) -> list[HeardTurn]:
    """The turns of one call in their order. `hesitates` says which turns of the script have a hesitation."""
    heard: list[HeardTurn] = []
    for stream in streams:
        for turn, reply in zip(stream.turns, replies_on(stream, holding), strict=True):
            into = begins_within(stream.line_track, turn.starts_ms, turn.stops_ms)
            heard.append(HeardTurn(hesitates[len(heard)], reply.wait_ms, reply.answer_ms, into))
    return heard
