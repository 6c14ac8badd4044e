"""What the recogniser made of a stretch of speech."""

import re
from dataclasses import dataclass

from audio.language import Probabilities


@dataclass(frozen=True)
class Transcript:
    """Words with what they cost and how far to trust them.

    `text` is empty when the guards found no speech in the audio. `confidence` is exp(mean log probability of the
    tokens), 0..1. `window_ms` is the encoder window used, `retries` how often a guard asked for a longer one.

    `language` is the one that the words were decoded in: the tag that was asked for, so `zh-Hant` where the line
    says so. `language_probabilities` are those of the languages that were asked for, the most probable first;
    empty when the speech was not examined. `language_probability` is that of `language`, 1 when not examined.
    """

    text: str
    language: str
    confidence: float
    no_speech: float
    window_ms: int
    cpu_ms: int
    retries: int
    language_probability: float = 1.0
    language_probabilities: Probabilities = ()


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation; in any script."""
    return re.findall(r"\w+(?:['’]\w+)*", text.lower())
