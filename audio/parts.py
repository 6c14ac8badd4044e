"""A turn in parts: what was said up to a pause is decoded once, and what follows by itself. Pure.

Without parts a long turn with many pauses is decoded from its beginning at each of them, in ever longer windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from audio.signal import Samples16k
from audio.speech_gate import Doubt, doubt, reason, speech_facts
from audio.transcript import Transcript

NO_WORDS: Final = "the recogniser found no words in the sound"

PART_MS: Final = 4_000
"""A part is closed at the first pause after so much. With two seconds of silence behind it, it fills the shortest
window; shorter parts would lack context."""


@dataclass(frozen=True)
class Chunk:
    """32 ms of a call, and the probability of speech in them."""

    end_ms: int
    samples: Samples16k
    probability: float


@dataclass(frozen=True)
class Failure:
    """Why a decoding has no result."""

    reason: str


Answer = Transcript | Failure


@dataclass
class Part:
    """A stretch of a turn, the job that decodes it, and the answer once it is there."""

    job_id: int
    audio: list[Chunk]
    answer: Answer | None = None

    @property
    def doubt(self) -> Doubt | None:
        """Why words that were written under this stretch are not believed."""
        if not isinstance(self.answer, Transcript):
            return None
        return doubt(self.answer, facts=speech_facts([chunk.probability for chunk in self.audio]))

    @property
    def believed(self) -> Transcript | None:
        """The transcript, without its words where they are doubted; None while there is none."""
        if not isinstance(self.answer, Transcript):
            return None
        return replace(self.answer, text="") if self.doubt else self.answer


def samples_of(audio: Sequence[Chunk]) -> Samples16k:
    """The samples of chunks that follow each other."""
    return Samples16k(np.concatenate([chunk.samples for chunk in audio]))


def joined(transcripts: Sequence[Transcript]) -> Transcript:
    """One transcript of several in their order; raises ValueError when there are none.

    The confidence is the mean over the words, `no_speech` the least, and the language that of the longest text.
    """
    if not transcripts:
        raise ValueError("there are no transcripts to join")
    if len(transcripts) == 1:
        return transcripts[0]
    lengths = [len(transcript.text) for transcript in transcripts]
    longest = transcripts[lengths.index(max(lengths))]
    total = sum(lengths)
    weighed = sum(
        length * transcript.confidence for length, transcript in zip(lengths, transcripts, strict=True)
    )
    return Transcript(
        text=" ".join(transcript.text for transcript in transcripts if transcript.text),
        language=longest.language,
        confidence=weighed / total if total else 0.0,
        no_speech=min(transcript.no_speech for transcript in transcripts),
        window_ms=max(transcript.window_ms for transcript in transcripts),
        cpu_ms=sum(transcript.cpu_ms for transcript in transcripts),
        retries=sum(transcript.retries for transcript in transcripts),
        language_probability=longest.language_probability,
        language_probabilities=longest.language_probabilities,
    )


def why_no_words(parts: Sequence[Part]) -> str:
    """Why a turn without words has none, as a sentence for the log."""
    doubts = [part.doubt for part in parts if part.doubt]
    return reason(doubts[0]) if doubts else NO_WORDS
