"""What a decision remembers: plain data that nobody can change by accident."""

from dataclasses import FrozenInstanceError, fields

import pytest

from flows.abuse import Standing
from flows.commands import Disposition
from flows.line import LineFacts
from flows.state import LineSaid, Purpose, Stage, State

GOODBYE = LineSaid(
    line_id="line-2",
    purpose=Purpose.LAST_WORDS,
    sentences=("Goodbye.",),
    phrases=("farewell.served/0",),
    clauses=("close.thanks",),
    protected=True,
    ends_with=Disposition.SERVED,
)


def test_a_new_call_is_open_clear_and_has_said_nothing() -> None:
    state = State()
    assert (state.stage, state.standing, state.over) == (Stage.OPEN, Standing.CLEAR, False)
    assert (state.outstanding, state.said, state.lines_said) == ((), (), 0)


@pytest.mark.parametrize("name", [field.name for field in fields(State)])
def test_no_field_can_be_changed_in_place(name: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(State(), name, None)


def test_states_are_equal_by_value() -> None:
    assert State(line=LineFacts(), outstanding=(GOODBYE,)) == State(outstanding=(GOODBYE,))
    assert State(name="Anna") != State()


def test_a_goodbye_that_the_caller_went_on_after_is_talk_and_ends_nothing() -> None:
    talk = GOODBYE.as_talk()
    assert (talk.purpose, talk.ends_with) == (Purpose.TALK, None)
    assert (talk.line_id, talk.sentences, talk.protected) == ("line-2", ("Goodbye.",), True)
    assert GOODBYE.ends_with is Disposition.SERVED
