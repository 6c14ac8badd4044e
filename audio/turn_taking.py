"""The turns of one call and the decoding of each: when to ask for words, and what to say when they come.

Pure: it is fed 32 ms of samples with the probability of speech in them, and answers to its questions, and
returns events.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from audio.ear_events import (
    Deaf,
    DecodePurpose,
    DecodeUnwanted,
    DecodeWanted,
    EarEvent,
    NoWords,
    Partial,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.endpointing import CHUNK_MS, ONSET_CHUNKS, PRE_ROLL_MS, End, Endpointing, Onset, Pause, Resumed
from audio.signal import Samples16k
from audio.transcript import Transcript

PARTIAL_EVERY_MS: Final = 1_200
FIRST_PARTIAL_OVER_LINE_MS: Final = 400
PARTIAL_OVER_LINE_EVERY_MS: Final = 600
MAX_WAITING_TURNS: Final = 8
"""Turns whose words have not come. With one more the oldest is given up: a lost answer deafens no call."""

NO_WORDS: Final = "the recogniser found no words in the sound"
NO_ANSWER: Final = "the recogniser did not answer"

_PRE_ROLL_CHUNKS: Final = -(-PRE_ROLL_MS // CHUNK_MS) + ONSET_CHUNKS


@dataclass(frozen=True)
class _Failure:
    reason: str


_Answer = Transcript | _Failure
_Chunk = tuple[int, Samples16k]  # where it ends, in ms, and its 32 ms of samples


@dataclass
class _OpenTurn:
    """The turn that goes on. `final` and `partial` are job ids; an answered partial is None again."""

    start_ms: int
    audio: list[_Chunk]
    voiced_ms: int = (ONSET_CHUNKS - 1) * CHUNK_MS  # the chunk of the onset is counted when it is heard
    partial: int | None = None
    last_partial_ms: int | None = None  # of voiced_ms
    final: int | None = None
    answer: _Answer | None = None


@dataclass
class _EndedTurn:
    """A turn that waits for its words, or for those of an earlier one."""

    start_ms: int
    end_ms: int
    job_id: int
    answer: _Answer | None


class TurnTaking:
    """The turns of one call and their decodings. Audio is kept for the open turn and the pre-roll alone."""

    def __init__(self, *, partial_every_ms: int = PARTIAL_EVERY_MS) -> None:
        self.endpointing = Endpointing()
        self.line_is_speaking = False
        self._partial_every_ms = partial_every_ms
        self._last_job_id = 0
        self._pre_roll: deque[_Chunk] = deque(maxlen=_PRE_ROLL_CHUNKS)
        self._open: _OpenTurn | None = None
        self._ended: deque[_EndedTurn] = deque()

    def hear(self, samples: Samples16k, *, probability: float, start_ms: int) -> list[EarEvent]:
        """Take the 32 ms from `start_ms`, in order."""
        now_ms = start_ms + CHUNK_MS
        (self._pre_roll if self._open is None else self._open.audio).append((now_ms, samples))
        events: list[EarEvent] = []
        for sign in self.endpointing.feed(probability, start_ms=start_ms):
            match sign:
                case Onset():
                    events += self._begin(sign)
                case Pause():
                    events += self._want_final(now_ms=now_ms)
                case Resumed():
                    events += self._drop_final()
                case End():
                    events += self._end(sign)
        return events + self._want_partial(now_ms=now_ms)

    def decoded(self, job_id: int, transcript: Transcript) -> list[EarEvent]:
        """Take the words of a job."""
        turn = self._open
        # The words of a pause that may turn out to be the end serve as a partial too, and cost nothing. A partial
        # that comes after them knows less and is not told.
        awaited = turn is not None and turn.answer is None and job_id in (turn.partial, turn.final)
        events = self._answered(job_id, transcript)
        if turn is not None and awaited and transcript.text:
            return [Partial(turn.start_ms, transcript), *events]
        return events

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the failure of a job."""
        return self._answered(job_id, _Failure(reason))

    def _begin(self, onset: Onset) -> list[EarEvent]:
        audio = [chunk for chunk in self._pre_roll if chunk[0] > onset.start_ms]
        self._open = _OpenTurn(onset.start_ms, audio)
        return [SpeechStarted(onset.at_ms, onset.start_ms)]

    def _want(self, turn: _OpenTurn, purpose: DecodePurpose, *, now_ms: int) -> DecodeWanted:
        self._last_job_id += 1
        samples = Samples16k(np.concatenate([chunk for _, chunk in turn.audio]))
        return DecodeWanted(self._last_job_id, purpose, samples, turn.start_ms, now_ms)

    def _want_final(self, *, now_ms: int) -> list[EarEvent]:
        if self._open is None or self._open.final is not None:
            return []
        wanted = self._want(self._open, DecodePurpose.FINAL, now_ms=now_ms)
        self._open.final = wanted.job_id
        return [wanted]

    def _drop_final(self) -> list[EarEvent]:
        turn = self._open
        if turn is None or turn.final is None:
            return []
        unwanted = [DecodeUnwanted(turn.final)] if turn.answer is None else []
        turn.final = turn.answer = None
        return [*unwanted]

    def _want_partial(self, *, now_ms: int) -> list[EarEvent]:
        turn = self._open
        if turn is None:
            return []
        turn.voiced_ms += CHUNK_MS if self.endpointing.voiced else 0
        if turn.final is not None or turn.voiced_ms < self._partial_due_ms(turn):
            return []
        turn.last_partial_ms = turn.voiced_ms
        if turn.partial is not None:  # the recogniser is behind: this one is left out
            return []
        wanted = self._want(turn, DecodePurpose.PARTIAL, now_ms=now_ms)
        turn.partial = wanted.job_id
        return [wanted]

    def _partial_due_ms(self, turn: _OpenTurn) -> int:
        """After how much speech in the turn the next partial is wanted."""
        first_ms = FIRST_PARTIAL_OVER_LINE_MS if self.line_is_speaking else self._partial_every_ms
        every_ms = PARTIAL_OVER_LINE_EVERY_MS if self.line_is_speaking else self._partial_every_ms
        return first_ms if turn.last_partial_ms is None else turn.last_partial_ms + every_ms

    def _end(self, end: End) -> list[EarEvent]:
        events = self._want_final(now_ms=end.at_ms)
        turn, self._open = self._open, None
        if turn is None or turn.final is None:
            return events
        if turn.partial is not None:
            events.append(DecodeUnwanted(turn.partial))
        self._pre_roll.extend(turn.audio)
        self._ended.append(_EndedTurn(end.start_ms, end.end_ms, turn.final, turn.answer))
        events.append(TurnEnded(end.at_ms, end.start_ms, end.end_ms))
        if len(self._ended) > MAX_WAITING_TURNS:
            oldest = self._ended[0]
            oldest.answer = _Failure(NO_ANSWER)
            events.append(DecodeUnwanted(oldest.job_id))
        return events + self._release()

    def _answered(self, job_id: int, answer: _Answer) -> list[EarEvent]:
        turn = self._open
        if turn is not None and job_id == turn.partial:
            turn.partial = None
        elif turn is not None and job_id == turn.final and turn.answer is None:
            turn.answer = answer
        for ended in self._ended:
            if ended.job_id == job_id and ended.answer is None:
                ended.answer = answer
        return self._release()

    def _release(self) -> list[EarEvent]:
        """The words of ended turns, as far as they are there in the order of the turns."""
        events: list[EarEvent] = []
        while self._ended and (answer := self._ended[0].answer) is not None:
            events.append(_outcome(self._ended.popleft(), answer))
        return events


def _outcome(turn: _EndedTurn, answer: _Answer) -> EarEvent:
    if isinstance(answer, _Failure):
        return Deaf(turn.start_ms, turn.end_ms, answer.reason)
    if answer.text:
        return Utterance(turn.start_ms, turn.end_ms, answer)
    return NoWords(turn.start_ms, turn.end_ms, NO_WORDS)
