"""The carrier's timestamps made one unbroken line of audio.

Frames come late, twice, overlapping or not at all. What goes on to the ear is in order, holds every moment
once, and has silence where nothing came.
"""

from dataclasses import dataclass
from typing import Final

from audio.mulaw import silence
from audio.signal import MULAW_BYTES_PER_MS, MuLaw

MAX_FILL_MS: Final = 2_000
"""The longest silence put into a gap. It is enough to end most turns; what lies beyond it is skipped."""

JITTER_MS: Final = 10
"""Timestamps may be off by so much, half a frame, before a gap is filled or an overlap is cut."""


@dataclass(frozen=True)
class Skip:
    """The clock moves on by `ms` without audio."""

    ms: int


class Timeline:
    """Where the audio of one call lies in time, counted from 0.

    `gaps_ms` is how much never came, `dropped_ms` how much came too late, twice or overlapping.
    """

    def __init__(self) -> None:
        self.gaps_ms = 0
        self.dropped_ms = 0
        self._begun = False
        self._clock = 0  # in samples, that is in eighths of a ms

    def place(self, payload: bytes, *, start_ms: int) -> list[MuLaw | Skip]:
        """What to hear next, in order, if `payload` begins at `start_ms`. Empty when all of it is old.

        The first call begins with a skip to its `start_ms`. An empty payload only lets the time go on.
        """
        begin = start_ms * MULAW_BYTES_PER_MS
        if not self._begun:
            self._begun, self._clock = True, begin
            return [Skip(start_ms), self._take(payload)]
        end = begin + len(payload)
        if end <= self._clock:
            self.dropped_ms += len(payload) // MULAW_BYTES_PER_MS
            return []
        ahead_ms = (begin - self._clock) // MULAW_BYTES_PER_MS
        if ahead_ms > JITTER_MS:
            return [*self._fill(ahead_ms), self._take(payload)]
        overlap = self._clock - begin
        if overlap > JITTER_MS * MULAW_BYTES_PER_MS:
            self.dropped_ms += overlap // MULAW_BYTES_PER_MS
            return [self._take(payload[overlap:])]
        return [self._take(payload)]

    def _fill(self, gap_ms: int) -> list[MuLaw | Skip]:
        """Silence for a gap, and a skip over what is too long to fill."""
        self.gaps_ms += gap_ms
        filled = self._take(silence(min(gap_ms, MAX_FILL_MS)))
        skipped_ms = gap_ms - MAX_FILL_MS
        if skipped_ms <= 0:
            return [filled]
        self._clock += skipped_ms * MULAW_BYTES_PER_MS
        return [filled, Skip(skipped_ms)]

    def _take(self, audio: bytes) -> MuLaw:
        self._clock += len(audio)
        return MuLaw(audio)
