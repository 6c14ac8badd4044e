"""The turns of one call and the decoding of each: when to ask for words, and what to say when they come.

Pure: it is fed 32 ms of samples with the probability of speech in them, and answers to its questions, and
returns events.
"""

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

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
    RESUME_CHUNKS,
    End,
    Endpointing,
    Onset,
    Pause,
    Resumed,
    Sign,
)
from audio.parts import PART_MS, Answer, Chunk, Failure, Part, joined, samples_of, why_no_words
from audio.prosody import Prosody
from audio.signal import Samples16k
from audio.transcript import Transcript

PARTIAL_EVERY_MS: Final = 1_200
CUT_IN_WITHIN_MS: Final = 600
"""A caller who begins to speak so soon after the end of a turn had not finished: what ended it was a pause."""

MAX_WAITING_TURNS: Final = 8
"""Turns whose words have not come. With one more the oldest is given up: a lost answer deafens no call."""

NO_ANSWER: Final = "the recogniser did not answer"

_PRE_ROLL_CHUNKS: Final = -(-PRE_ROLL_MS // CHUNK_MS) + ONSET_CHUNKS


@dataclass
class _Turn:
    """A turn that goes on, or waits for its words. `partial` is a job's id; an answered one is None again."""

    start_ms: int
    audio: list[Chunk]
    end_ms: int = 0  # once it has ended
    voiced_ms: int = (ONSET_CHUNKS - 1) * CHUNK_MS  # the chunk of the onset is counted when it is heard
    partial: int | None = None
    last_partial_ms: int | None = None  # of voiced_ms
    parts: list[Part] = field(default_factory=list)  # closed ones, in their order
    rest: int = 0  # the chunk where what is in no closed part begins
    pause: Part | None = None  # what was wanted in the pause that goes on: perhaps the last part

    def known(self, *more: Transcript) -> Transcript:
        """The words so far, as far as they are there, with `more` behind them."""
        parts = [transcript for part in self.parts if (transcript := part.believed)]
        return joined([*parts, *more])


class TurnTaking:
    """The turns of one call and their decodings. Audio is kept for the open turn and the pre-roll alone."""

    def __init__(
        self, *, partial_every_ms: int = PARTIAL_EVERY_MS, job_ids: Iterator[int] | None = None
    ) -> None:
        self.endpointing = Endpointing()
        self._partial_every_ms = partial_every_ms
        self._job_ids = itertools.count(1) if job_ids is None else job_ids
        self._pre_roll: deque[Chunk] = deque(maxlen=_PRE_ROLL_CHUNKS)
        self._open: _Turn | None = None
        self._ended: deque[_Turn] = deque()
        self._longest_pause_ms = 0  # within a turn, in this call
        self._last_end: End | None = None
        self._prosody = Prosody()

    def hear(self, samples: Samples16k, *, probability: float, start_ms: int) -> list[EarEvent]:
        """Take the 32 ms from `start_ms`, in order."""
        now_ms = start_ms + CHUNK_MS
        (self._pre_roll if self._open is None else self._open.audio).append(
            Chunk(now_ms, samples, probability)
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
        told: list[EarEvent] = []
        if turn is not None and turn.pause is not None and job_id == turn.pause.job_id:
            if turn.pause.answer is None:
                turn.pause.answer = transcript
                told.append(self._paused(turn, turn.pause.believed or transcript))
        elif turn is not None and job_id == turn.partial:
            turn.partial = None
            # A partial that comes after the words of the pause knows less and is not told.
            if transcript.text and (turn.pause is None or turn.pause.answer is None):
                told.append(Partial(turn.start_ms, turn.known(transcript)))
        return told + self._answered(job_id, transcript)

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the failure of a job."""
        turn = self._open
        if turn is not None and job_id == turn.partial:
            turn.partial = None
        elif turn is not None and turn.pause is not None and job_id == turn.pause.job_id:
            turn.pause.answer = turn.pause.answer or Failure(reason)
        return self._answered(job_id, Failure(reason))

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
        self._open = _Turn(onset.start_ms, audio)
        return [SpeechStarted(onset.at_ms, onset.start_ms)]

    def _want(self, turn: _Turn, purpose: DecodePurpose, *, now_ms: int) -> DecodeWanted:
        audio = turn.audio[turn.rest :]
        start_ms = audio[0].end_ms - CHUNK_MS if turn.rest else turn.start_ms
        return DecodeWanted(next(self._job_ids), purpose, samples_of(audio), start_ms, now_ms)

    def _want_final(self, *, now_ms: int) -> list[EarEvent]:
        turn = self._open
        if turn is None or turn.pause is not None:
            return []
        wanted = self._want(turn, DecodePurpose.FINAL, now_ms=now_ms)
        turn.pause = Part(wanted.job_id, turn.audio[turn.rest :])
        return [wanted]

    def _paused(self, turn: _Turn, words: Transcript) -> Paused:
        end_ms = self.endpointing.silent_since_ms or turn.start_ms
        return Paused(turn.start_ms, end_ms, self._longest_pause_ms, turn.known(words))

    def _resume(self, resumed: Resumed) -> list[EarEvent]:
        """The turn goes on: what was wanted in the pause is a part of it when it is long enough, else of no use."""
        self._learn_pause(resumed.pause_ms)
        turn = self._open
        if turn is None or turn.pause is None:
            return []
        pause, turn.pause = turn.pause, None
        events: list[EarEvent] = []
        if pause.answer is not None:
            events.append(SpeechResumed(resumed.at_ms))
        if len(pause.audio) * CHUNK_MS >= PART_MS and not isinstance(pause.answer, Failure):
            turn.parts.append(pause)
            speech_ms = resumed.at_ms - RESUME_CHUNKS * CHUNK_MS
            from_ms = speech_ms - min(PRE_ROLL_MS, resumed.pause_ms // 2)
            turn.rest = next(n for n, chunk in enumerate(turn.audio) if chunk.end_ms > from_ms)
        elif pause.answer is None:
            events.append(DecodeUnwanted(pause.job_id))
        return events

    def _learn_pause(self, pause_ms: int) -> None:
        self._longest_pause_ms = max(self._longest_pause_ms, pause_ms)

    def _want_partial(self, *, now_ms: int) -> list[EarEvent]:
        turn = self._open
        if turn is None:
            return []
        turn.voiced_ms += CHUNK_MS if self.endpointing.voiced else 0
        due_ms = self._partial_every_ms + (turn.last_partial_ms or 0)
        if turn.pause is not None or turn.voiced_ms < due_ms:
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
        if turn is None or turn.pause is None:
            return events
        if turn.partial is not None:
            events.append(DecodeUnwanted(turn.partial))
        self._pre_roll.extend(turn.audio)
        turn.end_ms = end.end_ms
        turn.parts.append(turn.pause)
        self._ended.append(turn)
        events.append(TurnEnded(end.at_ms, end.start_ms, end.end_ms))
        if len(self._ended) > MAX_WAITING_TURNS:
            events += self._give_up(self._ended[0])
        return events + self._release()

    def _give_up(self, turn: _Turn) -> list[EarEvent]:
        """The words of a turn are not waited for any more."""
        waiting = [part for part in turn.parts if part.answer is None]
        for part in waiting:
            part.answer = Failure(NO_ANSWER)
        return [DecodeUnwanted(part.job_id) for part in waiting]

    def _answered(self, job_id: int, answer: Answer) -> list[EarEvent]:
        """Take the answer of a part; an unknown or stale one changes nothing."""
        for turn in (*self._ended, *([self._open] if self._open else [])):
            for part in turn.parts:
                if part.job_id == job_id and part.answer is None:
                    part.answer = answer
        return self._release()

    def _release(self) -> list[EarEvent]:
        """The words of ended turns, as far as they are there in the order of the turns."""
        events: list[EarEvent] = []
        while self._ended and all(part.answer is not None for part in self._ended[0].parts):
            events.append(self._outcome(self._ended.popleft()))
        return events

    def _outcome(self, turn: _Turn) -> EarEvent:
        failures = [part.answer.reason for part in turn.parts if isinstance(part.answer, Failure)]
        if failures:
            return Deaf(turn.start_ms, turn.end_ms, failures[0])
        heard = turn.known()
        if not heard.text:
            return NoWords(turn.start_ms, turn.end_ms, why_no_words(turn.parts))
        probabilities = [chunk.probability for chunk in turn.audio]
        words = len(heard.text.split())
        arousal = self._prosody.arousal(samples_of(turn.audio), probabilities=probabilities, words=words)
        return Utterance(turn.start_ms, turn.end_ms, heard, arousal)
