"""What the line answers to words: which comes first, and what is remembered."""

import pytest

from flows.abuse import REACTION_MS, STRIKE_CONFIDENCE, Standing
from flows.answer import CRISIS_PROBABILITY, DANGER_PROBABILITY
from flows.commands import Command, Disposition, Flag, FlagKind, Rule, Say
from flows.events import Heard, SpeechStarted, TurnEnded
from flows.line import LineFacts
from flows.meaning.model import Evidence, Meaning
from flows.state import Mood, Stage
from tests.flows.dialogue import ABUSE, ANGER, Dialogue, clauses, lines, words


def warned() -> Dialogue:
    """A caller who has heard the warning."""
    call = Dialogue().answered()
    call.talk("you idiot", **ABUSE)
    assert call.state.standing is Standing.WARNED
    return call


def flags(commands: list[Command]) -> list[FlagKind]:
    return [command.kind for command in commands if isinstance(command, Flag)]


def test_a_crisis_comes_before_everything_else_that_was_said() -> None:
    commands = warned().says(
        "idiot, a person, I cannot go on", crisis=0.9, wants_person=True, danger_to_others=0.9, **ABUSE
    )
    assert flags(commands) == [FlagKind.CRISIS]
    assert "limit.end" not in clauses(commands)


def test_danger_comes_before_the_wish_for_a_person() -> None:
    commands = Dialogue().answered().says("a person or I hurt him", danger_to_others=0.9, wants_person=True)
    assert flags(commands) == [FlagKind.DANGER]


def test_who_asks_for_a_person_is_not_sent_away_whatever_else_was_said() -> None:
    call = warned()
    call.talk("a person, you idiot", wants_person=True, **ABUSE)
    assert [end.disposition for end in call.ends] == [Disposition.TRANSFERRED]


@pytest.mark.parametrize(
    ("label", "threshold"), [("crisis", CRISIS_PROBABILITY), ("danger_to_others", DANGER_PROBABILITY)]
)
def test_need_is_answered_from_its_threshold_on(label: str, threshold: float) -> None:
    assert flags(Dialogue().answered().says(**{label: threshold}))  # type: ignore[arg-type]
    assert not flags(Dialogue().answered().says(**{label: threshold - 0.001}))  # type: ignore[arg-type]


def test_an_insult_on_words_the_recogniser_doubts_is_met_with_empathy() -> None:
    commands = Dialogue().answered().says("you idiot", confidence=STRIKE_CONFIDENCE - 0.01, **ABUSE)
    assert "limit.warn" not in clauses(commands)
    assert "empathy.first" in clauses(commands)


def test_a_threat_is_warned_in_its_own_words_and_flagged() -> None:
    call = Dialogue().answered()
    commands = call.says("I will come and hurt you", threat=0.95, directed_abuse=0.9)
    assert call.state.said[-1].startswith("limit.warn.threat/")
    assert flags(commands) == [FlagKind.THREAT]


def test_abuse_that_began_before_the_warning_was_over_is_no_second_strike() -> None:
    call = warned()
    heard_ms = call.state.warning_heard_ms
    for start_ms, standing in ((heard_ms - REACTION_MS - 1, Standing.WARNED), (heard_ms, Standing.ENDING)):
        call.feed(SpeechStarted(heard_ms))
        call.feed(TurnEnded(heard_ms + 900, start_ms, heard_ms + 900))
        meaning = Meaning(directed_abuse=0.95)
        call.feed(Heard(heard_ms + 1_000, start_ms, heard_ms + 900, "you idiot", "en", 0.9, meaning))
        assert call.state.standing is standing


def test_abuse_over_the_warning_does_not_interrupt_it() -> None:
    call = Dialogue().answered()
    call.says("you idiot", **ABUSE)
    commands = call.says("you idiot", **ABUSE)
    assert lines(commands) == []
    assert call.state.standing is Standing.WARNING


def test_a_ruling_carries_the_evidence_of_its_own_label_alone() -> None:
    spoken = (
        Evidence("directed_abuse", "abuse.you_insult", "you idiot", 0.9),
        Evidence("anger", "anger.x", "!", 0.5),
    )
    commands = Dialogue().answered().says("you idiot", evidence=spoken, **ABUSE)
    (ruling,) = [command for command in commands if isinstance(command, Rule)]
    assert ruling.why.evidence == spoken[:1]


def test_a_caller_in_need_who_insults_is_answered_calmly() -> None:
    call = Dialogue(LineFacts(person_available=False)).answered()
    call.talk("I cannot go on", crisis=0.9)
    call.talk("you idiot", **ABUSE)
    assert call.state.stage is Stage.IN_NEED
    assert call.state.standing is Standing.SHIELDED
    assert call.ends == []


def test_a_caller_in_need_is_kept_company_whatever_they_say() -> None:
    call = Dialogue(LineFacts(person_available=False)).answered()
    call.talk("I cannot go on", crisis=0.9)
    said = [call.says("my parcel", intent="delivery"), call.says("a person", wants_person=True)]
    assert [len(lines(commands)) for commands in said] == [1, 1]
    assert all(phrase.startswith("safety.stay/") for phrase in call.state.said[-2:])
    assert call.state.stage is Stage.IN_NEED


@pytest.mark.parametrize(
    ("feeling", "mood"),
    [(ANGER, Mood.ANGRY), ({"distress": 0.9, "anger": 0.6}, Mood.DISTRESSED), ({}, Mood.NEUTRAL)],
)
def test_the_mood_is_the_stronger_feeling(feeling: dict[str, float], mood: Mood) -> None:
    call = Dialogue().answered()
    call.says("words", **feeling)
    assert call.state.mood is mood


def test_a_name_and_a_matter_are_remembered_when_later_words_hold_none() -> None:
    call = Dialogue().answered()
    call.talk("Mr. Smith, my parcel", intent="delivery", slots={"name": "Mr. Smith"})
    call.talk("something else", intent="other")
    call.talk("hm")
    assert (call.state.name, call.state.issue) == ("Mr Smith", "delivery")


def test_an_apology_leads_back_to_the_matter() -> None:
    call = Dialogue().answered()
    call.talk("an hour", intent="hold", **ANGER)
    call.talk("you idiot", **ABUSE)
    call.talk("sorry", apology=True)
    assert call.state.stage is Stage.OFFERED
    assert [command.situation for command in call.commands if isinstance(command, Rule)][-1] == "apology"


def test_an_apology_when_nobody_was_abusive_is_just_talk() -> None:
    commands = Dialogue().answered().says("sorry, my parcel is late", apology=True, intent="delivery")
    assert not [command for command in commands if isinstance(command, Rule)]
    assert "limit.forgive" not in clauses(commands)


@pytest.mark.parametrize("polite", [{"goodbye": True}, {"thanks": True}, {"backchannel": True}])
def test_politeness_during_the_goodbye_does_not_keep_the_line_open(polite: dict[str, bool]) -> None:
    call = Dialogue().answered()
    call.says("goodbye", goodbye=True)
    assert lines(call.says("bye", **polite)) == []
    call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.SERVED]


def test_words_during_a_transfer_do_not_stop_it() -> None:
    call = Dialogue().answered()
    call.says("a person", wants_person=True)
    assert lines(call.says("my parcel", intent="delivery")) == []
    call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.TRANSFERRED]


def test_the_farewell_for_abuse_invites_the_caller_to_call_again() -> None:
    commands = warned().says("you idiot", **ABUSE)
    (farewell,) = [command for command in commands if isinstance(command, Say)]
    assert farewell.protected
    assert "call us again" in words([farewell])


def test_an_insult_after_the_goodbye_is_no_reason_for_a_warning() -> None:
    call = Dialogue().answered()
    call.says("goodbye", goodbye=True)
    assert lines(call.says("you idiot", **ABUSE)) == []
    call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.SERVED]
