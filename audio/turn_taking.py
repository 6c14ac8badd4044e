"""The turns of one call and the decoding of each: when to ask for words, and what to say when they come.

Pure: it is fed 32 ms of samples with the probability of speech in them, and answers to its questions, and
returns events.
"""

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    Paused,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.endpointing import (
    CHUNK_MS,
    ONSET_CHUNKS,
    PRE_ROLL_MS,
    End,
    Endpointing,
    Onset,
    Pause,
    Resumed,
    Sign,
)
from audio.prosody import Prosody
from audio.signal import Samples16k
from audio.speech_gate import Doubt, doubt, reason, speech_facts
from audio.transcript import Transcript

PARTIAL_EVERY_MS: Final = 1_200
CUT_IN_WITHIN_MS: Final = 600
"""A caller who begins to speak so soon after the end of a turn had not finished: what ended it was a pause."""

MAX_WAITING_TURNS: Final = 8
"""Turns whose words have not come. With one more the oldest is given up: a lost answer deafens no call."""

NO_WORDS: Final = "the recogniser found no words in the sound"
NO_ANSWER: Final = "the recogniser did not answer"

_PRE_ROLL_CHUNKS: Final = -(-PRE_ROLL_MS // CHUNK_MS) + ONSET_CHUNKS


@dataclass(frozen=True)
class _Failure:
    reason: str


_Answer = Transcript | _Failure


@dataclass(frozen=True)
class _Chunk:
    """32 ms of a call, and the probability of speech in them."""

    end_ms: int
    samples: Samples16k
    probability: float


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
    words_told: bool = False  # of the pause that goes on


@dataclass
class _EndedTurn:
    """A turn that waits for its words, or for those of an earlier one."""

    start_ms: int
    end_ms: int
    job_id: int
    answer: _Answer | None
    audio: list[_Chunk]


class TurnTaking:
    """The turns of one call and their decodings. Audio is kept for the open turn and the pre-roll alone."""

    def __init__(
        self, *, partial_every_ms: int = PARTIAL_EVERY_MS, job_ids: Iterator[int] | None = None
    ) -> None:
        self.endpointing = Endpointing()
        self._partial_every_ms = partial_every_ms
        self._job_ids = itertools.count(1) if job_ids is None else job_ids
        self._pre_roll: deque[_Chunk] = deque(maxlen=_PRE_ROLL_CHUNKS)
        self._open: _OpenTurn | None = None
        self._ended: deque[_EndedTurn] = deque()
        self._longest_pause_ms = 0  # within a turn, in this call
        self._last_end: End | None = None
        self._prosody = Prosody()

    def hear(self, samples: Samples16k, *, probability: float, start_ms: int) -> list[EarEvent]:
        """Take the 32 ms from `start_ms`, in order."""
        now_ms = start_ms + CHUNK_MS
        (self._pre_roll if self._open is None else self._open.audio).append(
            _Chunk(now_ms, samples, probability)
        )
        signs = self.endpointing.feed(probability, start_ms=start_ms)
        return self._take(signs, now_ms=now_ms) + self._want_partial(now_ms=now_ms)

    @property
    def attentive(self) -> bool:
        """Whether a turn goes on or may be beginning, so that no speech may be missed however quiet."""
        return self.endpointing.in_turn or self.endpointing.onset_chunks > 0

    def end_pause_after(self, pause_ms: int) -> list[EarEvent]:
        """How long the pause may become whose words were told; the turn ends at once if it is as long already."""
        return self._take(self.endpointing.end_pause_after(pause_ms), now_ms=0)

    def decoded(self, job_id: int, transcript: Transcript) -> list[EarEvent]:
        """Take the words of a job."""
        turn = self._open
        if turn is None or turn.answer is not None or job_id not in (turn.partial, turn.final):
            return self._answered(job_id, transcript)
        # A partial that comes after the words of the pause knows less and is not told.
        if _doubt(transcript, turn.audio):
            transcript = replace(transcript, text="")
        if job_id == turn.final:
            turn.words_told = True
            end_ms = self.endpointing.silent_since_ms or turn.start_ms
            told: list[EarEvent] = [Paused(turn.start_ms, end_ms, self._longest_pause_ms, transcript)]
        else:
            told = [Partial(turn.start_ms, transcript)] if transcript.text else []
        return told + self._answered(job_id, transcript)

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the failure of a job."""
        return self._answered(job_id, _Failure(reason))

    def _take(self, signs: list[Sign], *, now_ms: int) -> list[EarEvent]:
        """What follows from the signs of the endpointing."""
        events: list[EarEvent] = []
        for sign in signs:
            match sign:
                case Onset():
                    events += self._begin(sign)
                case Pause():
                    events += self._want_final(now_ms=now_ms)
                case Resumed():
                    events += self._resume(sign)
                case End():
                    events += self._end(sign)
        return events

    def _begin(self, onset: Onset) -> list[EarEvent]:
        if self._last_end is not None and onset.at_ms - self._last_end.at_ms <= CUT_IN_WITHIN_MS:
            self._learn_pause(onset.at_ms - self._last_end.end_ms)
        audio = [chunk for chunk in self._pre_roll if chunk.end_ms > onset.start_ms]
        self._open = _OpenTurn(onset.start_ms, audio)
        return [SpeechStarted(onset.at_ms, onset.start_ms)]

    def _want(self, turn: _OpenTurn, purpose: DecodePurpose, *, now_ms: int) -> DecodeWanted:
        return DecodeWanted(next(self._job_ids), purpose, _samples(turn.audio), turn.start_ms, now_ms)

    def _want_final(self, *, now_ms: int) -> list[EarEvent]:
        if self._open is None or self._open.final is not None:
            return []
        wanted = self._want(self._open, DecodePurpose.FINAL, now_ms=now_ms)
        self._open.final = wanted.job_id
        return [wanted]

    def _resume(self, resumed: Resumed) -> list[EarEvent]:
        """The turn goes on: the words of the pause are those of a part."""
        self._learn_pause(resumed.pause_ms)
        turn = self._open
        if turn is None:
            return []
        events: list[EarEvent] = []
        if turn.final is not None and turn.answer is None:
            events.append(DecodeUnwanted(turn.final))
        if turn.words_told:
            events.append(SpeechResumed(resumed.at_ms))
        turn.final, turn.answer, turn.words_told = None, None, False
        return events

    def _learn_pause(self, pause_ms: int) -> None:
        self._longest_pause_ms = max(self._longest_pause_ms, pause_ms)

    def _want_partial(self, *, now_ms: int) -> list[EarEvent]:
        turn = self._open
        if turn is None:
            return []
        turn.voiced_ms += CHUNK_MS if self.endpointing.voiced else 0
        due_ms = self._partial_every_ms + (turn.last_partial_ms or 0)
        if turn.final is not None or turn.voiced_ms < due_ms:
            return []
        turn.last_partial_ms = turn.voiced_ms
        if turn.partial is not None:  # the recogniser is behind: this one is left out
            return []
        wanted = self._want(turn, DecodePurpose.PARTIAL, now_ms=now_ms)
        turn.partial = wanted.job_id
        return [wanted]

    def _end(self, end: End) -> list[EarEvent]:
        events = self._want_final(now_ms=end.at_ms)
        turn, self._open, self._last_end = self._open, None, end
        if turn is None or turn.final is None:
            return events
        if turn.partial is not None:
            events.append(DecodeUnwanted(turn.partial))
        self._pre_roll.extend(turn.audio)
        self._ended.append(_EndedTurn(end.start_ms, end.end_ms, turn.final, turn.answer, turn.audio))
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
            events.append(self._outcome(self._ended.popleft(), answer))
        return events

    def _outcome(self, turn: _EndedTurn, answer: _Answer) -> EarEvent:
        if isinstance(answer, _Failure):
            return Deaf(turn.start_ms, turn.end_ms, answer.reason)
        if not answer.text:
            return NoWords(turn.start_ms, turn.end_ms, NO_WORDS)
        if doubted := _doubt(answer, turn.audio):
            return NoWords(turn.start_ms, turn.end_ms, reason(doubted))
        probabilities = [chunk.probability for chunk in turn.audio]
        words = len(answer.text.split())
        arousal = self._prosody.arousal(_samples(turn.audio), probabilities=probabilities, words=words)
        return Utterance(turn.start_ms, turn.end_ms, answer, arousal)


def _samples(audio: list[_Chunk]) -> Samples16k:
    return Samples16k(np.concatenate([chunk.samples for chunk in audio]))


def _doubt(transcript: Transcript, audio: list[_Chunk]) -> Doubt | None:
    """Why words that were written under a sound are not believed."""
    return doubt(transcript, facts=speech_facts([chunk.probability for chunk in audio]))
