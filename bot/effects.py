"""What one call asks of its driver, in order. The driver carries each out and decides nothing."""

from dataclasses import dataclass

from audio.ear_events import DecodePurpose
from audio.language import ENGLISH, LanguageAsk
from audio.signal import MuLaw, Samples16k
from flows.commands import Afterwards, Disposition, FlagKind


@dataclass(frozen=True)
class Write:
    """Append one line of JSON to the call's log. A durable one must be on disk before any later effect happens."""

    seq: int
    body: str
    durable: bool


@dataclass(frozen=True)
class Send:
    """Send this text to the carrier."""

    text: str


@dataclass(frozen=True)
class Decode:
    """Have the transcriber decode `samples`; hand the result to `Call.decoded` or `Call.decode_failed`."""

    job_id: int
    purpose: DecodePurpose
    samples: Samples16k
    ask: LanguageAsk = ENGLISH


@dataclass(frozen=True)
class CancelDecode:
    """The result of this job is of no use any more."""

    job_id: int


@dataclass(frozen=True)
class Render:
    """Have the voice render `text`; hand the result to `Call.rendered` or `Call.render_failed`."""

    line_id: str
    index: int
    text: str


@dataclass(frozen=True)
class RecordCaller:
    """The caller said this, from `start_ms`."""

    payload: bytes
    start_ms: int


@dataclass(frozen=True)
class RecordLine:
    """The caller hears this from the line, from `start_ms`."""

    payload: MuLaw
    start_ms: int


@dataclass(frozen=True)
class CutLine:
    """What was given as RecordLine for `at_ms` and later is not heard after all."""

    at_ms: int


@dataclass(frozen=True)
class Promise:
    """Store a call back that someone owes the caller. `number` is "" for the caller's own."""

    about: str
    number: str


@dataclass(frozen=True)
class Raise:
    """Store a flag: put this call before a person."""

    kind: FlagKind
    at_ms: int


@dataclass(frozen=True)
class Finish:
    """Store how the call ended, and what the carrier is to do after the stream."""

    disposition: Disposition
    afterwards: Afterwards


@dataclass(frozen=True)
class Responded:
    """The first audio after a turn of the caller: it is heard this long after the caller had finished."""

    after_ms: int


@dataclass(frozen=True)
class Show:
    """Something for those who watch, that is not part of the log: a partial transcript."""

    at_ms: int
    partial: str


@dataclass(frozen=True)
class Close:
    """Close the stream; nothing follows."""


Effect = (
    Write
    | Send
    | Decode
    | CancelDecode
    | Render
    | RecordCaller
    | RecordLine
    | CutLine
    | Promise
    | Raise
    | Finish
    | Responded
    | Show
    | Close
)
