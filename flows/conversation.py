"""The talk itself: feeling first, then one full apology, then a concrete next step, then whether it settles it."""

from flows.closing import say_farewell
from flows.commands import PromiseCallback, Why
from flows.draft import Draft
from flows.events import Heard
from flows.handover import hand_to_person
from flows.meaning.model import Meaning, Wish, YesNo
from flows.phrases import phrases
from flows.state import Stage

UPSET_PROBABILITY = 0.5
SWEARING_PROBABILITY = 0.5
APOLOGIES = 2
"""At most so many in a call (`apology.scarce`)."""

CLARIFICATIONS = 2
"""So often the line asks what it is about before it offers a person's help anyway."""

REFUSALS = 2
"""So many refused offers lead to a supervisor (scenario `contested`)."""


def converse(draft: Draft, heard: Heard) -> None:
    """Answer an utterance that is neither an emergency nor abuse."""
    meaning = heard.meaning
    if meaning.backchannel and (draft.state.outstanding or not _is_question_open(draft)):
        return
    draft.hush(why=Why("listen.barge_in"))
    if meaning.wants_repeat:
        _say_again(draft)
    elif _is_upset(meaning) and not meaning.wants_callback:
        _acknowledge(draft, meaning)
    elif meaning.wants_callback:
        _accept_callback(draft)
    elif meaning.goodbye:
        say_farewell(draft, why=Why("close.goodbye"))
    elif draft.state.stage is Stage.NUMBERING:
        _on_number(draft, meaning)
    elif draft.state.stage is Stage.NAMING:
        _promise_callback(draft)
    elif draft.state.stage is Stage.OFFERED and meaning.yes_no is not YesNo.NONE:
        _on_answer_to_offer(draft, meaning)
    elif draft.state.stage is Stage.CHECKING and (meaning.yes_no is not YesNo.NONE or meaning.thanks):
        _on_answer_to_check(draft, meaning)
    elif meaning.intent != "none":
        _acknowledge(draft, meaning)
    elif meaning.thanks:
        draft.change(stage=Stage.CHECKING, expecting="yes_no")
        draft.say("thanks.caller", "check.anything_else", why=Why("close.check"))
    else:
        _clarify(draft, meaning)


def _is_upset(meaning: Meaning) -> bool:
    """Anger, distress, or abuse that is not certain enough for a strike: all are met with empathy."""
    feelings = (meaning.anger, meaning.distress, meaning.directed_abuse, meaning.threat)
    return max(feelings) >= UPSET_PROBABILITY or meaning.swearing >= SWEARING_PROBABILITY


def _is_question_open(draft: Draft) -> bool:
    """Whether "mm-hm" may be an answer: something was offered or asked."""
    return draft.state.expecting == "yes_no"


def _acknowledge(draft: Draft, meaning: Meaning) -> None:
    """Meet the feeling, if there is one, and offer a way forward in the same turn (`solve.core`)."""
    state = draft.state
    issue = state.issue if state.issue != "none" else "other"
    upset = _is_upset(meaning)
    keys: list[str] = []
    if not upset:
        keys.append("understood.issue")
    elif max(meaning.anger, meaning.distress, meaning.directed_abuse, meaning.threat) >= UPSET_PROBABILITY:
        keys.append(_fresh(draft, f"empathy.{issue}", "empathy.other"))
    else:
        keys.append("empathy.agree")
    if upset and state.apologies < APOLOGIES and issue not in state.issues_met and state.issue != "none":
        keys.append(_known(draft, f"apology.{issue}", "apology.other"))
        draft.change(apologies=state.apologies + 1, issues_met=(*state.issues_met, issue))
    elif upset and issue == "hold" and "rapport.hold/0" not in state.said:
        keys.append("rapport.hold")
    rule = "empathy.first" if upset else "solve.core"
    why = Why(rule, meaning.evidence)
    if state.issue == "none" and state.clarifications < CLARIFICATIONS:
        draft.change(clarifications=state.clarifications + 1, expecting="issue")
        keys.append("clarify.vent" if meaning.wish is Wish.VENT else "clarify.issue")
    else:
        keys.append(_next_step(draft))
    draft.say(*keys, why=why)


def _next_step(draft: Draft) -> str:
    """The offer that fits: a call back or a person, or, once promised, whether anything else is needed."""
    state = draft.state
    if state.callback_promised:
        draft.change(stage=Stage.CHECKING, expecting="yes_no")
        return "check.anything_else"
    choice = state.line.person_available
    draft.change(stage=Stage.OFFERED, offered_choice=choice, expecting="choice" if choice else "yes_no")
    return "offer.callback_or_person" if choice else "offer.callback"


def _on_answer_to_offer(draft: Draft, meaning: Meaning) -> None:
    """Yes or no to a call back, or to "a call back or a person?"."""
    why = Why("solve.core", meaning.evidence)
    if meaning.yes_no is YesNo.YES:
        if draft.state.offered_choice:
            draft.change(offered_choice=False, expecting="yes_no")
            draft.say("offer.callback", why=why)
        else:
            _accept_callback(draft)
        return
    _on_refusal(draft, why=why)


def _on_refusal(draft: Draft, *, why: Why) -> None:
    """What was offered is not wanted: ask what would help; refused twice, a supervisor (`solve.escalate`)."""
    draft.change(refusals=draft.state.refusals + 1)
    if draft.state.refusals >= REFUSALS:
        hand_to_person(draft, "handover.supervisor", why=Why("solve.escalate.refused", why.evidence))
    else:
        draft.change(stage=Stage.OPEN, expecting="issue")
        draft.say("offer.more", why=why)


def _accept_callback(draft: Draft) -> None:
    """A call back is wanted; the name is asked once, for the note."""
    if draft.state.callback_promised:
        draft.change(stage=Stage.CHECKING, expecting="yes_no")
        draft.say("check.anything_else", why=Why("close.check"))
    elif not (draft.state.line.caller_reachable or draft.state.number):
        draft.change(stage=Stage.NUMBERING, expecting="phone_number")
        draft.say("ask.number", why=Why("close.commit"))
    elif draft.state.name:
        _promise_callback(draft)
    else:
        draft.change(stage=Stage.NAMING, expecting="name")
        draft.say("ask.name", why=Why("close.commit"))


def _promise_callback(draft: Draft) -> None:
    """The promise is made and is a row in the store before the caller hears it (`close.commit`)."""
    why = Why("close.commit")
    state = draft.state
    draft.add(PromiseCallback(why, about=state.issue, number=state.number))
    draft.change(callback_promised=True, stage=Stage.CHECKING, expecting="yes_no")
    named = "promise.callback.named" if state.name else "promise.callback"
    keys = ["promise.callback.number" if state.number else named]
    if draft.state.issues_met and not any(said.startswith("thanks.complaint") for said in draft.state.said):
        keys.append("thanks.complaint")
    draft.say(*keys, "check.satisfied", why=why)


def _on_number(draft: Draft, meaning: Meaning) -> None:
    """The caller's number is withheld: take the one that is given, or go on without a call back."""
    number = meaning.slots.get("phone_number", "")
    if number:
        draft.change(number=number)
        _accept_callback(draft)
    else:
        _on_refusal(draft, why=Why("close.commit.no_number", meaning.evidence))


def _on_answer_to_check(draft: Draft, meaning: Meaning) -> None:
    """Is the caller content, or is there anything else?"""
    last = draft.state.last_line
    asked_for_more = last is not None and any(said.startswith("check.anything_else") for said in last.phrases)
    no = meaning.yes_no in {YesNo.NO, YesNo.REFUSE}
    why = Why("close.check", meaning.evidence)
    if meaning.thanks or (no if asked_for_more else meaning.yes_no is YesNo.YES):
        say_farewell(draft, why=why)
    elif no:
        _on_refusal(draft, why=why)
    else:
        draft.change(stage=Stage.OPEN, expecting="issue")
        draft.say("offer.more", why=why)


def _clarify(draft: Draft, meaning: Meaning) -> None:
    """Nothing was understood that helps: ask, and after asking twice offer a person's help all the same."""
    why = Why("listen.needs", meaning.evidence)
    if draft.state.clarifications < CLARIFICATIONS and draft.state.issue == "none":
        draft.change(clarifications=draft.state.clarifications + 1, expecting="issue")
        draft.say("clarify.vent" if meaning.wish is Wish.VENT else "clarify.issue", why=why)
    else:
        draft.say("understood.issue", _next_step(draft), why=why)


def _say_again(draft: Draft) -> None:
    """The caller asked to hear it again: the same words, announced."""
    why = Why("listen.repeat")
    last = draft.state.last_line
    if last is None:
        draft.say("greeting.open", why=why)
    else:
        draft.say("repeat.lead", why=why)
        draft.say_again(last, why=why)


def _fresh(draft: Draft, key: str, otherwise: str) -> str:
    """`key`, while it has a wording that this call has not used; else `otherwise` (`empathy.varied`)."""
    phrase = phrases(draft.state.line.language).get(key)
    used = sum(said.startswith(f"{key}/") for said in draft.state.said)
    return key if phrase is not None and used < len(phrase.variants) else otherwise


def _known(draft: Draft, key: str, otherwise: str) -> str:
    """`key`, if the language has it; else `otherwise`."""
    return key if key in phrases(draft.state.line.language) else otherwise
