"""What the recogniser made of a stretch of speech."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Transcript:
    """Words with what they cost and how far to trust them.

    `text` is empty when the guards found no speech in the audio. `confidence` is exp(mean log probability of the
    tokens), 0..1. `window_ms` is the encoder window used, `retries` how often a guard asked for a longer one.
    """

    text: str
    language: str
    confidence: float
    no_speech: float
    window_ms: int
    cpu_ms: int
    retries: int
