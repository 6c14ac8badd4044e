"""A decision in the making: the state so far, and the commands so far. It lives for one event only."""

from dataclasses import replace
from typing import Any

from flows.commands import CancelTimer, Command, Disposition, Say, SetTimer, StopSpeaking, Why
from flows.events import TimerName
from flows.phrases import choose
from flows.state import LineSaid, Purpose, State

SILENCE_MS = 8_000
"""So long nobody says anything before the line asks whether the caller is still there."""


class Draft:
    """Collects what one event leads to. `state` and `commands` are the result."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.commands: list[Command] = []

    def change(self, **fields: Any) -> None:
        """Give fields of the state new values."""
        self.state = replace(self.state, **fields)

    def add(self, *commands: Command) -> None:
        """Ask for commands, in order."""
        self.commands.extend(commands)

    def say(
        self,
        *keys: str,
        why: Why,
        purpose: Purpose = Purpose.TALK,
        protected: bool = False,
        ends_with: Disposition | None = None,
    ) -> None:
        """Say one line, made of one wording for each key, and remember what was used."""
        said = self.state.said
        sentences: tuple[str, ...] = ()
        clauses: tuple[str, ...] = ()
        phrases: tuple[str, ...] = ()
        for key in keys:
            wording = choose(key, line=self.state.line, said=said, name=self.state.name)
            said += (wording.phrase_id,)
            sentences += wording.sentences
            clauses += tuple(clause for clause in wording.clauses if clause not in clauses)
            phrases += (wording.phrase_id,)
        self.change(said=said)
        self._say(
            LineSaid(self._next_line_id(), purpose, sentences, phrases, clauses, protected, ends_with),
            why=why,
        )

    def say_again(self, line: LineSaid, *, why: Why) -> None:
        """Say a line once more in the same words: it was cut off, or the caller asked for it."""
        self._say(replace(line, line_id=self._next_line_id()), why=why)

    def hush(self, *, why: Why, protected_too: bool = False) -> None:
        """Stop what is being said, if there is anything that may be stopped."""
        if any(protected_too or not line.protected for line in self.state.outstanding):
            self.add(StopSpeaking(why, protected_too=protected_too))

    def hush_backchannel(self, *, why: Why) -> None:
        """Stop an acknowledgement that is being said while the caller goes on."""
        if any(line.purpose is Purpose.BACKCHANNEL for line in self.state.outstanding):
            self.add(StopSpeaking(why, backchannels_only=True))

    def await_caller(self, *, why: Why) -> None:
        """Nobody speaks now: ask after a while whether the caller is still there."""
        state = self.state
        idle = not (state.outstanding or state.caller_speaking or state.turns_without_words or state.over)
        if idle:
            self.add(SetTimer(why, TimerName.SILENCE, SILENCE_MS))

    def cancel(self, timer: TimerName, *, why: Why) -> None:
        """Forget a timer."""
        self.add(CancelTimer(why, timer))

    def _say(self, line: LineSaid, *, why: Why) -> None:
        self.change(outstanding=(*self.state.outstanding, line), lines_said=self.state.lines_said + 1)
        backchannel = line.purpose is Purpose.BACKCHANNEL
        self.add(Say(why, line.line_id, line.sentences, line.clauses, line.protected, backchannel))

    def _next_line_id(self) -> str:
        return f"line-{self.state.lines_said + 1}"
