"""The first judgement of an utterance: one text in, one Meaning out."""

from flows.meaning.address import judge_address
from flows.meaning.feelings import judge_feelings, judge_wish
from flows.meaning.lexicon import load_language
from flows.meaning.model import Meaning
from flows.meaning.requests import is_backchannel, judge_answer, judge_flags, judge_intent
from flows.meaning.scoring import find_hits
from flows.meaning.slots import find_names, find_slots
from flows.meaning.tokens import read


def understand(text: str, *, language: str = "en", expecting: str = "") -> Meaning:
    """Judge one utterance by the rules of its language.

    `text` is a recogniser's final transcript, of any length and content. `expecting` is what the line asked last: ""
    for nothing, "yes_no", "choice", "name" or "issue"; it decides what a short answer means. Pure and deterministic:
    equal arguments give an equal Meaning. Raises UnknownLanguage, and BadLanguageData at the first use of a language.
    """
    knowledge = load_language(language)
    utterance = read(text, knowledge.spelling)
    first_look = find_hits(utterance, knowledge)
    names = find_names(first_look, utterance, knowledge, expecting=expecting)
    hits = find_hits(utterance, knowledge, names=names) if names else first_look
    feelings, feelings_evidence = judge_feelings(hits, utterance)
    address, address_evidence = judge_address(hits, utterance, crisis=feelings["crisis"])
    flags, flags_evidence = judge_flags(hits, utterance)
    answer, answer_evidence = judge_answer(hits, utterance, expecting=expecting)
    intent, intent_evidence = judge_intent(hits, utterance)
    asks = flags["wants_person"] or flags["wants_callback"]
    introduced = expecting == "name" or any(hit.label == "name" for hit in hits)
    return Meaning(
        directed_abuse=address["directed_abuse"],
        threat=address["threat"],
        danger_to_others=address["danger_to_others"],
        swearing=feelings["swearing"],
        anger=feelings["anger"],
        distress=feelings["distress"],
        crisis=feelings["crisis"],
        yes_no=answer,
        wants_person=flags["wants_person"],
        wants_callback=flags["wants_callback"],
        wants_repeat=flags["wants_repeat"],
        apology=flags["apology"],
        thanks=flags["thanks"],
        goodbye=flags["goodbye"],
        backchannel=is_backchannel(hits, expecting=expecting),
        wish=judge_wish(hits, anger=feelings["anger"], asks=asks),
        intent=intent,
        slots=find_slots(utterance, knowledge, names=names, introduced=introduced, intent=intent),
        evidence=(*address_evidence, *feelings_evidence, *flags_evidence, *answer_evidence, *intent_evidence),
    )
