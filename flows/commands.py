"""What the judgement can ask of the line. Every command is logged with its rule and its evidence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from flows.events import TimerName
from flows.meaning.model import Evidence


class Disposition(StrEnum):
    """How a call ended; the word under which it is found again."""

    SERVED = "served"  # the caller was answered and said goodbye
    CALLBACK = "callback"  # a person will call back
    TRANSFERRED = "transferred"  # handed to a person
    ENDED_FOR_ABUSE = "ended_for_abuse"  # warned, heard the warning, went on
    SILENT = "silent"  # nobody spoke
    CALLER_LEFT = "caller_left"  # the caller hung up


class Afterwards(StrEnum):
    """What the carrier does when the stream has closed."""

    HANG_UP = "hang_up"
    DIAL = "dial"


class FlagKind(StrEnum):
    """Why a call is put before a person."""

    CRISIS = "crisis"
    DANGER = "danger"
    THREAT = "threat"


@dataclass(frozen=True)
class Why:
    """The reason for a command: the rule's id, and the words and features that made it apply."""

    rule: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Say:
    """Say a line: sentences in order, each rendered on its own. A protected line cannot be interrupted.

    A `backchannel` is said in a pause of the caller's turn, or not at all.
    """

    why: Why
    line_id: str
    sentences: tuple[str, ...]
    clauses: tuple[str, ...]
    protected: bool = False
    backchannel: bool = False
    command: Literal["say"] = "say"


@dataclass(frozen=True)
class StopSpeaking:
    """Fall silent: drop what is playing and what is waiting. Protected lines stay, unless `protected_too`.

    `backchannels_only` leaves every other line alone.
    """

    why: Why
    protected_too: bool = False
    backchannels_only: bool = False
    command: Literal["stop_speaking"] = "stop_speaking"


@dataclass(frozen=True)
class SetTimer:
    """Fire `timer` when `after_ms` of media time have passed."""

    why: Why
    timer: TimerName
    after_ms: int
    command: Literal["set_timer"] = "set_timer"


@dataclass(frozen=True)
class CancelTimer:
    """Forget a timer. Cancelling one that is not set changes nothing."""

    why: Why
    timer: TimerName
    command: Literal["cancel_timer"] = "cancel_timer"


@dataclass(frozen=True)
class SetPatience:
    """Let the pause that goes on end the caller's turn when it is `pause_ms` long (`listen.patient`)."""

    why: Why
    pause_ms: int
    command: Literal["set_patience"] = "set_patience"


@dataclass(frozen=True)
class Rule:
    """The abuse policy has ruled: from one standing to the next, under which policy version."""

    why: Why
    situation: str
    before: str
    after: str
    policy: str
    command: Literal["rule"] = "rule"


@dataclass(frozen=True)
class PromiseCallback:
    """Someone calls back: `number` is empty when the caller's own number is meant."""

    why: Why
    about: str
    number: str = ""
    command: Literal["promise_callback"] = "promise_callback"


@dataclass(frozen=True)
class Flag:
    """Put the call before a person (`safety.*`)."""

    why: Why
    kind: FlagKind
    command: Literal["flag"] = "flag"


@dataclass(frozen=True)
class EndCall:
    """Close the stream; the carrier then hangs up or dials a person."""

    why: Why
    disposition: Disposition
    afterwards: Afterwards = Afterwards.HANG_UP
    command: Literal["end_call"] = "end_call"


Command = Say | StopSpeaking | SetTimer | CancelTimer | SetPatience | Rule | PromiseCallback | Flag | EndCall
