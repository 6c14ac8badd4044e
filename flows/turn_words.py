"""The words of a language that tell whether a caller has finished, read from `flows/languages/<tag>/turn.yaml`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from flows.meaning.nodes import Nodes

_SECTIONS = (
    *("ends", "loose_ends", "relatives", "sure_ends", "unsure_ends", "fillers", "answers", "courtesies"),
    *("greetings", "story_openers", "openers"),
    *("numbers", "number_names", "name_leads"),
)
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?")

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class TurnWords:
    """Phrases, each a tuple of words in lower case. A language without the file has none of any kind."""

    ends: frozenset[Phrase] = frozenset()
    loose_ends: frozenset[Phrase] = frozenset()
    relatives: frozenset[Phrase] = frozenset()
    sure_ends: frozenset[Phrase] = frozenset()
    unsure_ends: frozenset[Phrase] = frozenset()
    fillers: frozenset[Phrase] = frozenset()
    answers: frozenset[Phrase] = frozenset()
    courtesies: frozenset[Phrase] = frozenset()
    greetings: frozenset[Phrase] = frozenset()
    story_openers: frozenset[Phrase] = frozenset()
    openers: frozenset[Phrase] = frozenset()
    numbers: frozenset[Phrase] = frozenset()
    number_names: frozenset[Phrase] = frozenset()
    name_leads: frozenset[Phrase] = frozenset()


@cache
def turn_words(language: str) -> TurnWords:
    """The words of a language, read at the first call; none when it has no file. Raises BadLanguageData."""
    file = (
        resources.files("flows") / "languages" / language / "turn.yaml" if _TAG.fullmatch(language) else None
    )
    if file is None or not file.is_file():
        return TurnWords()
    return parse_turn_words(file.read_text(encoding="utf-8"), path=f"flows/languages/{language}/turn.yaml")


def parse_turn_words(text: str, *, path: str) -> TurnWords:
    """Read a turn file and check it. Raises BadLanguageData naming `path` and the line."""
    nodes = Nodes(path)
    sections = nodes.mapping(nodes.compose(text), required=_SECTIONS, optional=())
    return TurnWords(**{name: _phrases(node, nodes) for name, node in sections.items()})


def _phrases(node: yaml.Node, nodes: Nodes) -> frozenset[Phrase]:
    """A list of phrases, or a list of such lists; a phrase occurs once."""
    found: set[Phrase] = set()
    for item in nodes.sequence(node):
        texts: Sequence[str] = (
            nodes.texts(item) if isinstance(item, yaml.SequenceNode) else [nodes.text(item)]
        )
        for text in texts:
            phrase = tuple(text.split())
            if text != text.lower():
                raise nodes.fault(item, f"{text!r} is not in lower case")
            if phrase in found:
                raise nodes.fault(item, f"{text!r} occurs twice in this section")
            found.add(phrase)
    return frozenset(found)


def ending(words: Sequence[str], phrases: frozenset[Phrase]) -> Phrase:
    """The longest of `phrases` with which `words` end; () when there is none."""
    longest = max((len(phrase) for phrase in phrases), default=0)
    for length in range(min(longest, len(words)), 0, -1):
        if (phrase := tuple(words[-length:])) in phrases:
            return phrase
    return ()


def beginning(words: Sequence[str], phrases: frozenset[Phrase]) -> Phrase:
    """The longest of `phrases` with which `words` begin; () when there is none."""
    longest = max((len(phrase) for phrase in phrases), default=0)
    for length in range(min(longest, len(words)), 0, -1):
        if (phrase := tuple(words[:length])) in phrases:
            return phrase
    return ()
