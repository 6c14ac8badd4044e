"""What the ear of one call says about what comes in. Times are media time of the call, in ms."""

from dataclasses import dataclass
from enum import StrEnum

from audio.language import ENGLISH, LanguageAsk
from audio.prosody import Arousal
from audio.signal import Samples16k
from audio.transcript import Transcript


class DecodePurpose(StrEnum):
    """Why speech is to be decoded, the most urgent first."""

    GLANCE = "glance"  # somebody speaks over the line: the first words, at once and roughly
    FINAL = "final"  # the words of a turn, or of one that may be over
    PARTIAL = "partial"  # the words so far, for those who watch


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
    """Please decode `samples` (speech from `start_ms` to `end_ms`); hand the result to `Ear.decoded(job_id, ...)`.

    `ask` says in which language, and among which.
    """

    job_id: int
    purpose: DecodePurpose
    samples: Samples16k
    start_ms: int
    end_ms: int
    ask: LanguageAsk = ENGLISH


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
class LineHeld:
    """Somebody speaks over the line, since `start_ms`: it falls silent and keeps its place until it is known what."""

    at_ms: int
    start_ms: int


@dataclass(frozen=True)
class LineReleased:
    """Nobody interrupts: the line goes on where it was held. `text` is what was heard, "" for no words."""

    at_ms: int
    text: str


@dataclass(frozen=True)
class Interrupted:
    """The caller has said words over the line: it stops."""

    at_ms: int
    start_ms: int
    text: str


@dataclass(frozen=True)
class Paused:
    """The caller has been silent since `end_ms`, and these are the words of the turn so far.

    Perhaps the turn is over: `EarPort.end_pause_after` says how long the pause may become. `longest_pause_ms` is the
    longest that this caller has made within a turn, in this call.
    """

    start_ms: int
    end_ms: int
    longest_pause_ms: int
    transcript: Transcript


@dataclass(frozen=True)
class SpeechResumed:
    """The turn goes on after a Paused."""

    at_ms: int


@dataclass(frozen=True)
class Utterance:
    """A finished turn and its words; `arousal` is how the voice sounded, None when there was no sound to judge."""

    start_ms: int
    end_ms: int
    transcript: Transcript
    arousal: Arousal | None = None


@dataclass(frozen=True)
class KeyTone:
    """The tone of a key was heard; it began at `start_ms`."""

    at_ms: int
    start_ms: int
    digit: str


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


EarEvent = (
    SpeechStarted
    | TurnEnded
    | DecodeWanted
    | DecodeUnwanted
    | Partial
    | Paused
    | SpeechResumed
    | LineHeld
    | LineReleased
    | Interrupted
    | KeyTone
    | Utterance
    | NoWords
    | Deaf
)
