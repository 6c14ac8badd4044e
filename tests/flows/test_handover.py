"""To a person: on request, and in need."""

from typing import Any

import pytest

from flows.commands import Disposition, Flag, FlagKind, PromiseCallback, StopSpeaking, Why
from flows.draft import Draft
from flows.handover import hand_over_in_need, hand_to_person
from flows.line import LineFacts
from flows.state import Ending, Stage, State
from tests.flows.dialogue import clauses, words

WHY = Why("solve.escalate")
ALONE = LineFacts(person_available=False)
UNREACHABLE = LineFacts(person_available=False, caller_reachable=False)


def handed(facts: LineFacts | None = None, **state: Any) -> Draft:
    """A caller who asked for a person."""
    draft = Draft(State(line=facts or LineFacts(), **state))
    hand_to_person(draft, "handover.person", why=WHY)
    return draft


def in_need(facts: LineFacts | None = None, kind: FlagKind = FlagKind.CRISIS, **state: Any) -> Draft:
    """A caller in a crisis or in danger."""
    draft = Draft(State(line=facts or LineFacts(), **state))
    hand_over_in_need(draft, kind, why=WHY)
    return draft


def promises(draft: Draft) -> list[PromiseCallback]:
    return [command for command in draft.commands if isinstance(command, PromiseCallback)]


def test_a_transfer_is_announced_and_the_announcement_cannot_be_interrupted() -> None:
    (line,) = handed().state.outstanding
    assert (line.protected, line.ends_with) == (True, Disposition.TRANSFERRED)


def test_a_transfer_that_is_being_announced_is_not_announced_twice() -> None:
    draft = handed()
    said = len(draft.commands)
    hand_to_person(draft, "handover.supervisor", why=WHY)
    assert len(draft.commands) == said


def test_even_a_farewell_gives_way_to_a_person() -> None:
    draft = Draft(State())
    draft.say("limit.end", why=WHY, protected=True, ends_with=Disposition.ENDED_FOR_ABUSE)
    draft.change(ending=Ending(Disposition.ENDED_FOR_ABUSE, acknowledged=True))
    hand_to_person(draft, "handover.person", why=WHY)
    assert StopSpeaking(WHY, protected_too=True) in draft.commands
    assert draft.state.ending is None


def test_without_a_person_somebody_will_call_back_about_the_matter() -> None:
    draft = handed(ALONE, issue="hold")
    assert promises(draft) == [PromiseCallback(WHY, "hold")]
    assert draft.state.callback_promised
    assert draft.state.stage is Stage.CHECKING


def test_what_is_promised_already_is_not_promised_twice() -> None:
    assert promises(handed(ALONE, callback_promised=True)) == []


def test_a_caller_whom_nobody_could_ring_is_promised_nothing() -> None:
    draft = handed(UNREACHABLE)
    assert promises(draft) == []
    assert "call you back" not in words(draft.commands)


def test_a_number_the_caller_gave_is_the_one_to_ring() -> None:
    assert [promise.number for promise in promises(handed(UNREACHABLE, number="5550100"))] == ["5550100"]


@pytest.mark.parametrize("kind", [FlagKind.CRISIS, FlagKind.DANGER])
def test_need_is_flagged_and_the_emergency_number_given(kind: FlagKind) -> None:
    draft = in_need(kind=kind)
    assert draft.commands[0] == Flag(WHY, kind)
    assert "9 1 1" in words(draft.commands)
    assert draft.state.outstanding[-1].ends_with is Disposition.TRANSFERRED


@pytest.mark.parametrize("kind", [FlagKind.CRISIS, FlagKind.DANGER])
@pytest.mark.parametrize("facts", [ALONE, UNREACHABLE])
def test_without_a_person_the_line_stays_with_a_caller_in_need(kind: FlagKind, facts: LineFacts) -> None:
    draft = in_need(facts, kind)
    (line,) = draft.state.outstanding
    assert (line.protected, line.ends_with) == (True, None)
    assert draft.state.stage is Stage.IN_NEED
    assert "9 1 1" in words(draft.commands)


def test_a_second_cry_for_help_is_answered_and_flagged_again() -> None:
    draft = in_need(ALONE, stage=Stage.IN_NEED)
    assert [type(command).__name__ for command in draft.commands] == ["Flag", "Say"]
    assert clauses(draft.commands) == list(draft.state.outstanding[-1].clauses)


def test_need_during_a_transfer_is_flagged_and_the_transfer_goes_on() -> None:
    draft = handed()
    said = len(draft.commands)
    hand_over_in_need(draft, FlagKind.CRISIS, why=WHY)
    assert draft.commands[said:] == [Flag(WHY, FlagKind.CRISIS)]
