"""Reads dataclasses, enums and errors for the manual: fields, comments, sentences."""

import dataclasses
import inspect
import re
import types
from enum import Enum, StrEnum
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from calmline import CalmlineError

_PLAIN: Final = {int: "integer", float: "number", bool: "true or false", str: "text", types.NoneType: "null"}
_COMMENTED: Final = re.compile(r"^    (?P<name>\w+)(?:: [^=]+)? = .+?  # (?P<comment>.+)$", re.MULTILINE)


class _Slot(int):
    """A number in a sentence that stands for whatever it will be: prints as {name}."""

    def __new__(cls, name: str) -> "_Slot":
        """A slot of this name; its value counts as true."""
        slot = super().__new__(cls, 1)
        slot._name = name  # type: ignore[attr-defined]
        return slot

    def __str__(self) -> str:
        return f"{{{self._name}}}"  # type: ignore[attr-defined]

    __repr__ = __str__

    def __format__(self, _spec: str) -> str:
        return str(self)


def fields(kind: type) -> list[tuple[str, str, str]]:
    """Name, type in words and comment of a dataclass's fields."""
    hints, said = get_type_hints(kind), comments(kind)
    return [
        (field.name, in_words(hints[field.name]), said.get(field.name, ""))
        for field in dataclasses.fields(kind)
    ]


def in_words(hint: Any) -> str:
    """A type as JSON has it; enums and dataclasses link to their own section."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    arguments = get_args(hint)
    if get_origin(hint) is tuple:
        return f"list of {in_words(arguments[0])}"
    if get_origin(hint) is dict:
        return "object of texts"
    if get_origin(hint) is types.UnionType:
        return " or ".join(in_words(argument) for argument in arguments)
    if get_origin(hint) is Literal:
        return f"`{arguments[0]}`"
    assert dataclasses.is_dataclass(hint) or issubclass(hint, Enum), f"no words for {hint}"
    return f"[{hint.__name__}](#{hint.__name__.lower()})"


def comments(kind: type) -> dict[str, str]:
    """The comments behind a class's members, by member name."""
    return {found["name"]: found["comment"] for found in _COMMENTED.finditer(inspect.getsource(kind))}


def members(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """The words of an enum, with their comments."""
    said = comments(kind)
    return [(str(member), said.get(member.name, "")) for member in kind]


def event_name(kind: type) -> str:
    """The word under which an event stands in the log."""
    return str(get_args(get_type_hints(kind)["event"])[0])


def command_name(kind: type) -> str:
    """The word under which a command stands in the log."""
    return str(get_args(get_type_hints(kind)["command"])[0])


def error_sentence(kind: type[CalmlineError]) -> str:
    """An error's sentence, with {names} where its data go."""
    parameters = inspect.signature(kind).parameters.values()
    slots = [
        _Slot(parameter.name) if parameter.annotation is int else f"{{{parameter.name}}}"
        for parameter in parameters
    ]
    return str(kind(*slots)).replace("'{", "{").replace("}'", "}")
