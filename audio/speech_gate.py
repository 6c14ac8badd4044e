"""Were those words, or did the recogniser write something under a noise? Pure.

Under coughs, laughter and barking Whisper writes short sentences, and it is about as sure of them as of a digit.
The detector of speech and Whisper's own `no_speech` each doubt some real short words as well, but seldom the same
ones. So words are dropped when both doubt them, or when there are more of them than anybody says in the time.

Measured on Whisper base int8 (`bench/noise.py`; other models need other thresholds). Noise: 136 clips at four levels.
The recogniser wrote words in 19 turns, and the gate kept 2 of them, one sneeze at two levels, as "Yeah!". With another
hiss of the line beneath it wrote words in 11, and the gate kept one, a bark: the thresholds lie close to both sides.
Speech: 788 turns with words, of digits, single words (both also 16 dB quieter, and with noise 12 dB below), orders and
acted emotions. It drops 17, of which 10 were misheard.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from audio.endpointing import CHUNK_MS
from audio.transcript import Transcript, words_of

VOICED_FROM: Final = 0.25
"""A chunk with at least this probability of speech is counted as voiced: where a turn begins."""

CLEAR_FROM: Final = 0.8
"""One chunk as probable as this makes Whisper's doubt not count. The most in noise heard as words was 0.77; digits at
the edge of being heard have 0.3 to 0.5, orders 0.5 to 1."""

NO_SPEECH: Final = 0.39
"""Whisper's no_speech above which a turn without a clear chunk is dropped. Noise heard as words had 0.34 to 0.71."""

MS_PER_WORD: Final = 150
"""Voiced time that a word takes at least, the first one not counted."""

NO_SPEECH_TOO_FAST: Final = 0.25
"""Whisper's no_speech above which words that are too fast are dropped. Below it stood words that were only quiet or
shouted, of which the detector had missed a part: 6 of 788 turns of speech, and none of noise."""


class Doubt(StrEnum):
    """Why words are taken for noise."""

    TOO_FAST = "too_fast"  # more words than the voiced time has room for
    NO_SPEECH = "no_speech"  # neither the detector of speech nor the recogniser is sure that anybody spoke


@dataclass(frozen=True)
class SpeechFacts:
    """What the detector of speech found in a turn: its most probable chunk, and the time that was voiced."""

    best: float
    voiced_ms: int


def speech_facts(probabilities: Sequence[float]) -> SpeechFacts:
    """The facts of a turn from the probability of speech in each of its 32 ms chunks; none when there are none."""
    voiced = sum(probability >= VOICED_FROM for probability in probabilities)
    return SpeechFacts(best=max(probabilities, default=0.0), voiced_ms=voiced * CHUNK_MS)


def doubt(transcript: Transcript, *, facts: SpeechFacts) -> Doubt | None:
    """Why the words of a turn, or of a part of it, are not to be believed; None when they are, or when there are none.

    Scripts without spaces count as one word, so that they are never too fast.
    """
    words = len(words_of(transcript.text))
    if words == 0:
        return None
    too_fast = facts.voiced_ms < (words - 1) * MS_PER_WORD
    if too_fast and transcript.no_speech > NO_SPEECH_TOO_FAST:
        return Doubt.TOO_FAST
    unclear = facts.best < CLEAR_FROM
    return Doubt.NO_SPEECH if unclear and transcript.no_speech > NO_SPEECH else None


def reason(found: Doubt) -> str:
    """The doubt as a sentence for the log."""
    return {
        Doubt.TOO_FAST: "the sound was too short for the words that the recogniser wrote",
        Doubt.NO_SPEECH: "neither the detector of speech nor the recogniser was sure that anybody spoke",
    }[found]
