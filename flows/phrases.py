"""The wordings of a language, and the choice among them: the next one not yet used in this call."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from flows.errors import BadLanguageData, UnknownLanguage
from flows.line import LineFacts

_SLOT = re.compile(r"\{(?P<lead>, )?(?P<name>\w+)\}")
_SENTENCE_END = re.compile(r"(?<=[.!?]) +")
SLOTS = frozenset({"business", "callback_hours", "callback_number", "emergency_number", "name"})


@dataclass(frozen=True)
class Phrase:
    """One purpose: the clauses it keeps, and its wordings."""

    key: str
    clauses: tuple[str, ...]
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """One chosen wording, its slots filled."""

    phrase_id: str
    clauses: tuple[str, ...]
    sentences: tuple[str, ...]


@cache
def phrases(language: str) -> dict[str, Phrase]:
    """All phrases of a language, by key. Raises UnknownLanguage and BadLanguageData."""
    file = resources.files("flows") / "languages" / language / "phrases.yaml"
    if not file.is_file():
        raise UnknownLanguage(language)
    return parse_phrases(file.read_text(encoding="utf-8"), path=f"flows/languages/{language}/phrases.yaml")


def parse_phrases(text: str, *, path: str) -> dict[str, Phrase]:
    """Read a phrase file and check it. Raises BadLanguageData naming the file and the line."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data: Any = yaml.safe_load(text)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 0
        raise BadLanguageData(path, line, fault.problem or "not YAML") from fault
    if not isinstance(data, dict) or not isinstance(root, yaml.MappingNode):
        raise BadLanguageData(path, 1, "the file must map phrase keys to clauses and variants")
    lines = {key.value: key.start_mark.line + 1 for key, _ in root.value}
    return {key: _phrase(key, entry, path=path, line=lines[key]) for key, entry in data.items()}


def _phrase(key: str, entry: Any, *, path: str, line: int) -> Phrase:
    """Check one entry of a phrase file."""
    if not isinstance(entry, dict) or set(entry) != {"clauses", "variants"}:
        raise BadLanguageData(path, line, f"{key} needs exactly `clauses` and `variants`")
    clauses, variants = entry["clauses"], entry["variants"]
    for name, value in (("clauses", clauses), ("variants", variants)):
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            raise BadLanguageData(
                path, line, f"{key}: `{name}` must be a list of text with at least one item"
            )
    for variant in variants:
        unknown = {slot["name"] for slot in _SLOT.finditer(variant)} - SLOTS
        if unknown or variant.count("{") != len(_SLOT.findall(variant)):
            known = ", ".join(sorted(SLOTS))
            raise BadLanguageData(path, line, f"{key}: a slot that does not exist; there are {known}")
    return Phrase(key, tuple(clauses), tuple(variants))


def choose(key: str, *, line: LineFacts, said: tuple[str, ...], name: str = "") -> Wording:
    """The next wording of `key` that this call has not used; when all are used, the one used longest ago.

    `said` holds the ids of the wordings used so far, oldest first. Raises KeyError for a key that the language lacks
    (a lint in the tests keeps every key that the code names present).
    """
    phrase = phrases(line.language)[key]
    ids = [f"{key}/{number}" for number in range(len(phrase.variants))]
    fresh = [number for number, phrase_id in enumerate(ids) if phrase_id not in said]
    number = fresh[0] if fresh else min(range(len(ids)), key=lambda index: _last_use(said, ids[index]))
    text = fill(phrase.variants[number], line=line, name=name)
    return Wording(ids[number], phrase.clauses, split_sentences(text))


def _last_use(said: tuple[str, ...], phrase_id: str) -> int:
    """Where in `said` a wording was used last."""
    return len(said) - 1 - said[::-1].index(phrase_id)


def fill(text: str, *, line: LineFacts, name: str = "") -> str:
    """Fill the slots. `{, name}` leaves nothing behind when the name is not known."""
    values = {
        "business": line.business,
        "callback_hours": str(line.callback_hours),
        "callback_number": line.callback_number,
        "emergency_number": " ".join(line.emergency_number),
        "name": name,
    }

    def value(slot: re.Match[str]) -> str:
        filled = values[slot["name"]]
        return (slot["lead"] or "") + filled if filled else ""

    return _SLOT.sub(value, text)


def split_sentences(text: str) -> tuple[str, ...]:
    """Split a wording where sentences end: each is rendered, acknowledged and logged on its own."""
    return tuple(_SENTENCE_END.split(text.strip()))


def fixed_sentences(line: LineFacts) -> tuple[str, ...]:
    """Every sentence of the language that does not depend on the caller, without repeats: what `warm` renders."""
    wordings = (
        fill(variant, line=line) for phrase in phrases(line.language).values() for variant in phrase.variants
    )
    return tuple(dict.fromkeys(sentence for text in wordings for sentence in split_sentences(text)))
