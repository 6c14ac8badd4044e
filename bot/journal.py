"""The log of one call: numbered lines of JSON, and how a state is brought back from them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calmline import __version__
from flows.abuse import POLICY_VERSION
from flows.commands import Command, EndCall, Flag, PromiseCallback, Rule
from flows.decide import decide
from flows.errors import BadLogEntry
from flows.events import Event
from flows.journal import (
    command_to_dict,
    event_from_dict,
    event_to_dict,
    facts_from_dict,
    facts_to_dict,
    line_of_json,
)
from flows.line import LineFacts
from flows.state import State

DURABLE = (Rule, PromiseCallback, Flag, EndCall)
"""What must be on disk before its effect leaves the process (design: "Where state lives")."""


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    seq: int
    body: str
    durable: bool = False


class Journal:
    """Numbers the entries of one call. `next_seq` goes on where an earlier stream of the call stopped."""

    def __init__(self, next_seq: int = 0) -> None:
        self._next_seq = next_seq

    @property
    def is_new(self) -> bool:
        """Whether nothing has been written yet."""
        return self._next_seq == 0

    def header(self, call_id: str, facts: LineFacts) -> Entry:
        """The first entry: which call, which line, which versions decided."""
        return self._entry(
            {
                "call": call_id,
                "at_ms": 0,
                "line": facts_to_dict(facts),
                "policy": POLICY_VERSION,
                "calmline": __version__,
            }
        )

    def event(self, event: Event) -> Entry:
        """What came in."""
        return self._entry(event_to_dict(event))

    def command(self, command: Command, *, at_ms: int) -> Entry:
        """What went out, and why."""
        return self._entry({"at_ms": at_ms, **command_to_dict(command)}, durable=isinstance(command, DURABLE))

    def playback(self, what: str, **facts: Any) -> Entry:
        """What was played and heard: for people and recordings; no decision hangs on it."""
        return self._entry({"playback": what, **facts})

    def _entry(self, plain: dict[str, Any], *, durable: bool = False) -> Entry:
        entry = Entry(self._next_seq, line_of_json({"seq": self._next_seq, **plain}), durable)
        self._next_seq += 1
        return entry


@dataclass(frozen=True)
class Restored:
    """A call as its log tells it: the state after the last event, and where to go on."""

    call_id: str
    state: State
    next_seq: int
    last_ms: int


def read_entry(body: str) -> dict[str, Any]:
    """One line of the log as a dict, with a whole number as `seq`, and as `at_ms` if it has one. Raises BadLogEntry."""
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise BadLogEntry(str(fault)) from fault
    if not isinstance(plain, dict) or not isinstance(plain.get("seq"), int):
        raise BadLogEntry("it is no JSON object with a seq")
    if not isinstance(plain.get("at_ms", 0), int):
        raise BadLogEntry("its at_ms is no whole number")
    return plain


def read_log(path: Path) -> list[str]:
    """The lines of a log that was kept in a file. Raises BadLogEntry when it cannot be read as text."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadLogEntry(f"{path}: {fault}") from fault
    # Not splitlines: words may hold separators, such as U+2028, that JSON does not escape.
    return [line for line in text.split("\n") if line]


def restore(bodies: Iterable[str]) -> Restored | None:
    """Bring a call back from its log by deciding again; None when there is no log. Raises BadLogEntry."""
    restored: Restored | None = None
    for body in bodies:
        plain = read_entry(body)
        if "call" in plain:
            state = State(line=facts_from_dict(plain.get("line")))
            restored = Restored(plain["call"], state, plain["seq"] + 1, 0)
            continue
        if restored is None:
            raise BadLogEntry("the log does not begin with its header")
        state = restored.state
        if "event" in plain:
            state, _ = decide(state, event_from_dict(without_seq(plain)))
        last_ms = max(restored.last_ms, int(plain.get("at_ms", 0)))
        restored = Restored(restored.call_id, state, plain["seq"] + 1, last_ms)
    return restored


def without_seq(plain: dict[str, Any]) -> dict[str, Any]:
    """An entry without its number: what the event or command itself consists of."""
    return {key: value for key, value in plain.items() if key != "seq"}
