"""What a caller says over the line: whether it holds the line, stops it, or is the sound of somebody who listens.

Pure. It puts `audio.barge_in` to work: it keeps the audio that is glanced at, and tells words from those of a listener
and from the line's own, which come back as an echo.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from audio.barge_in import BargeIn, HoldWanted, PartialWanted, Release, Sign, StopWanted, said_in
from audio.ear_events import (
    DecodePurpose,
    DecodeUnwanted,
    DecodeWanted,
    EarEvent,
    Interrupted,
    LineHeld,
    LineReleased,
)
from audio.endpointing import CHUNK_MS, PRE_ROLL_MS
from audio.signal import Samples16k
from audio.transcript import words_of

KEPT_MS: Final = 2_560
"""What is glanced at at most: as much as the window of a glance takes with some silence after it."""

ECHO_SHARE: Final = 0.8
"""Words over a line that are to this part the line's own are its echo, not the caller."""

IsListening = Callable[[str], bool]
"""Whether words are those of somebody who listens: "mm-hm", "I see"."""


class OverLine:
    """What is said over the line that speaks now. `job_ids` are the call's own."""

    def __init__(self, *, job_ids: Iterator[int], is_listening: IsListening) -> None:
        self._job_ids, self._is_listening = job_ids, is_listening
        self._audio: deque[Samples16k] = deque(maxlen=KEPT_MS // CHUNK_MS)
        self._line_id: str | None = None
        self._line_words: frozenset[str] = frozenset()
        self._barge_in: BargeIn | None = None
        self._job_id: int | None = None
        self._now_ms = 0
        self._line_from_ms = 0
        self._text = ""

    def line_speaks(self, line_id: str | None, text: str = "") -> list[EarEvent]:
        """The line says something else now, or nothing: what was asked about the one before is of no use."""
        if line_id == self._line_id:
            return []
        self._line_id, self._line_from_ms, self._text = line_id, self._now_ms, ""
        self._line_words = frozenset(words_of(text))
        self._barge_in = None if line_id is None else BargeIn()
        return self._unwanted()

    def hear(self, samples: Samples16k, *, probability: float, start_ms: int) -> list[EarEvent]:
        """Take the 32 ms from `start_ms`, in order."""
        self._now_ms = start_ms + CHUNK_MS
        self._audio.append(samples)
        if self._barge_in is None:
            return []
        return self._take(self._barge_in, self._barge_in.feed(probability, start_ms=start_ms))

    def decoded(self, job_id: int, text: str) -> list[EarEvent]:
        """Take the words of a glance; those of another job change nothing."""
        if self._barge_in is None or job_id != self._job_id:
            return []
        self._job_id = None
        return self._judge(self._barge_in, text, final=False)

    def failed(self, job_id: int) -> None:
        """Take the news that a glance has no result."""
        if self._barge_in is not None and job_id == self._job_id:
            self._job_id = None
            self._barge_in.failed()

    def all_said(self, text: str, *, end_ms: int) -> list[EarEvent]:
        """Take the words of all that was said up to a pause at `end_ms`, "" for none.

        Words that come late are those of a turn before the line, and say nothing about it.
        """
        if self._barge_in is None or end_ms <= self._line_from_ms:
            return []
        return self._judge(self._barge_in, text, final=True)

    def _judge(self, barge_in: BargeIn, text: str, *, final: bool) -> list[EarEvent]:
        words = words_of(text)
        own = sum(word in self._line_words for word in words)
        listening = own >= ECHO_SHARE * len(words) or self._is_listening(text)
        self._text = text
        return self._take(barge_in, barge_in.answered(said_in(text, listening=listening), final=final))

    def _take(self, barge_in: BargeIn, signs: list[Sign]) -> list[EarEvent]:
        events: list[EarEvent] = []
        for sign in signs:
            match sign:
                case PartialWanted(since_ms=since_ms):
                    events += [*self._unwanted(), self._glance(since_ms - PRE_ROLL_MS)]
                case HoldWanted(at_ms=at_ms, since_ms=since_ms):
                    events.append(LineHeld(at_ms, since_ms))
                case StopWanted(at_ms=at_ms):
                    start_ms = max(barge_in.since_ms, self._line_from_ms)
                    events.append(Interrupted(at_ms, start_ms, self._text))
                case Release(at_ms=at_ms):
                    events += [*self._unwanted(), LineReleased(at_ms, self._text)]
                    self._text = ""
        return events

    def _unwanted(self) -> list[EarEvent]:
        """Give up the glance that is awaited, if any."""
        job_id, self._job_id = self._job_id, None
        return [] if job_id is None else [DecodeUnwanted(job_id)]

    def _glance(self, from_ms: int) -> DecodeWanted:
        """A glance at the audio from `from_ms` on, or as much of it as is kept."""
        self._job_id = next(self._job_ids)
        chunks = min(len(self._audio), -(-(self._now_ms - from_ms) // CHUNK_MS))
        newest = list(self._audio)[-chunks:]
        samples = Samples16k(np.concatenate(newest))
        start_ms = self._now_ms - chunks * CHUNK_MS
        return DecodeWanted(self._job_id, DecodePurpose.GLANCE, samples, start_ms, self._now_ms)
