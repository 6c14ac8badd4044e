"""What the carrier is told at each step of a call."""

from pathlib import Path

import pytest

from bot.carrier_answers import MAX_RESUMES, CarrierAnswers, Ring
from bot.errors import StoreFailed
from bot.store import PromiseKind
from flows.commands import Afterwards, Disposition, FlagKind
from tests.bot.web_line import CALL, CALLER, NOW, OTHER_CALL, PERSON, WebLine, spoken, token_of, verbs

AFTER = "/voice/after?step="
DIALLED = "/voice/after?step=dialled&attempt="
WITHHELD = "+266696687"


@pytest.fixture
def line(tmp_path: Path) -> WebLine:
    """A line for two calls at a time, with nobody to transfer to."""
    return WebLine(tmp_path)


@pytest.fixture
def staffed(tmp_path: Path) -> WebLine:
    """A line with a person to transfer to."""
    return WebLine(tmp_path, person=PERSON)


def fill(line: WebLine) -> None:
    """Take all the line's places."""
    for number in range(line.settings.max_calls):
        line.status.connected(f"CA{number}")


def end(line: WebLine, disposition: Disposition, afterwards: Afterwards) -> None:
    """Let a call come in and the line end it."""
    line.ask("/voice")
    line.store.finish_call(CALL, disposition=disposition, afterwards=afterwards, ended_at=NOW)


def callbacks(line: WebLine) -> list[tuple[str, str]]:
    """The call and number of every call-back that was promised."""
    return [
        (made.call_id, made.number) for made in line.store.promises() if made.kind is PromiseKind.CALLBACK
    ]


def test_a_call_is_recorded_and_connected(line: WebLine) -> None:
    answer = line.ask("/voice")
    assert verbs(answer) == ["Connect", "Redirect"]
    assert answer.findtext("Redirect") == "/voice/after?step=1"
    assert line.store.call(CALL).caller == CALLER
    assert line.count("calls_started") == 1


def test_the_token_of_the_answer_opens_the_stream(line: WebLine) -> None:
    line.tokens.redeem(token_of(line.ask("/voice")), CALL, line.store)


def test_a_call_delivered_again_gets_the_same_answer_and_changes_nothing(line: WebLine) -> None:
    first = line.post("/voice").data
    fill(line)
    assert line.post("/voice").data == first
    assert line.count("calls_started") == 1


def test_the_call_above_the_limit_is_offered_a_call_back(line: WebLine) -> None:
    fill(line)
    answer = line.ask("/voice")
    assert verbs(answer) == ["Gather", "Say", "Hangup"]
    assert answer.find("Gather[@action='/voice/after?offer=callback']") is not None
    assert line.store.calls() == []
    assert line.count("calls_refused", reason="full") == 1


def test_a_withheld_number_is_not_offered_a_call_back(line: WebLine) -> None:
    fill(line)
    assert verbs(line.ask("/voice", From=WITHHELD)) == ["Say", "Say", "Hangup"]


def test_a_line_that_is_not_ready_asks_to_call_again(line: WebLine) -> None:
    line.status.drain()
    answer = line.ask("/voice")
    assert verbs(answer) == ["Say", "Hangup"]
    assert "call again in five minutes" in spoken(answer)
    assert line.count("calls_refused", reason="not_ready") == 1


def test_the_offered_call_back_is_promised(line: WebLine) -> None:
    fill(line)
    line.ask("/voice")
    answer = line.ask("/voice/after?offer=callback", Digits="1")
    assert "will call you back" in spoken(answer)
    assert callbacks(line) == [(CALL, CALLER)]
    assert line.store.call(CALL).disposition is Disposition.CALLBACK


def test_a_key_pressed_twice_is_one_promise(line: WebLine) -> None:
    for _ in range(2):
        line.ask("/voice/after?offer=callback", Digits="1")
    assert len(callbacks(line)) == 1


def test_another_key_promises_nothing(line: WebLine) -> None:
    answer = line.ask("/voice/after?offer=callback", Digits="5")
    assert "call again" in spoken(answer)
    assert callbacks(line) == []


def test_a_call_that_the_line_ended_is_hung_up(line: WebLine) -> None:
    end(line, Disposition.ENDED_FOR_ABUSE, Afterwards.HANG_UP)
    assert verbs(line.ask(AFTER + "1")) == ["Hangup"]


def test_a_call_handed_over_rings_the_person(staffed: WebLine) -> None:
    end(staffed, Disposition.TRANSFERRED, Afterwards.DIAL)
    answer = staffed.ask(AFTER + "1")
    assert answer.findtext("Dial/Number") == PERSON
    assert answer.find(f"Dial[@action='{DIALLED}1']") is not None


def test_with_nobody_to_ring_a_call_back_is_promised(line: WebLine) -> None:
    end(line, Disposition.TRANSFERRED, Afterwards.DIAL)
    assert "will call you back" in spoken(line.ask(AFTER + "1"))
    assert callbacks(line) == [(CALL, CALLER)]
    assert line.store.call(CALL).disposition is Disposition.CALLBACK


def test_a_person_who_was_reached_ends_the_call(staffed: WebLine) -> None:
    end(staffed, Disposition.TRANSFERRED, Afterwards.DIAL)
    assert verbs(staffed.ask(DIALLED + "1", DialCallStatus="completed")) == ["Hangup"]
    assert staffed.store.call(CALL).disposition is Disposition.TRANSFERRED


@pytest.mark.parametrize("outcome", ["no-answer", "busy", "failed", "canceled", ""])
def test_a_person_who_was_not_reached_calls_back(staffed: WebLine, outcome: str) -> None:
    end(staffed, Disposition.TRANSFERRED, Afterwards.DIAL)
    answer = staffed.ask(DIALLED + "1", DialCallStatus=outcome)
    assert verbs(answer) == ["Say", "Hangup"]
    assert callbacks(staffed) == [(CALL, CALLER)]


def test_a_withheld_number_is_asked_to_call_again(staffed: WebLine) -> None:
    end(staffed, Disposition.TRANSFERRED, Afterwards.DIAL)
    answer = staffed.ask(DIALLED + "1", DialCallStatus="no-answer", From=WITHHELD)
    assert "please call again" in spoken(answer)
    assert callbacks(staffed) == []


def test_a_call_back_promised_in_the_call_is_not_promised_again(staffed: WebLine) -> None:
    end(staffed, Disposition.TRANSFERRED, Afterwards.DIAL)
    staffed.store.add_promise(
        CALL, kind=PromiseKind.CALLBACK, number="+15005550123", about="the forms", owner="x", due_at=NOW
    )
    staffed.ask(DIALLED + "1", DialCallStatus="busy")
    assert callbacks(staffed) == [(CALL, "+15005550123")]


def test_for_a_caller_in_danger_the_person_is_rung_again_and_again(staffed: WebLine) -> None:
    end(staffed, Disposition.TRANSFERRED, Afterwards.DIAL)
    staffed.store.flag(CALL, FlagKind.CRISIS, at_ms=5000)
    for attempt in range(1, 6):
        answer = staffed.ask(f"{DIALLED}{attempt}", DialCallStatus="no-answer")
        assert verbs(answer) == ["Say", "Dial", "Redirect"]
        assert answer.findtext("Redirect") == f"{DIALLED}{attempt + 1}"
        assert "9 1 1" in spoken(answer)


def test_a_lost_stream_is_opened_again_with_a_new_token(line: WebLine) -> None:
    first = line.ask("/voice")
    answer = line.ask(AFTER + "1")
    assert verbs(answer) == ["Connect", "Redirect"]
    assert answer.findtext("Redirect") == AFTER + "2"
    assert token_of(answer) != token_of(first)
    assert line.count("calls_resumed") == 1


def test_a_lost_stream_is_opened_again_even_when_the_line_is_full(line: WebLine) -> None:
    line.ask("/voice")
    fill(line)
    assert "Connect" in verbs(line.ask(AFTER + "1"))


def test_a_stream_lost_while_the_line_restarts_is_held(line: WebLine) -> None:
    line.ask("/voice")
    line.status.drain()
    answer = line.ask(AFTER + "1")
    assert verbs(answer) == ["Say", "Pause", "Redirect"]
    assert answer.findtext("Redirect") == AFTER + "2"


def test_a_stream_lost_too_often_ends_with_an_apology_and_a_promise(line: WebLine) -> None:
    line.ask("/voice")
    answers = [line.ask(f"{AFTER}{step}") for step in range(1, MAX_RESUMES + 2)]
    assert [verbs(answer)[0] for answer in answers] == ["Connect"] * MAX_RESUMES + ["Say"]
    assert callbacks(line) == [(CALL, CALLER)]
    assert line.store.call(CALL).disposition is Disposition.CALLBACK


def test_a_caller_in_danger_whose_stream_is_lost_is_given_a_person(staffed: WebLine) -> None:
    staffed.ask("/voice")
    staffed.store.flag(CALL, FlagKind.DANGER, at_ms=5000)
    assert "Dial" in verbs(staffed.ask(f"{AFTER}{MAX_RESUMES + 1}"))


def test_a_caller_in_danger_with_nobody_to_ring_hears_the_emergency_number(line: WebLine) -> None:
    line.ask("/voice")
    line.store.flag(CALL, FlagKind.DANGER, at_ms=5000)
    assert "9 1 1" in spoken(line.ask(f"{AFTER}{MAX_RESUMES + 1}"))


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_a_call_that_is_over_without_an_ending_was_left_by_the_caller(line: WebLine, status: str) -> None:
    line.ask("/voice")
    assert line.post("/voice/status", CallStatus=status).status_code == 204
    assert line.store.call(CALL).disposition is Disposition.CALLER_LEFT
    assert line.count("calls_ended", disposition="caller_left") == 1


def test_a_caller_who_leaves_with_a_promise_is_called_back(line: WebLine) -> None:
    line.ask("/voice")
    line.store.add_promise(
        CALL, kind=PromiseKind.CALLBACK, number=CALLER, about="the forms", owner="x", due_at=NOW
    )
    line.post("/voice/status", CallStatus="completed")
    assert line.store.call(CALL).disposition is Disposition.CALLBACK


def test_a_report_delivered_twice_or_out_of_order_changes_nothing(line: WebLine) -> None:
    end(line, Disposition.SERVED, Afterwards.HANG_UP)
    for status in ("completed", "in-progress", "completed", "ringing", "strange"):
        line.post("/voice/status", CallStatus=status)
    assert line.store.call(CALL).disposition is Disposition.SERVED
    assert line.count("calls_ended", disposition="caller_left") == 0


def test_a_report_on_a_call_that_was_not_let_in_is_fine(line: WebLine) -> None:
    assert line.post("/voice/status", OTHER_CALL, CallStatus="completed").status_code == 204


def test_a_caller_who_hung_up_before_the_stream_opened_frees_the_place(line: WebLine) -> None:
    line.ask("/voice", CALL)
    line.ask("/voice", OTHER_CALL)
    line.post("/voice/status", CALL, CallStatus="completed")
    assert line.status.admit("CA3")


def test_the_fallback_apologises_and_promises_a_call_back(line: WebLine) -> None:
    answer = line.ask("/voice/fallback", ErrorCode="11200", ErrorUrl="https://line.example.com/voice")
    assert "will call you back" in spoken(answer)
    assert callbacks(line) == [(CALL, CALLER)]


def test_the_fallback_after_the_farewell_only_hangs_up(line: WebLine) -> None:
    end(line, Disposition.SERVED, Afterwards.HANG_UP)
    assert verbs(line.ask("/voice/fallback")) == ["Hangup"]


def test_the_fallback_does_not_ring_where_ringing_failed(staffed: WebLine) -> None:
    end(staffed, Disposition.TRANSFERRED, Afterwards.DIAL)
    staffed.store.flag(CALL, FlagKind.CRISIS, at_ms=5000)
    answer = staffed.ask("/voice/fallback", ErrorCode="13224")
    assert verbs(answer) == ["Say", "Say", "Hangup"]
    assert "9 1 1" in spoken(answer)


def test_answers_raise_what_the_store_raises_except_the_last_one(tmp_path: Path) -> None:
    line = WebLine(tmp_path)
    answers = CarrierAnswers(line.parts)
    line.store.close()
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(StoreFailed):
        answers.voice(Ring(CALL, CALLER))
    assert "call us again" in answers.broken(Ring(CALL, CALLER))
