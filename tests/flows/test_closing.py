"""How a call ends."""

from typing import Any

import pytest

from flows.abuse import Standing
from flows.closing import end_now, finish_line, say_farewell
from flows.commands import Afterwards, Disposition, EndCall, Rule, Why
from flows.draft import Draft
from flows.events import LineHeard
from flows.state import Ending, LineSaid, Purpose, Stage, State
from tests.flows.dialogue import Dialogue

WHY = Why("close.goodbye")


def last_line(ends_with: Disposition, purpose: Purpose = Purpose.LAST_WORDS) -> LineSaid:
    return LineSaid("line-1", purpose, ("Goodbye.",), ("x/0",), (), protected=True, ends_with=ends_with)


def finished(line: LineSaid, *, to_its_end: bool = True, lost: bool = False, **state: Any) -> Draft:
    """What comes of the fate of a last line."""
    draft = Draft(State(**state))
    finish_line(draft, line, LineHeard(9_000, line.line_id, to_its_end, 1_000, 1_000, lost=lost))
    return draft


def ends(draft: Draft) -> list[EndCall]:
    return [command for command in draft.commands if isinstance(command, EndCall)]


@pytest.mark.parametrize(
    ("promised", "ends_with"), [(False, Disposition.SERVED), (True, Disposition.CALLBACK)]
)
def test_a_farewell_is_protected_and_says_how_the_call_will_have_ended(
    promised: bool, ends_with: Disposition
) -> None:
    draft = Draft(State(callback_promised=promised))
    say_farewell(draft, why=WHY)
    (line,) = draft.state.outstanding
    assert (line.protected, line.purpose, line.ends_with) == (True, Purpose.LAST_WORDS, ends_with)
    assert draft.state.stage is Stage.CLOSING
    assert ends(draft) == []


@pytest.mark.parametrize(("to_its_end", "lost", "rule"), [(True, False, "heard"), (False, True, "lost")])
def test_the_call_ends_when_the_last_line_was_heard_or_its_acknowledgement_is_lost(
    to_its_end: bool, lost: bool, rule: str
) -> None:
    draft = finished(last_line(Disposition.SERVED), to_its_end=to_its_end, lost=lost)
    assert ends(draft) == [EndCall(Why(f"close.{rule}"), Disposition.SERVED, Afterwards.HANG_UP)]
    assert draft.state.over


def test_a_last_line_that_was_cut_off_ends_nothing_and_is_kept_to_be_said_again() -> None:
    line = last_line(Disposition.SERVED)
    draft = finished(line, to_its_end=False)
    assert ends(draft) == []
    assert draft.state.cut_by_loss == line


@pytest.mark.parametrize("waiting", [{"caller_speaking": True}, {"turns_without_words": 1}])
def test_words_that_are_still_to_come_hold_the_end(waiting: dict[str, Any]) -> None:
    draft = finished(last_line(Disposition.SERVED), **waiting)
    assert ends(draft) == []
    assert draft.state.ending == Ending(Disposition.SERVED, acknowledged=True)


def test_a_transfer_waits_for_no_words() -> None:
    draft = finished(last_line(Disposition.TRANSFERRED), caller_speaking=True)
    assert [end.afterwards for end in ends(draft)] == [Afterwards.DIAL]


def test_an_end_for_abuse_is_ruled_by_the_table() -> None:
    farewell = last_line(Disposition.ENDED_FOR_ABUSE, Purpose.ABUSE_FAREWELL)
    draft = finished(farewell, standing=Standing.ENDING)
    assert [type(command) for command in draft.commands] == [Rule, EndCall]
    assert draft.state.standing is Standing.ENDED


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.ENDING])
def test_no_other_standing_lets_a_call_end_for_abuse(standing: Standing) -> None:
    draft = Draft(State(standing=standing, ending=Ending(Disposition.ENDED_FOR_ABUSE, acknowledged=True)))
    end_now(draft, Disposition.ENDED_FOR_ABUSE, why=WHY)
    assert ends(draft) == []
    assert (draft.state.over, draft.state.ending) == (False, None)


@pytest.mark.parametrize("disposition", [d for d in Disposition if d is not Disposition.ENDED_FOR_ABUSE])
def test_only_a_transfer_is_followed_by_a_person(disposition: Disposition) -> None:
    draft = Draft(State())
    end_now(draft, disposition, why=WHY)
    dials = [end.afterwards is Afterwards.DIAL for end in ends(draft)]
    assert dials == [disposition is Disposition.TRANSFERRED]


def test_a_farewell_that_made_way_for_a_transfer_is_not_said_again() -> None:
    call = Dialogue().answered()
    call.says("goodbye", goodbye=True)
    farewell = call.state.outstanding[0]
    call.says("please, I cannot go on", crisis=0.9)
    call.feed(LineHeard(call.at_ms, farewell.line_id, to_its_end=False, heard_ms=400, total_ms=3_000))
    assert call.state.cut_by_loss is None
