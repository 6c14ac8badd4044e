"""The talk: feeling first, one full apology, a next step, a promise that is kept, a check."""

from flows.commands import Disposition, PromiseCallback
from flows.line import LineFacts
from flows.meaning.model import Wish, YesNo
from flows.state import Stage
from tests.flows.dialogue import ANGER, Dialogue, clauses, lines, words


def waiting(**facts: object) -> Dialogue:
    """A caller who has just said that they waited too long."""
    call = Dialogue(LineFacts(**facts)).answered()  # type: ignore[arg-type]
    call.talk("I have been waiting for an hour", intent="hold", **ANGER)
    return call


def test_an_angry_caller_is_acknowledged_in_the_very_next_line_with_a_next_step() -> None:
    call = Dialogue().answered()
    said = clauses(call.says("I have been waiting for an hour", intent="hold", **ANGER))
    assert said[:2] == ["empathy.first", "empathy.specific"]
    assert "apology.full" in said
    assert said[-1] == "solve.core"


def test_a_neutral_caller_gets_no_empathy_and_no_apology() -> None:
    said = clauses(Dialogue().answered().says("my parcel is late", intent="delivery"))
    assert not {"empathy.first", "apology.full"} & set(said)
    assert "solve.core" in said


def test_swearing_at_the_situation_is_agreed_with_and_is_no_strike() -> None:
    commands = Dialogue().answered().says("this damn machine", swearing=0.9, intent="returns")
    assert "empathy.agree" in clauses(commands)
    assert "limit.warn" not in clauses(commands)


def test_the_same_matter_is_apologised_for_once() -> None:
    call = waiting()
    assert "apology.full" not in call.talk("an hour, do you hear", intent="hold", **ANGER)


def test_a_call_has_at_most_two_apologies() -> None:
    call = Dialogue().answered()
    said = [
        clause
        for issue in ("hold", "returns", "delivery", "billing")
        for clause in call.talk("and another thing", intent=issue, **ANGER)
    ]
    assert said.count("apology.full") == 2


def test_no_wording_of_empathy_comes_twice() -> None:
    call = Dialogue().answered()
    for _ in range(6):
        call.talk("an hour", intent="hold", **ANGER)
    empathy = [phrase for phrase in call.state.said if phrase.startswith("empathy.")]
    assert len(empathy) == len(set(empathy)) == 6


def test_the_name_is_used_in_the_apology_when_it_is_known() -> None:
    commands = (
        Dialogue().answered().says("it is Mr. Smith", intent="hold", slots={"name": "Mr. Smith"}, **ANGER)
    )
    assert "so long, Mr Smith." in words(commands)


def test_a_caller_who_vents_without_a_matter_is_asked_to_go_on() -> None:
    commands = Dialogue().answered().says("this is unbelievable", wish=Wish.VENT, **ANGER)
    assert "listen.patient" in clauses(commands)


def test_a_call_back_is_promised_after_asking_for_the_name_once() -> None:
    call = waiting()
    assert call.talk("call me back please", wants_callback=True) == ["close.commit"]
    commands = call.says("Anna Smith", slots={"name": "Anna Smith"})
    assert [command.about for command in commands if isinstance(command, PromiseCallback)] == ["hold"]
    assert "Anna Smith" in words(commands)
    assert "close.check" in clauses(commands)


def test_a_complaint_is_thanked_for_when_the_promise_is_made() -> None:
    call = waiting()
    call.talk("call me back please", wants_callback=True)
    assert "apology.thanks" in clauses(call.says("I would rather not say"))


def test_a_bare_yes_to_a_choice_is_asked_about() -> None:
    call = waiting()
    call.talk("yes", yes_no=YesNo.YES)
    assert not any(isinstance(command, PromiseCallback) for command in call.commands)
    call.talk("yes", yes_no=YesNo.YES)
    call.talk("Anna", slots={"name": "Anna"})
    assert sum(isinstance(command, PromiseCallback) for command in call.commands) == 1


def test_a_satisfied_caller_is_thanked_and_the_call_ends() -> None:
    call = waiting()
    call.talk("call me back please", wants_callback=True)
    call.talk("Anna", slots={"name": "Anna"})
    call.talk("yes, thank you", yes_no=YesNo.YES, thanks=True)
    assert [end.disposition for end in call.ends] == [Disposition.CALLBACK]


def test_an_offer_refused_twice_goes_to_a_supervisor() -> None:
    call = waiting()
    call.talk("no", yes_no=YesNo.NO)
    call.talk("my parcel", intent="delivery")
    assert "solve.escalate" in clauses(call.says("no", yes_no=YesNo.REFUSE))
    call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.TRANSFERRED]


def test_without_a_person_the_offer_is_a_call_back_alone() -> None:
    call = Dialogue(LineFacts(person_available=False)).answered()
    commands = call.says("an hour", intent="hold", **ANGER)
    assert "put you through" not in words(commands)


def test_a_person_is_announced_before_the_transfer() -> None:
    call = waiting()
    assert "solve.hold" in clauses(call.says("a person please", wants_person=True))


def test_a_wish_for_a_person_without_one_becomes_a_promise_and_the_call_goes_on() -> None:
    call = Dialogue(LineFacts(person_available=False)).answered()
    call.talk("a person please", wants_person=True)
    assert any(isinstance(command, PromiseCallback) for command in call.commands)
    assert call.ends == []


def test_a_line_is_said_again_in_the_same_words_on_request() -> None:
    call = waiting()
    offer = call.state.last_line
    commands = call.says("say that again", wants_repeat=True)
    assert offer is not None
    assert lines(commands)[-1].sentences == offer.sentences


def test_what_was_not_understood_is_asked_for_twice_and_then_help_is_offered() -> None:
    call = Dialogue().answered()
    said = [call.talk("blah") for _ in range(3)]
    assert said[0] == said[1] == ["listen.needs"]
    assert "solve.core" in said[2]


def test_a_backchannel_with_nothing_asked_is_not_answered() -> None:
    assert lines(Dialogue().answered().says("mm-hm", backchannel=True)) == []


def test_a_goodbye_is_answered_with_a_goodbye() -> None:
    call = Dialogue().answered()
    call.talk("goodbye", goodbye=True)
    assert [end.disposition for end in call.ends] == [Disposition.SERVED]


def test_a_caller_who_goes_on_during_the_goodbye_is_not_cut_off() -> None:
    call = Dialogue().answered()
    call.says("goodbye", goodbye=True)
    call.says("wait, my parcel is late", intent="delivery")
    call.hears()
    assert call.ends == []


def test_a_caller_who_apologises_after_the_warning_is_thanked_and_not_warned_again() -> None:
    call = Dialogue().answered()
    call.talk("you idiot", directed_abuse=0.95)
    said = call.talk("I am sorry I said that", apology=True)
    assert said[0] == "limit.forgive"
    assert "limit.warn" not in said


def test_a_caller_with_a_withheld_number_is_asked_for_one_before_a_call_back_is_promised() -> None:
    call = waiting(caller_reachable=False)
    call.talk("call me back please", wants_callback=True)
    assert call.state.stage is Stage.NUMBERING
    call.talk("555 0100", slots={"phone_number": "5550100"})
    call.talk("Anna", slots={"name": "Anna"})
    assert [command.number for command in call.commands if isinstance(command, PromiseCallback)] == [
        "5550100"
    ]


def test_nothing_is_promised_to_a_caller_whom_nobody_could_ring() -> None:
    call = Dialogue(LineFacts(person_available=False, caller_reachable=False)).answered()
    call.talk("a person please", wants_person=True)
    call.talk("I cannot go on", crisis=0.9)
    assert not any(isinstance(command, PromiseCallback) for command in call.commands)
