"""Replay: decide again on the events of a log, and find the first command that differs.

A log is entries in order: an event, then the commands it led to. Deciding again must give the same commands, byte
for byte (invariant 8), or the log was written by another policy, or by a defect.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.journal import read_entry, without_seq
from flows.commands import Command
from flows.decide import decide
from flows.errors import BadLogEntry
from flows.journal import command_to_dict, event_from_dict, facts_from_dict, line_of_json
from flows.state import State


@dataclass(frozen=True)
class Difference:
    """The first place where deciding again did something else. "" stands for nothing at all."""

    after_seq: int
    event: str
    logged: str
    decided: str


@dataclass(frozen=True)
class Replayed:
    """What a replay found."""

    call_id: str
    events: int
    commands: int
    length_ms: int
    policy: str
    difference: Difference | None


def replay(bodies: Iterable[str]) -> Replayed:
    """Decide again on a call's log. Raises BadLogEntry for a log that cannot be read."""
    entries = [read_entry(body) for body in bodies]
    if not entries or "call" not in entries[0]:
        raise BadLogEntry("the log does not begin with its header")
    header = entries[0]
    state = State(line=facts_from_dict(header.get("line")))
    events = commands = 0
    difference: Difference | None = None
    for event_entry, logged in _groups(entries[1:]):
        events += 1
        commands += len(logged)
        state, decided = decide(state, event_from_dict(without_seq(event_entry)))
        difference = _compare(event_entry, logged, decided)
        if difference is not None:
            break
    length_ms = max(entry.get("at_ms", 0) for entry in entries)
    return Replayed(header["call"], events, commands, length_ms, str(header.get("policy")), difference)


def _groups(entries: Sequence[dict[str, Any]]) -> Iterable[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each event with the commands that follow it; what was played in between is no decision."""
    event: dict[str, Any] | None = None
    commands: list[dict[str, Any]] = []
    for entry in entries:
        if "event" in entry:
            if event is not None:
                yield event, commands
            event, commands = entry, []
        elif "command" in entry:
            commands.append(entry)
    if event is not None:
        yield event, commands


def _compare(
    event: dict[str, Any], logged: Sequence[dict[str, Any]], decided: Sequence[Command]
) -> Difference | None:
    """The first command that differs, if one does."""
    before = [_command_line(entry) for entry in logged]
    now = [line_of_json(command_to_dict(command)) for command in decided]
    for index in range(max(len(before), len(now))):
        old = before[index] if index < len(before) else ""
        new = now[index] if index < len(now) else ""
        if old != new:
            return Difference(event["seq"], str(event["event"]), old, new)
    return None


def _command_line(entry: dict[str, Any]) -> str:
    """A logged command as `command_to_dict` would write it: without its number and its time."""
    return line_of_json({key: value for key, value in entry.items() if key not in {"seq", "at_ms"}})
