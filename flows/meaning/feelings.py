"""Anger, distress, swearing, a cry for help, and what the caller wants first (`listen.needs`)."""

import re

from flows.meaning.model import Evidence, Wish
from flows.meaning.scoring import PLACES, Hit, matched, probability
from flows.meaning.tokens import Utterance

_LABELS = ("swearing", "anger", "distress", "crisis")
VENTING_ANGER = 0.5
# Written loudness is weak evidence: most recognisers write neither capitals nor exclamation marks.
_CAPITALS, _EXCLAMATIONS = 0.3, 0.25
_WORD_IN_CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
_LOWER_CASE = re.compile(r"[a-z]")


def judge_feelings(
    hits: tuple[Hit, ...], utterance: Utterance
) -> tuple[dict[str, float], tuple[Evidence, ...]]:
    """Probabilities of swearing, anger, distress and crisis, with their evidence."""
    scores: dict[str, float] = {}
    evidence: list[Evidence] = []
    for label in _LABELS:
        scores[label], reasons = probability(label, hits, utterance)
        evidence += reasons
    for loud in _loudness(utterance.text):
        scores["anger"] = round(1.0 - (1.0 - scores["anger"]) * (1.0 - loud.weight), PLACES)
        evidence.append(loud)
    return scores, tuple(evidence)


def judge_wish(hits: tuple[Hit, ...], *, anger: float, asks: bool) -> Wish:
    """Compensation before respect before venting; venting is anger that asks for nothing."""
    if matched("wish_compensation", hits):
        return Wish.COMPENSATION
    if matched("wish_respect", hits):
        return Wish.RESPECT
    return Wish.VENT if anger >= VENTING_ANGER and not asks else Wish.NONE


def _loudness(text: str) -> list[Evidence]:
    """Evidence of shouting in the way the text is written."""
    found = []
    capitals = _WORD_IN_CAPITALS.findall(text)
    if len(capitals) >= 3 and not _LOWER_CASE.search(text):
        found.append(Evidence("anger", "anger.capitals", capitals[0], _CAPITALS))
    if text.count("!") >= 2:
        found.append(Evidence("anger", "anger.exclamations", "!", _EXCLAMATIONS))
    return found
