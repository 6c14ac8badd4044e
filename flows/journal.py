"""The words of the log: events, commands and states as JSON, and back, without loss.

One entry is one line of JSON. Keys are sorted and nothing depends on the process, so equal entries are equal bytes.
"""

import json
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from flows.commands import Command
from flows.errors import BadLogEntry
from flows.events import Event
from flows.line import LineFacts
from flows.state import State

_Entry = TypeVar("_Entry")
_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])
_COMMAND: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="command")])
_STATE: TypeAdapter[State] = TypeAdapter(State)
_LINE: TypeAdapter[LineFacts] = TypeAdapter(LineFacts)


def line_of_json(entry: dict[str, Any]) -> str:
    """One entry as one line: sorted keys, no spaces, no escapes for letters beyond ASCII."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def event_to_dict(event: Event) -> dict[str, Any]:
    """An event as plain JSON types."""
    plain: dict[str, Any] = _EVENT.dump_python(event, mode="json")
    return plain


def command_to_dict(command: Command) -> dict[str, Any]:
    """A command as plain JSON types."""
    plain: dict[str, Any] = _COMMAND.dump_python(command, mode="json")
    return plain


def event_from_dict(plain: Any) -> Event:
    """Read an event back. Raises BadLogEntry."""
    return _read(_EVENT, plain)


def command_from_dict(plain: Any) -> Command:
    """Read a command back. Raises BadLogEntry."""
    return _read(_COMMAND, plain)


def facts_to_dict(facts: LineFacts) -> dict[str, Any]:
    """The facts of a line as plain JSON types."""
    plain: dict[str, Any] = _LINE.dump_python(facts, mode="json")
    return plain


def facts_from_dict(plain: Any) -> LineFacts:
    """Read the facts of a line back. Raises BadLogEntry."""
    return _read(_LINE, plain)


def state_to_json(state: State) -> str:
    """A state as one line of JSON."""
    return line_of_json(_STATE.dump_python(state, mode="json"))


def state_from_json(text: str) -> State:
    """Read a state back. Raises BadLogEntry."""
    try:
        return _STATE.validate_json(text)
    except ValidationError as fault:
        raise BadLogEntry(_first(fault)) from fault


def _read(adapter: TypeAdapter[_Entry], plain: Any) -> _Entry:
    try:
        return adapter.validate_python(plain)
    except ValidationError as fault:
        raise BadLogEntry(_first(fault)) from fault


def _first(fault: ValidationError) -> str:
    """The first fault in words: where, and what."""
    error = fault.errors()[0]
    return f"{'.'.join(str(part) for part in error['loc']) or 'entry'}: {error['msg']}"
