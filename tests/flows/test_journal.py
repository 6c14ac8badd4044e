"""The words of the log: every event, command and state comes back as it was."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.commands import Command, Say, Why
from flows.errors import BadLogEntry
from flows.events import CallStarted, Event, Heard, KeyPressed
from flows.journal import (
    command_from_dict,
    command_to_dict,
    event_from_dict,
    event_to_dict,
    facts_from_dict,
    facts_to_dict,
    line_of_json,
    state_from_json,
    state_to_json,
)
from flows.line import LineFacts
from flows.meaning.model import Evidence, Meaning
from flows.state import State
from tests.flows.dialogue import ABUSE, Dialogue

SHARES = st.floats(0, 1).map(lambda share: round(share, 3))
EVIDENCE = st.builds(Evidence, weight=SHARES)
LABELS = ("directed_abuse", "threat", "swearing", "anger", "distress", "crisis", "danger_to_others")
MEANINGS = st.builds(
    Meaning,
    **dict.fromkeys(LABELS, SHARES),
    evidence=st.lists(EVIDENCE, max_size=2).map(tuple),
    slots=st.dictionaries(st.text(), st.text(), max_size=2),
)
WHYS = st.builds(Why, evidence=st.lists(EVIDENCE, max_size=2).map(tuple))
EVENTS = st.one_of(
    st.builds(Heard, confidence=SHARES, meaning=MEANINGS),
    *(st.builds(kind) for kind in get_args(Event) if kind is not Heard),
)
COMMANDS = st.one_of(*(st.builds(kind, why=WHYS) for kind in get_args(Command)))


@given(EVENTS)
def test_every_event_comes_back_from_its_line_as_it_was(event: Event) -> None:
    assert event_from_dict(json.loads(line_of_json(event_to_dict(event)))) == event


@given(COMMANDS)
def test_every_command_comes_back_from_its_line_as_it_was(command: Command) -> None:
    assert command_from_dict(json.loads(line_of_json(command_to_dict(command)))) == command


@given(st.builds(LineFacts))
def test_the_facts_of_a_line_come_back_as_they_were(facts: LineFacts) -> None:
    assert facts_from_dict(json.loads(line_of_json(facts_to_dict(facts)))) == facts


@given(EVENTS)
def test_an_entry_is_one_line(event: Event) -> None:
    assert not set("\n\r\0") & set(line_of_json(event_to_dict(event)))


def test_the_states_of_a_call_come_back_as_they_were() -> None:
    call = Dialogue(LineFacts(business="Mühle & Söhne"))
    for step in (call.answered, lambda: call.says("you idiot", **ABUSE), call.hears, call.waits):
        step()
        assert state_from_json(state_to_json(call.state)) == call.state


def test_an_entry_names_its_kind() -> None:
    assert event_to_dict(CallStarted(0)) == {"event": "call_started", "at_ms": 0}
    assert command_to_dict(Say(Why("x"), "line-1", (), ()))["command"] == "say"


def test_equal_entries_are_equal_lines_whatever_the_order_of_their_keys() -> None:
    assert line_of_json({"b": 1, "a": "ü"}) == line_of_json({"a": "ü", "b": 1}) == '{"a":"ü","b":1}'


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({"event": "earthquake", "at_ms": 0}, "earthquake"),
        ({"at_ms": 0}, "event"),
        ({"event": "key_pressed", "digit": "1"}, "at_ms"),
        ({"event": "key_pressed", "at_ms": "soon", "digit": "1"}, "at_ms"),
        ({"event": "timer_fired", "at_ms": 1, "timer": "egg"}, "timer"),
        (None, "entry"),
        ([], "entry"),
        ("call_started", "entry"),
    ],
)
def test_what_is_no_event_is_refused_with_the_place_of_the_fault(plain: Any, words: str) -> None:
    with pytest.raises(BadLogEntry, match=words):
        event_from_dict(plain)


@pytest.mark.parametrize("read", [command_from_dict, facts_from_dict])
def test_what_is_no_command_and_no_line_is_refused(read: Any) -> None:
    with pytest.raises(BadLogEntry):
        read({"command": "dance", "business": 7})


@pytest.mark.parametrize("text", ["", "{", "[]", '{"standing": "furious"}'])
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(BadLogEntry):
        state_from_json(text)


def test_an_event_is_not_taken_for_a_command() -> None:
    with pytest.raises(BadLogEntry, match="command"):
        command_from_dict(event_to_dict(KeyPressed(0, "1")))


def test_a_state_of_a_new_call_is_one_line_of_json() -> None:
    assert json.loads(state_to_json(State()))["standing"] == "clear"
