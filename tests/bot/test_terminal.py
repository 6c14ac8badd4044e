"""What an operator sees in a terminal."""

import io
import json

import pytest
from rich.console import Console

from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall
from bot.terminal import CallView

MEANING = dict.fromkeys(
    ("crisis", "danger_to_others", "threat", "directed_abuse", "anger", "distress", "swearing"), 0.0
)


def shown(*items: dict[str, object], terminal: bool = False) -> str:
    """What showing these items prints."""
    printed = io.StringIO()
    with CallView(Console(file=printed, width=110, force_terminal=terminal)) as view:
        for item in items:
            view.show(item)
    return printed.getvalue()


def heard(text: str, **feelings: float) -> dict[str, object]:
    return {
        "event": "heard",
        "at_ms": 11_000,
        "text": text,
        "confidence": 0.74,
        "meaning": MEANING | feelings,
    }


def spoken(what: str, **more: object) -> dict[str, object]:
    entry = {"playback": what, "line_id": "line-1", "sentence": 0, "text": "Hello.", "at_ms": 4_500}
    return entry | more


def test_the_callers_words_are_shown_with_time_confidence_and_what_stands_out() -> None:
    row = shown(heard("I have been waiting", anger=0.5, distress=0.49))
    assert row.split() == [
        *("11.0", "caller", "I", "have", "been", "waiting"),
        *("confidence", "0.74,", "anger", "0.50"),
    ]


def test_the_line_is_shown_when_it_was_heard_not_when_it_was_sent() -> None:
    assert shown(spoken("begun")) == ""
    assert shown(spoken("heard")).split() == ["4.5", "line", "Hello."]


def test_the_answer_to_a_turn_is_shown_with_its_wait() -> None:
    row = shown(spoken("begun", response_ms=740), spoken("heard"), spoken("heard", sentence=1))
    assert row.count("answered in 0.74 s") == 1


def test_a_line_that_was_cut_off_is_shown_as_such() -> None:
    cut = {"event": "line_heard", "line_id": "line-3", "to_its_end": False, "heard_ms": 1_234, "at_ms": 9_000}
    assert "line-3 cut off after 1.2 s" in shown(cut)
    assert shown(cut | {"to_its_end": True}) == ""


def test_a_line_that_never_began_is_not_shown() -> None:
    never = {"event": "line_heard", "line_id": "line-4", "to_its_end": False, "heard_ms": 0, "at_ms": 9_000}
    assert shown(never) == ""


def test_a_ruling_is_shown_when_it_changes_the_standing() -> None:
    ruling: dict[str, object] = {
        "command": "rule",
        "before": "clear",
        "after": "warning",
        "situation": "abuse_over_warning",
    }
    assert "clear → warning  (abuse over warning)" in shown(ruling)
    assert shown(ruling | {"after": "clear"}) == ""


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"command": "promise_callback", "about": "hold"}, "a call back is stored (hold)"),
        (
            {"command": "end_call", "disposition": "ended_for_abuse", "afterwards": "hang_up"},
            "ended for abuse, then hang up",
        ),
    ],
)
def test_promises_and_ends_are_shown_in_words(entry: dict[str, object], words: str) -> None:
    assert words in shown({**entry, "at_ms": 40_000})


def test_the_words_so_far_stand_in_the_last_row_and_leave_no_trace() -> None:
    partial = {"partial": "I have been", "at_ms": 10_000}
    assert "I have been …" in shown(partial, terminal=True)
    assert "I have been" not in shown(partial, {"command": "set_timer"})


def test_words_that_look_like_markup_are_words() -> None:
    assert "[/red] [bold]" in shown(heard("[/red] [bold]"))


def test_long_words_wrap_under_themselves() -> None:
    rows = shown(heard("waiting " * 30)).splitlines()
    assert len(rows) > 2
    assert all(row.startswith(" " * 18) for row in rows[1:])


def test_a_whole_call_is_shown_from_its_log() -> None:
    call = VirtualCall([ScriptedTurn(9_000, 10_500, "You are a stupid useless idiot.")]).run()
    text = shown(*(json.loads(body) for body in call.journal))
    for words in ("This call is recorded.", "useless idiot", "clear → warning", "warning → warned", "silent"):
        assert words in text
