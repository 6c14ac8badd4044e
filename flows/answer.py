"""What the line answers to words: safety first, then a wish for a person, then the abuse policy, then the talk."""

from flows.abuse import REACTION_MS, Act, Situation, Standing, is_strike
from flows.closing import end_now
from flows.commands import Disposition, Flag, FlagKind, Why
from flows.conversation import converse
from flows.draft import Draft
from flows.events import Heard
from flows.handover import hand_over_in_need, hand_to_person
from flows.meaning.model import Meaning, YesNo
from flows.policy import apply_policy
from flows.state import Mood, Purpose, Stage

CRISIS_PROBABILITY = 0.5
"""Missing a cry for help is the worst error, so doubt is enough."""

DANGER_PROBABILITY = 0.6
UPSET_PROBABILITY = 0.5


def answer(draft: Draft, heard: Heard) -> None:
    """Answer one utterance."""
    meaning = heard.meaning
    if meaning.crisis >= CRISIS_PROBABILITY:
        apply_policy(draft, Situation.PERSON_NEEDED, why=_why("safety.crisis", meaning, "crisis"))
        hand_over_in_need(draft, FlagKind.CRISIS, why=_why("safety.crisis", meaning, "crisis"))
    elif meaning.danger_to_others >= DANGER_PROBABILITY:
        apply_policy(draft, Situation.PERSON_NEEDED, why=_why("safety.threat", meaning, "danger_to_others"))
        hand_over_in_need(draft, FlagKind.DANGER, why=_why("safety.threat", meaning, "danger_to_others"))
    elif meaning.wants_person and draft.state.stage is not Stage.IN_NEED:
        apply_policy(draft, Situation.PERSON_NEEDED, why=_why("solve.escalate", meaning, "wants_person"))
        hand_to_person(draft, "handover.person", why=_why("solve.escalate", meaning, "wants_person"))
    elif draft.state.standing is Standing.ENDING:
        _end_if_nothing_is_left(draft)
    elif draft.state.stage is Stage.CLOSING:
        _on_words_after_goodbye(draft, heard)
    elif is_strike(meaning, confidence=heard.confidence):
        _on_abuse(draft, heard)
    elif draft.state.stage is Stage.IN_NEED:
        draft.hush(why=Why("safety.stay"))
        draft.say("safety.stay", why=Why("safety.stay"))
    else:
        _remember(draft, meaning)
        if meaning.apology and draft.state.standing is not Standing.CLEAR:
            _acknowledge_apology(draft, meaning)
        else:
            converse(draft, heard)


def _on_abuse(draft: Draft, heard: Heard) -> None:
    """Directed abuse: the table rules (`limit.warn`, `limit.end`)."""
    meaning, state = heard.meaning, draft.state
    threat = meaning.threat >= meaning.directed_abuse
    why = _why("limit.warn", meaning, "threat" if threat else "directed_abuse")
    if threat:
        draft.add(Flag(why, FlagKind.THREAT))
    over_warning = state.standing is Standing.WARNING or (
        state.standing is Standing.WARNED and heard.start_ms + REACTION_MS < state.warning_heard_ms
    )
    situation = Situation.ABUSE_OVER_WARNING if over_warning else Situation.ABUSE
    act = apply_policy(draft, situation, why=why)
    if act is Act.WARN:
        draft.change(mood=Mood.ANGRY)
        draft.hush(why=why)
        key = "limit.warn.threat" if threat else "limit.warn"
        draft.say(key, why=why, purpose=Purpose.WARNING, protected=True)
    elif act is Act.SAY_FAREWELL:
        draft.hush(why=why)
        draft.change(stage=Stage.CLOSING)
        draft.say(
            "limit.end.threat" if threat else "limit.end",
            why=_why("limit.end", meaning, "threat" if threat else "directed_abuse"),
            purpose=Purpose.ABUSE_FAREWELL,
            protected=True,
            ends_with=Disposition.ENDED_FOR_ABUSE,
        )
    elif act is Act.STAY_CALM:
        if not draft.state.outstanding:
            draft.say("limit.calm", why=Why("calm.personal"))
    elif not draft.state.outstanding:
        draft.say("limit.resume", why=Why("limit.warn.resume"))


def _acknowledge_apology(draft: Draft, meaning: Meaning) -> None:
    """A caller's apology is acknowledged and logged (`limit.forgive`), and the work goes on."""
    why = _why("limit.forgive", meaning, "apology")
    apply_policy(draft, Situation.APOLOGY, why=why)
    draft.hush(why=why)
    if draft.state.issue == "none":
        draft.say("limit.apology", "clarify.issue", why=why)
    elif draft.state.callback_promised:
        draft.change(stage=Stage.CHECKING, expecting="yes_no")
        draft.say("limit.apology", "check.anything_else", why=why)
    else:
        draft.change(stage=Stage.OFFERED, offered_choice=False, expecting="yes_no")
        draft.say("limit.apology", "offer.callback", why=why)


def _on_words_after_goodbye(draft: Draft, heard: Heard) -> None:
    """The goodbye is being said, or was just heard, and the caller says something."""
    meaning = heard.meaning
    politeness = meaning.goodbye or meaning.thanks or meaning.backchannel or meaning.yes_no is YesNo.YES
    # An insult shouted after the goodbye needs no warning: the call is over.
    done = politeness or is_strike(meaning, confidence=heard.confidence)
    being_transferred = any(line.ends_with is Disposition.TRANSFERRED for line in draft.state.outstanding)
    if done or being_transferred:
        _end_if_nothing_is_left(draft)
        return
    # The caller is not done: the goodbye, if still playing, no longer ends the call.
    lines = tuple(
        line.as_talk() if line.purpose is Purpose.LAST_WORDS else line for line in draft.state.outstanding
    )
    draft.change(outstanding=lines, ending=None, stage=Stage.OPEN)
    converse(draft, heard)


def _end_if_nothing_is_left(draft: Draft) -> None:
    """End a call that only waited for these words."""
    held = draft.state.ending
    if held and not (draft.state.caller_speaking or draft.state.turns_without_words):
        end_now(draft, held.disposition, why=Why("close.nothing_more"), acknowledged=held.acknowledged)


def _remember(draft: Draft, meaning: Meaning) -> None:
    """Keep the name and the issue, and how the caller sounds."""
    if name := meaning.slots.get("name"):
        draft.change(name=name.replace(".", ""))
    if meaning.intent not in {"none", "other"}:
        draft.change(issue=meaning.intent)
    elif meaning.intent == "other" and draft.state.issue == "none":
        draft.change(issue="other")
    upset = max(meaning.anger, meaning.directed_abuse)
    if meaning.distress >= UPSET_PROBABILITY and meaning.distress >= upset:
        draft.change(mood=Mood.DISTRESSED)
    elif upset >= UPSET_PROBABILITY:
        draft.change(mood=Mood.ANGRY)
    else:
        draft.change(mood=Mood.NEUTRAL)


def _why(rule: str, meaning: Meaning, label: str) -> Why:
    """A reason with the evidence for one label."""
    return Why(rule, tuple(evidence for evidence in meaning.evidence if evidence.label == label))
