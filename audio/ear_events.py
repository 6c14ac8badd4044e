"""What the ear of one call says about what comes in. Times are media time of the call, in ms."""

from dataclasses import dataclass
from enum import StrEnum

from audio.signal import Samples16k
from audio.transcript import Transcript


class DecodePurpose(StrEnum):
    """Why speech is to be decoded; finals go before partials."""

    FINAL = "final"
    PARTIAL = "partial"


@dataclass(frozen=True)
class SpeechStarted:
    """The caller has begun to speak, at `start_ms`; it was noticed at `at_ms`."""

    at_ms: int
    start_ms: int


@dataclass(frozen=True)
class TurnEnded:
    """The caller has finished. An Utterance or a NoWords with the same `start_ms` follows when it is decoded."""

    at_ms: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class DecodeWanted:
    """Please decode `samples` (speech from `start_ms` to `end_ms`); hand the result to `Ear.decoded(job_id, ...)`."""

    job_id: int
    purpose: DecodePurpose
    samples: Samples16k
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class DecodeUnwanted:
    """The result of `job_id` is of no use any more; it may be dropped from the queue."""

    job_id: int


@dataclass(frozen=True)
class Partial:
    """What the caller has said so far in a turn that goes on."""

    start_ms: int
    transcript: Transcript


@dataclass(frozen=True)
class Utterance:
    """A finished turn and its words."""

    start_ms: int
    end_ms: int
    transcript: Transcript


@dataclass(frozen=True)
class NoWords:
    """A finished turn that held no words."""

    start_ms: int
    end_ms: int
    reason: str


@dataclass(frozen=True)
class Deaf:
    """A finished turn whose decoding failed."""

    start_ms: int
    end_ms: int
    reason: str


EarEvent = SpeechStarted | TurnEnded | DecodeWanted | DecodeUnwanted | Partial | Utterance | NoWords | Deaf
