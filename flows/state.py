"""Everything that a decision remembers of a call. It is plain data: it serialises to JSON and compares by value."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from flows.abuse import Standing
from flows.commands import Disposition
from flows.line import LineFacts


class Stage(StrEnum):
    """How far the conversation has come."""

    OPEN = "open"  # the caller's matter is being found out
    OFFERED = "offered"  # a next step was offered
    NUMBERING = "numbering"  # the number to ring was asked, since the caller's own is withheld
    NAMING = "naming"  # the name for a promise was asked
    CHECKING = "checking"  # satisfaction was asked
    IN_NEED = "in_need"  # a crisis or a danger, and no person to transfer to
    CLOSING = "closing"  # the last line is being said


class Mood(StrEnum):
    """How the caller sounded last."""

    NEUTRAL = "neutral"
    ANGRY = "angry"
    DISTRESSED = "distressed"


class Purpose(StrEnum):
    """What a line is for; decides what follows when it was heard or cut."""

    TALK = "talk"
    BACKCHANNEL = "backchannel"  # "mm-hm" while the caller has the turn
    WARNING = "warning"
    ABUSE_FAREWELL = "abuse_farewell"
    LAST_WORDS = "last_words"  # any other line after which the call ends or is handed over


@dataclass(frozen=True)
class LineSaid:
    """A line that was given out and whose fate is not known yet.

    `ends_with` is the disposition that follows once it was heard. `phrases` are the ids of its wordings.
    """

    line_id: str
    purpose: Purpose
    sentences: tuple[str, ...]
    phrases: tuple[str, ...]
    clauses: tuple[str, ...]
    protected: bool
    ends_with: Disposition | None = None

    def as_talk(self) -> "LineSaid":
        """The same line, no longer the last one: the caller went on talking."""
        return replace(self, purpose=Purpose.TALK, ends_with=None)


@dataclass(frozen=True)
class Ending:
    """The last line was heard, or its acknowledgement is lost; only words still being decoded hold the end."""

    disposition: Disposition
    acknowledged: bool


@dataclass(frozen=True)
class State:
    """The memory of one call. `decide` returns a new one for every event."""

    line: LineFacts = field(default_factory=LineFacts)
    standing: Standing = Standing.CLEAR
    stage: Stage = Stage.OPEN
    mood: Mood = Mood.NEUTRAL
    issue: str = "none"
    name: str = ""
    number: str = ""  # to ring back, as the caller gave it
    expecting: str = ""  # what the last line asked for, for the next utterance's meaning
    caller_speaking: bool = False
    turns_without_words: int = 0  # turns that have ended and whose words are not known yet
    outstanding: tuple[LineSaid, ...] = ()  # lines given out, oldest first
    cut_by_loss: LineSaid | None = None  # a last line that the lost connection cut off, to be said again
    ending: Ending | None = None
    last_line: LineSaid | None = None  # the last one heard to its end, for "say that again"
    lines_said: int = 0
    offered_choice: bool = (
        False  # the last offer was "a call back or a person?", so a bare "yes" does not answer it
    )
    said: tuple[str, ...] = ()  # ids of wordings used, oldest first
    apologies: int = 0
    issues_met: tuple[str, ...] = ()  # issues that were apologised for
    warning_heard_ms: int = -1
    refusals: int = 0
    clarifications: int = 0
    callback_promised: bool = False
    silences: int = 0
    noises: int = 0  # turns in a row that held no words
    ear_failures: int = 0
    backchannel_ms: int = -1  # when the last one was said
    over: bool = False
