"""What the caller asks of the call: yes or no, a person, a call-back, a repeat, and what it is about."""

from flows.meaning.lexicon import INTENT, INTENTS
from flows.meaning.model import Evidence, YesNo
from flows.meaning.scoring import Hit, matched, probability
from flows.meaning.tokens import Utterance

FLAGS = ("wants_person", "wants_callback", "wants_repeat", "apology", "thanks", "goodbye")
_SHORT_ANSWER_WORDS = 3


def judge_flags(hits: tuple[Hit, ...], utterance: Utterance) -> tuple[dict[str, bool], tuple[Evidence, ...]]:
    """The requests and courtesies of an utterance, with the words that show them."""
    found = {label: matched(label, hits) for label in FLAGS}
    evidence = tuple(
        Evidence(label, hit.rule, utterance.slice(hit.span.first, hit.span.last), 1.0)
        for label, hit in found.items()
        if hit
    )
    return {label: hit is not None for label, hit in found.items()}, evidence


def judge_answer(
    hits: tuple[Hit, ...], utterance: Utterance, *, expecting: str
) -> tuple[YesNo, tuple[Evidence, ...]]:
    """Yes, no or refused. A "no" that says yes ("no, that's fine") is a yes; a refusal is firmer than a no.

    An answer stands at the beginning ("yes, do that"); when a yes or no was asked for, or hardly a word was said, also
    at the end ("well if you say so yes"). A refusal counts where a yes or no was asked for, or in a short answer.
    """
    asked = expecting == "yes_no" or len(utterance.words()) <= _SHORT_ANSWER_WORDS
    order = [("yes", YesNo.YES), ("no", YesNo.NO)]
    if asked:
        order = [("refuse", YesNo.REFUSE), *order, ("short_no", YesNo.NO)]
    although = _although(hits)
    if although:
        order = [("short_yes", YesNo.YES), *order]
    elif asked:
        order.append(("short_yes", YesNo.YES))
    for label, answer in order:
        hit = matched(label, hits)
        if hit:
            words = utterance.slice(hit.span.first, hit.span.last)
            return answer, (Evidence("yes_no", hit.rule, words, 1.0),)
    return YesNo.NONE, ()


def is_backchannel(hits: tuple[Hit, ...], *, expecting: str) -> bool:
    """Whether the caller only shows that he listens. Where a yes or no was asked for, "okay" is an answer."""
    return expecting != "yes_no" and matched("backchannel", hits) is not None


def judge_intent(hits: tuple[Hit, ...], utterance: Utterance) -> tuple[str, tuple[Evidence, ...]]:
    """The strongest intent, on a draw the one that INTENTS lists first; "none" when nothing was asked or told."""
    best, best_score = "none", 0.0
    best_evidence: tuple[Evidence, ...] = ()
    for intent in INTENTS:
        score, evidence = probability(f"{INTENT}{intent}", hits, utterance)
        if score > best_score:
            best, best_score, best_evidence = intent, score, evidence
    return best, tuple(
        Evidence("intent", reason.rule, reason.words, reason.weight) for reason in best_evidence
    )


def _although(hits: tuple[Hit, ...]) -> bool:
    """Whether a no is followed by its opposite."""
    hit = matched("short_yes", hits)
    return hit is not None and hit.rule.endswith("although_no")
