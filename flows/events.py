"""What can happen in a call, as the judgement sees it. Every event is logged and can be replayed.

All times are media time: milliseconds since the call's first stream began, taken from the carrier's timestamps.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from flows.meaning.model import Meaning


class TimerName(StrEnum):
    """The timers that a decision can set. Setting one again moves it."""

    SILENCE = "silence"  # nobody has said anything
    CEILING = "ceiling"  # the caller has finished and has heard nothing yet


class Departure(StrEnum):
    """Why the caller is no longer there."""

    HUNG_UP = "hung_up"  # the carrier said that the stream stopped
    SOCKET_LOST = "socket_lost"  # the connection ended without a word


@dataclass(frozen=True)
class CallStarted:
    """The stream is open and the caller can hear the line."""

    at_ms: int
    event: Literal["call_started"] = "call_started"


@dataclass(frozen=True)
class CallResumed:
    """The stream was opened again after it was lost; another process may have answered before."""

    at_ms: int
    event: Literal["call_resumed"] = "call_resumed"


@dataclass(frozen=True)
class SpeechStarted:
    """The caller has begun to speak."""

    at_ms: int
    event: Literal["speech_started"] = "speech_started"


@dataclass(frozen=True)
class CallerPaused:
    """The caller has been silent since `end_ms`; perhaps the turn is over. `text` is what was said so far.

    `longest_pause_ms` is the longest pause that this caller has made within a turn.
    """

    at_ms: int
    start_ms: int
    end_ms: int
    text: str
    longest_pause_ms: int
    event: Literal["caller_paused"] = "caller_paused"


@dataclass(frozen=True)
class CallerResumed:
    """The caller goes on after a CallerPaused, in the same turn."""

    at_ms: int
    event: Literal["caller_resumed"] = "caller_resumed"


@dataclass(frozen=True)
class TurnEnded:
    """The caller has finished; the words are not known yet."""

    at_ms: int
    start_ms: int
    end_ms: int
    event: Literal["turn_ended"] = "turn_ended"


@dataclass(frozen=True)
class Heard:
    """The words of a finished turn, and what they mean. `confidence` is the recogniser's, 0..1.

    `arousal` is how the voice sounded, 0..1: 0.5 is as in the caller's first seconds, None is no evidence.
    """

    at_ms: int
    start_ms: int
    end_ms: int
    text: str
    language: str
    confidence: float
    meaning: Meaning
    arousal: float | None = None
    event: Literal["heard"] = "heard"


@dataclass(frozen=True)
class NothingHeard:
    """A turn ended and held no words: a cough, a door, music."""

    at_ms: int
    start_ms: int
    end_ms: int
    reason: str
    event: Literal["nothing_heard"] = "nothing_heard"


@dataclass(frozen=True)
class EarFailed:
    """A turn ended and its words could not be had: the recogniser failed or was too late."""

    at_ms: int
    reason: str
    event: Literal["ear_failed"] = "ear_failed"


@dataclass(frozen=True)
class SpokenOver:
    """The caller has said words while a line was playing. `text` is what was understood of them so far."""

    at_ms: int
    line_id: str
    text: str
    event: Literal["spoken_over"] = "spoken_over"


@dataclass(frozen=True)
class LineHeard:
    """What became of a line. `to_its_end` is true only when the carrier acknowledged the end of it.

    A line that was replaced before it began has `heard_ms` 0. `lost` means that the acknowledgement never came
    although the audio had long run out.
    """

    at_ms: int
    line_id: str
    to_its_end: bool
    heard_ms: int
    total_ms: int
    lost: bool = False
    event: Literal["line_heard"] = "line_heard"


@dataclass(frozen=True)
class KeyPressed:
    """The caller pressed a key: 0 to 9, * or #."""

    at_ms: int
    digit: str
    event: Literal["key_pressed"] = "key_pressed"


@dataclass(frozen=True)
class TimerFired:
    """A timer that a decision set has run out."""

    at_ms: int
    timer: TimerName
    event: Literal["timer_fired"] = "timer_fired"


@dataclass(frozen=True)
class CallerLeft:
    """The caller is gone. Nothing said after this is heard."""

    at_ms: int
    departure: Departure
    event: Literal["caller_left"] = "caller_left"


Event = (
    CallStarted
    | CallResumed
    | SpeechStarted
    | CallerPaused
    | CallerResumed
    | TurnEnded
    | Heard
    | NothingHeard
    | EarFailed
    | SpokenOver
    | LineHeard
    | KeyPressed
    | TimerFired
    | CallerLeft
)
