"""A log is replayed to the same commands, and whatever was changed in it is found."""

import json
from functools import cache
from typing import Any

import pytest

from bot.journal import Journal
from bot.replay import replay
from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall
from flows.abuse import POLICY_VERSION
from flows.errors import BadLogEntry, UnknownLanguage
from flows.journal import line_of_json
from flows.line import LineFacts

INSULT = "You are a stupid useless idiot."
HEADER = Journal().header("CA1", LineFacts()).body


@cache
def log() -> tuple[str, ...]:
    """The log of a call that ends for abuse."""
    turns = [ScriptedTurn(9_000, 10_500, INSULT), ScriptedTurn(30_000, 31_500, INSULT)]
    return tuple(VirtualCall(turns).run().journal)


def places(kind: str) -> list[int]:
    """Where the entries of a kind are."""
    return [place for place, body in enumerate(log()) if kind in json.loads(body)]


def changed(place: int, **fields: Any) -> list[str]:
    """The log with other fields in one entry."""
    bodies = list(log())
    bodies[place] = line_of_json({**json.loads(bodies[place]), **fields})
    return bodies


def test_a_log_is_replayed_to_the_same_commands() -> None:
    result = replay(log())
    assert result.difference is None
    assert (result.events, result.commands) == (len(places("event")), len(places("command")))
    assert (result.call_id, result.policy) == ("CA0", POLICY_VERSION)
    assert result.length_ms == max(json.loads(body)["at_ms"] for body in log())


def test_every_command_that_is_taken_out_is_missed() -> None:
    for place in places("command"):
        assert replay([*log()[:place], *log()[place + 1 :]]).difference is not None


def test_every_command_that_is_put_in_twice_is_found() -> None:
    for place in places("command"):
        assert replay([*log()[: place + 1], *log()[place:]]).difference is not None


def test_the_first_difference_is_shown_with_both_commands_and_their_event() -> None:
    place = next(place for place in places("command") if json.loads(log()[place])["command"] == "rule")
    difference = replay(changed(place, after="clear")).difference
    assert difference is not None
    assert difference.event == "heard"
    assert difference.after_seq < place
    assert ('"after":"clear"' in difference.logged, '"after":"warning"' in difference.decided) == (True, True)


def test_a_command_too_few_and_one_too_many_are_told_apart() -> None:
    place = places("command")[-1]
    missing = replay([*log()[:place], *log()[place + 1 :]]).difference
    double = replay([*log()[: place + 1], *log()[place:]]).difference
    assert missing is not None
    assert (missing.logged, bool(missing.decided)) == ("", True)
    assert double is not None
    assert (bool(double.logged), double.decided) == (True, "")


def test_other_words_of_the_caller_lead_to_another_decision() -> None:
    place = next(place for place in places("event") if json.loads(log()[place])["event"] == "heard")
    meaning = {**json.loads(log()[place])["meaning"], "directed_abuse": 0.0}
    assert replay(changed(place, meaning=meaning)).difference is not None


def test_what_was_played_is_no_decision() -> None:
    without = [body for place, body in enumerate(log()) if place not in places("playback")]
    assert replay(without).difference is None


def test_a_log_that_breaks_off_after_an_event_is_compared_up_to_there() -> None:
    last = places("event")[-1]
    assert replay(log()[:last]).difference is None


def test_a_header_alone_is_a_call_in_which_nothing_happened() -> None:
    result = replay([HEADER])
    assert (result.events, result.commands, result.length_ms, result.difference) == (0, 0, 0, None)


@pytest.mark.parametrize(
    "bodies",
    [
        [],
        ["{"],
        ['{"seq":0,"event":"call_started","at_ms":0}'],
        ['{"seq":0,"call":"CA1"}'],
        [HEADER, '{"seq":1,"event":"call_started","at_ms":"soon"}'],
        [HEADER, '{"seq":1,"playback":"heard","at_ms":[]}'],
        [HEADER, '{"seq":[],"event":"call_started","at_ms":0}'],
        [HEADER, '{"seq":1,"event":"earthquake","at_ms":0}'],
    ],
)
def test_what_is_no_log_is_refused(bodies: list[str]) -> None:
    with pytest.raises(BadLogEntry):
        replay(bodies)


def test_a_log_of_a_language_that_is_gone_is_refused() -> None:
    header = Journal().header("CA1", LineFacts(language="tlh")).body
    with pytest.raises(UnknownLanguage):
        replay([header, *log()[1:]])
