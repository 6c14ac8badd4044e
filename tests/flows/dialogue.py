"""A conversation for tests: feeds events to `decide` and keeps what came of them. No clock, no audio."""

from dataclasses import dataclass, field

from flows.commands import Command, EndCall, Say
from flows.decide import decide
from flows.events import (
    CallStarted,
    Event,
    Heard,
    LineHeard,
    SpeechStarted,
    TimerFired,
    TimerName,
    TurnEnded,
)
from flows.line import LineFacts
from flows.meaning.model import Meaning
from flows.state import State

ABUSE = {"directed_abuse": 0.95}
ANGER = {"anger": 0.9}


@dataclass
class Dialogue:
    """One conversation. `says` is the caller, `hears` plays the line's words to their end."""

    facts: LineFacts = field(default_factory=LineFacts)
    at_ms: int = 0
    commands: list[Command] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.state = State(line=self.facts)

    def feed(self, event: Event) -> tuple[Command, ...]:
        """Feed one event; what it led to."""
        self.state, commands = decide(self.state, event)
        self.events.append(event)
        self.commands += commands
        return commands

    def answered(self) -> "Dialogue":
        """The call is answered and the greeting was heard."""
        self.feed(CallStarted(self.at_ms))
        return self.hears()

    def says(self, text: str = "words", *, confidence: float = 0.9, **meaning: object) -> list[Command]:
        """The caller says something; what the line does about it."""
        start_ms = self.at_ms + 300
        self.at_ms += 2_000
        commands = [
            *self.feed(SpeechStarted(start_ms)),
            *self.feed(TurnEnded(self.at_ms, start_ms, self.at_ms)),
        ]
        heard = Heard(
            self.at_ms,
            start_ms,
            self.at_ms,
            text,
            "en",
            confidence,
            Meaning(**meaning),  # type: ignore[arg-type]
        )
        return [*commands, *self.feed(heard)]

    def hears(self, *, to_its_end: bool = True, lost: bool = False) -> "Dialogue":
        """Every line given out so far is heard to its end, cut off after 500 ms, or lost."""
        while self.state.outstanding and not self.state.over:
            self.at_ms += 1_500
            line = self.state.outstanding[0]
            heard_ms = 1_500 if to_its_end else 500
            self.feed(LineHeard(self.at_ms, line.line_id, to_its_end, heard_ms, 1_500, lost=lost))
        return self

    def waits(self, timer: TimerName = TimerName.SILENCE) -> list[Command]:
        """A timer runs out."""
        self.at_ms += 8_000
        return list(self.feed(TimerFired(self.at_ms, timer)))

    def talk(self, text: str = "words", **meaning: object) -> list[str]:
        """The caller says something and hears the answer; its clauses."""
        commands = self.says(text, **meaning)  # type: ignore[arg-type]
        self.hears()
        return clauses(commands)

    @property
    def ends(self) -> list[EndCall]:
        """The ends of the call: none or one."""
        return [command for command in self.commands if isinstance(command, EndCall)]


def lines(commands: list[Command]) -> list[Say]:
    """The lines among commands."""
    return [command for command in commands if isinstance(command, Say)]


def clauses(commands: list[Command]) -> list[str]:
    """The clauses of the lines among commands, in order."""
    return [clause for line in lines(commands) for clause in line.clauses]


def words(commands: list[Command]) -> str:
    """The text of the lines among commands."""
    return " ".join(sentence for line in lines(commands) for sentence in line.sentences)
