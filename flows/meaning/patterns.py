"""The little language that a rule's patterns are written in, compiled to regular expressions over words.

A pattern is a row of elements with spaces between, matched against an utterance's words:

    word        this word                       a|b         one of these; `_` joins words, `shut_up`
    <name>      a word or phrase of this list   a|<name>    both
    x?          x or nothing                    x*          x up to three times
    x|$         x, or the sentence ends here
    ..          up to three words               ...         up to eight words; neither passes a sentence's end
    -x          the word before is not x        !x          what follows is not x
    ^  $        start or end of a sentence (a comma counts)
    ^^ $$       start or end of the utterance

Between two elements a comma may stand. Every repetition is bounded, so the work for each starting word is bounded
too: there is no input on which a pattern runs away.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MARKS = {
    "^": r"(?:(?<=\| )|(?<=, ))",
    "$": r"(?=[|,] )",
    "^^": r"(?<=\A\| )",
    "$$": r"(?=(?:, )?\| \Z)",
    "..": r"(?:[^|\s]+ ){0,3}?",
    "...": r"(?:[^|\s]+ ){0,8}?",
}
_PAUSE = "(?:, )?"
_ELEMENT = re.compile(r"(?P<side>[-!]?)(?P<body>[^?*]+)(?P<times>[?*]?)")
_LIST = re.compile(r"<(\w+)>")


class PatternFault(ValueError):
    """A pattern that cannot be compiled; the loader turns it into an error with file and line."""


@dataclass(frozen=True)
class Pattern:
    """One compiled pattern. It can match only where one of `triggers` occurs among the words."""

    source: str
    regex: re.Pattern[str]
    triggers: frozenset[str]


def compile_pattern(source: str, lists: Mapping[str, tuple[str, ...]]) -> Pattern:
    """Compile one pattern. Raises PatternFault for an unknown list, an empty pattern or one without a fixed word."""
    parts: list[str] = []
    rarest: frozenset[str] | None = None
    for element in source.split():
        if element in _MARKS:
            parts.append(_MARKS[element])
            continue
        found = _ELEMENT.fullmatch(element)
        if not found:
            raise PatternFault(f"the element {element!r} of {source!r} is none of the pattern language's")
        items = found["body"].split("|")
        may_end = "$" in items[1:]
        phrases = _alternatives([item for item in items if not (may_end and item == "$")], lists, source)
        parts.append(_expression(phrases, found["side"], found["times"], source, may_end=may_end))
        if not found["side"] and not found["times"] and not may_end:
            first = frozenset(phrase.split()[0] for phrase in phrases)
            rarest = first if rarest is None or len(first) < len(rarest) else rarest
    if rarest is None:
        raise PatternFault(f"the pattern {source!r} has no word that must occur")
    return Pattern(source, re.compile(r"(?<= )" + "".join(parts)), rarest)


def _alternatives(items: list[str], lists: Mapping[str, tuple[str, ...]], source: str) -> tuple[str, ...]:
    """The phrases an element stands for, longest first so that the whole of a phrase is taken."""
    phrases: set[str] = set()
    for item in items:
        named = _LIST.fullmatch(item)
        if named and named[1] not in lists:
            raise PatternFault(f"the pattern {source!r} names the list {item}, which does not exist")
        if not item or (not named and not re.fullmatch(r"[\w'_]+", item)):
            raise PatternFault(f"{item!r} in {source!r} is no word")
        phrases.update(lists[named[1]] if named else (item.replace("_", " "),))
    return tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


def _expression(phrases: tuple[str, ...], side: str, times: str, source: str, *, may_end: bool) -> str:
    """The regular expression of one element, with the space or comma that follows it."""
    if side and (times or may_end):
        raise PatternFault(f"in {source!r} an element that must not occur can be words only")
    if side == "-":
        return "".join(f"(?<! {re.escape(phrase)} )" for phrase in phrases)
    choice = "(?:" + "|".join(re.escape(phrase).replace(r"\ ", " ") for phrase in phrases) + ") "
    if side == "!":
        return f"(?!{choice})"
    if may_end:
        return f"(?:{choice}{_PAUSE}|{_MARKS['$']})"
    return {"": choice + _PAUSE, "?": f"(?:{choice}{_PAUSE})?", "*": f"(?:{choice}{_PAUSE}){{0,3}}"}[times]
