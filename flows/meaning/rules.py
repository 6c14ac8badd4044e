"""What a language's data file holds, as frozen data: lists of words, rules, shields and slots."""

from collections.abc import Iterable
from dataclasses import dataclass

from flows.meaning.patterns import Pattern
from flows.meaning.spelling import Spelling


@dataclass(frozen=True)
class Rule:
    """A reason for a label. When a pattern matches, the label holds with probability `weight`, by this rule alone.

    A negative weight speaks against: it takes that share of the probability away. A rule counts once however often it
    matches.
    """

    id: str
    label: str
    weight: float
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True)
class Shield:
    """Words that take rude words out of the caller's own mouth: a quote, an idiom, a surname, a washing machine.

    `hides` lists the labels it works for. It covers its own match or, when `to_the_end`, also what follows in the
    sentence, up to a phrase of the list `turns` ("but you").
    """

    id: str
    hides: frozenset[str]
    to_the_end: bool
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True)
class Index:
    """Rules or shields and where to look for them: the patterns that each word can set off."""

    by_word: dict[str, tuple[tuple[str, Pattern], ...]]

    def candidates(self, words: Iterable[str]) -> list[tuple[str, Pattern]]:
        """The (id, pattern) pairs that can match among these words, each once, in the file's order."""
        found: dict[tuple[str, str], Pattern] = {}
        for word in sorted(set(words)):
            for name, pattern in self.by_word.get(word, ()):
                found.setdefault((name, pattern.source), pattern)
        return [(name, pattern) for (name, _), pattern in found.items()]


@dataclass(frozen=True)
class Issue:
    """How an intent's matter is named to the caller ("the wait") when a pattern of it matches."""

    intent: str
    name: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True)
class Language:
    """One language's knowledge. Built by the loader, never changed."""

    tag: str
    spelling: Spelling
    lists: dict[str, tuple[str, ...]]
    rules: dict[str, Rule]
    rule_index: Index
    shields: dict[str, Shield]
    shield_index: Index
    issues: tuple[Issue, ...]
    digits: dict[str, str]
    repeats: dict[str, int]


def index_of(owners: Iterable[Rule | Shield]) -> Index:
    """Index every pattern of these rules or shields under each word that can set it off."""
    by_word: dict[str, list[tuple[str, Pattern]]] = {}
    for owner in owners:
        for pattern in owner.patterns:
            for word in pattern.triggers:
                by_word.setdefault(word, []).append((owner.id, pattern))
    return Index({word: tuple(pairs) for word, pairs in by_word.items()})
