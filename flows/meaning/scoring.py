"""Which rules match an utterance, what shields take away, and the probability that is left.

Formula: p = (1 - product(1 - w)) * product(1 - d) over the rules that push (w > 0) and those that pull (weight -d),
the noisy-or of causes that work independently (Pearl 1988, section 4.3.2). Of rules that read the same words only
the strongest counts, since they are not independent.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import prod

from flows.meaning.model import Evidence
from flows.meaning.patterns import Pattern
from flows.meaning.rules import Language, Shield
from flows.meaning.tokens import BREAK, Utterance

PLACES = 3
# Shields found by other means than the language's patterns carry these ids.
QUOTATION_MARKS = "quote.marks"
NAME_SPOKEN = "name.spoken"
_IN_QUOTES = frozenset({"directed_abuse", "threat", "danger_to_others"})
# A name must never silence a cry for help or a threat.
_IN_NAMES = frozenset({"directed_abuse", "swearing"})


@dataclass(frozen=True)
class Span:
    """The tokens from `first` up to, not including, `last`."""

    first: int
    last: int

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a token."""
        return self.first < other.last and other.first < self.last


@dataclass(frozen=True)
class Hit:
    """A rule that matched, where it matched, and the shield that hides it ("" for none)."""

    rule: str
    label: str
    weight: float
    span: Span
    hidden_by: str = ""


@dataclass(frozen=True)
class Cover:
    """A shield's stretch of an utterance."""

    shield: str
    hides: frozenset[str]
    span: Span


def find_hits(utterance: Utterance, language: Language, *, names: Iterable[Span] = ()) -> tuple[Hit, ...]:
    """Every match of every rule, with its shield if it has one. `names` are spoken names; they insult nobody."""
    covers = _find_covers(utterance, language, names)
    hits = []
    for rule_id, pattern in language.rule_index.candidates(utterance.words()):
        rule = language.rules[rule_id]
        for span in _spans(pattern, utterance):
            hidden = next((c.shield for c in covers if rule.label in c.hides and c.span.overlaps(span)), "")
            hits.append(Hit(rule.id, rule.label, rule.weight, span, hidden))
    return tuple(hits)


def probability(label: str, hits: Iterable[Hit], utterance: Utterance) -> tuple[float, tuple[Evidence, ...]]:
    """The probability of a label, rounded to PLACES, and what spoke for and against it, strongest first."""
    counted: list[Hit] = []
    evidence: list[Evidence] = []
    for hit in sorted(
        (h for h in hits if h.label == label), key=lambda h: (-abs(h.weight), h.span.first, h.rule)
    ):
        if any(hit.rule == other.rule or _same_words(hit, other) for other in counted):
            continue
        counted.append(hit)
        words = utterance.slice(hit.span.first, hit.span.last)
        if hit.hidden_by:
            evidence.append(Evidence(label, f"{hit.rule} / {hit.hidden_by}", words, 0.0))
        else:
            evidence.append(Evidence(label, hit.rule, words, hit.weight))
    open_hits = [hit.weight for hit in counted if not hit.hidden_by]
    push = 1.0 - prod(1.0 - weight for weight in open_hits if weight > 0)
    pull = prod(1.0 + weight for weight in open_hits if weight < 0)
    return round(push * pull, PLACES), tuple(evidence)


def matched(label: str, hits: Iterable[Hit]) -> Hit | None:
    """The first open hit of a label in the utterance, or None."""
    return min(
        (h for h in hits if h.label == label and not h.hidden_by), key=lambda h: h.span.first, default=None
    )


def find_pattern(pattern: Pattern, utterance: Utterance) -> Span | None:
    """Where one pattern matches first, or None."""
    return next(iter(_spans(pattern, utterance)), None) if pattern.triggers & set(utterance.words()) else None


def _same_words(hit: Hit, other: Hit) -> bool:
    """Whether a weaker hit only reads again what a stronger one has read; pulling is never the same as pushing."""
    return hit.span.overlaps(other.span) and (hit.weight > 0) == (other.weight > 0)


def _spans(pattern: Pattern, utterance: Utterance) -> list[Span]:
    """Every place where a pattern matches, as tokens."""
    found = []
    for match in pattern.regex.finditer(utterance.line):
        first = bisect_right(utterance.starts, match.start()) - 1
        last = bisect_right(utterance.starts, max(match.end() - 1, match.start()))
        found.append(Span(first, last))
    return found


def _find_covers(utterance: Utterance, language: Language, names: Iterable[Span]) -> list[Cover]:
    """All shields in an utterance: the language's, spoken names, and what stands between quotation marks."""
    covers = [Cover(NAME_SPOKEN, _IN_NAMES, span) for span in names]
    covers += _quotation_marks(utterance)
    for shield_id, pattern in language.shield_index.candidates(utterance.words()):
        shield = language.shields[shield_id]
        for span in _spans(pattern, utterance):
            covers.append(Cover(shield.id, shield.hides, _extend(span, shield, utterance, language)))
    return covers


def _quotation_marks(utterance: Utterance) -> list[Cover]:
    """Quoted tokens are somebody else's words, unless the whole utterance stands in quotation marks."""
    if all(token.quoted for token in utterance.tokens if token.end > token.start):
        return []
    covers = []
    for quoted, run in groupby(enumerate(utterance.tokens), key=lambda pair: pair[1].quoted):
        places = [at for at, _ in run]
        if quoted:
            covers.append(Cover(QUOTATION_MARKS, _IN_QUOTES, Span(places[0], places[-1] + 1)))
    return covers


def _extend(span: Span, shield: Shield, utterance: Utterance, language: Language) -> Span:
    """Carry a quote on to the end of its sentence, or to a phrase that turns back to the listener."""
    if not shield.to_the_end:
        return span
    turns = tuple(phrase.split() for phrase in language.lists.get("turns", ()))
    words = [token.word for token in utterance.tokens]
    last = span.last
    while last < len(words) and words[last] != BREAK:
        if any(words[last : last + len(turn)] == turn for turn in turns):
            break
        last += 1
    return Span(span.first, last)
