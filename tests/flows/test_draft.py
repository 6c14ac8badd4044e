"""A decision in the making."""

from dataclasses import replace
from typing import Any

import pytest

from flows.commands import CancelTimer, Disposition, Say, SetTimer, StopSpeaking, Why
from flows.draft import SILENCE_MS, Draft
from flows.events import TimerName
from flows.phrases import phrases
from flows.state import LineSaid, Purpose, State

WHY = Why("close.check")


def saying(*keys: str, **options: Any) -> Draft:
    """A draft that has said one line."""
    draft = Draft(State())
    draft.say(*keys, why=WHY, **options)
    return draft


def line_of(draft: Draft) -> LineSaid:
    (line,) = draft.state.outstanding
    return line


def test_a_line_is_made_of_one_wording_for_each_key_in_order() -> None:
    line = line_of(saying("limit.apology", "offer.callback"))
    assert line.phrases == ("limit.apology/0", "offer.callback/0")
    assert line.sentences[-1].endswith("?")


def test_the_command_says_what_the_state_remembers() -> None:
    draft = saying("greeting.disclosure", protected=True)
    line = line_of(draft)
    assert draft.commands == [Say(WHY, line.line_id, line.sentences, line.clauses, protected=True)]


def test_a_clause_that_two_wordings_share_is_named_once() -> None:
    line = line_of(saying("offer.callback", "offer.callback_or_person"))
    assert len(line.clauses) == len(set(line.clauses))


def test_the_same_key_twice_gives_two_wordings() -> None:
    draft = saying("clarify.issue", "clarify.issue")
    assert draft.state.said == ("clarify.issue/0", "clarify.issue/1")


def test_every_line_has_an_id_of_its_own() -> None:
    draft = saying("clarify.issue")
    draft.say("clarify.issue", why=WHY)
    draft.say_again(draft.state.outstanding[0], why=WHY)
    assert [line.line_id for line in draft.state.outstanding] == ["line-1", "line-2", "line-3"]


def test_a_line_said_again_has_the_same_words_and_uses_up_no_wording() -> None:
    draft = saying("farewell.served", purpose=Purpose.LAST_WORDS, ends_with=Disposition.SERVED)
    first = line_of(draft)
    draft.say_again(first, why=WHY)
    assert draft.state.outstanding[1] == replace(first, line_id="line-2")
    assert draft.state.said == first.phrases


def test_the_name_is_said_where_a_wording_has_room_for_it() -> None:
    assert any("{, name}" in variant for variant in phrases("en")["apology.hold"].variants)
    draft = Draft(State(name="Mrs Smith"))
    draft.say("apology.hold", why=WHY)
    assert "Mrs Smith" in " ".join(line_of(draft).sentences)


def test_hushing_stops_a_line_that_may_be_interrupted() -> None:
    draft = saying("clarify.issue")
    draft.hush(why=WHY)
    assert draft.commands[-1] == StopSpeaking(WHY)


@pytest.mark.parametrize(("protected_too", "stops"), [(False, 0), (True, 1)])
def test_a_protected_line_is_stopped_only_on_purpose(protected_too: bool, stops: int) -> None:
    draft = saying("limit.warn", protected=True)
    draft.hush(why=WHY, protected_too=protected_too)
    assert len(draft.commands) == 1 + stops


def test_hushing_a_silent_line_asks_for_nothing() -> None:
    draft = Draft(State())
    draft.hush(why=WHY, protected_too=True)
    assert draft.commands == []


def test_when_nobody_speaks_the_silence_is_timed() -> None:
    draft = Draft(State())
    draft.await_caller(why=WHY)
    assert draft.commands == [SetTimer(WHY, TimerName.SILENCE, SILENCE_MS)]


@pytest.mark.parametrize(
    "busy", [{"caller_speaking": True}, {"turns_without_words": 1}, {"over": True}, {"outstanding": True}]
)
def test_while_somebody_speaks_or_words_are_awaited_no_silence_is_timed(busy: dict[str, Any]) -> None:
    line = line_of(saying("clarify.issue"))
    draft = Draft(State(**{**busy, "outstanding": (line,) if "outstanding" in busy else ()}))
    draft.await_caller(why=WHY)
    assert draft.commands == []


def test_a_timer_is_cancelled_by_its_name() -> None:
    draft = Draft(State())
    draft.cancel(TimerName.CEILING, why=WHY)
    assert draft.commands == [CancelTimer(WHY, TimerName.CEILING)]


def test_the_state_it_was_given_is_left_alone() -> None:
    before = State()
    draft = Draft(before)
    draft.say("clarify.issue", why=WHY)
    draft.change(name="Anna")
    assert before == State()
