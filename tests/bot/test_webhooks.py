"""The border to the carrier: who is asking, what was sent, and what a failure sounds like."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.bot.web_line import AUTH_TOKEN, CALL, CALLER, WebLine, spoken, verbs

PATHS = ["/voice", "/voice/after?step=1", "/voice/status", "/voice/fallback"]


@pytest.fixture
def line(tmp_path: Path) -> WebLine:
    """A line on loopback."""
    return WebLine(tmp_path)


@pytest.fixture
def signed(tmp_path: Path) -> WebLine:
    """A line that asks for signatures."""
    return WebLine(tmp_path, signed=True)


def break_store(line: WebLine) -> None:
    """Take the tables away while the line runs."""
    with line.store._writing.begin() as connection:  # as a damaged disk would
        for table in ("deliveries", "entries", "promises", "flags", "calls"):
            connection.exec_driver_sql(f"DROP TABLE {table}")


def test_a_signed_webhook_is_answered(signed: WebLine) -> None:
    answer = signed.ask("/voice")
    assert verbs(answer) == ["Connect", "Redirect"]
    assert answer.find("Connect/Stream[@url='wss://line.example.com/media']") is not None


def test_the_signature_covers_the_query(signed: WebLine) -> None:
    signed.ask("/voice")
    assert verbs(signed.ask("/voice/after?step=1")) == ["Connect", "Redirect"]


@pytest.mark.parametrize("path", PATHS)
def test_an_unsigned_webhook_is_refused_and_nothing_else_happens(signed: WebLine, path: str) -> None:
    response = signed.client.post(path, data={"CallSid": CALL, "From": CALLER})
    assert response.status_code == 403
    assert signed.count("webhooks_refused", reason="unsigned") == 1
    assert signed.store.calls() == []


@pytest.mark.parametrize("path", PATHS)
def test_a_forged_webhook_is_refused_and_nothing_else_happens(signed: WebLine, path: str) -> None:
    headers = {"X-Twilio-Signature": "bm90IGEgc2lnbmF0dXJlIQ=="}
    response = signed.client.post(path, data={"CallSid": CALL}, headers=headers)
    assert response.status_code == 403
    assert signed.count("webhooks_refused", reason="forged") == 1
    assert signed.store.calls() == []


def test_a_refusal_is_logged_without_secrets(signed: WebLine, caplog: pytest.LogCaptureFixture) -> None:
    signed.client.post("/voice", data={"CallSid": CALL, "From": CALLER})
    assert "webhook /voice from 127.0.0.1 refused: unsigned" in caplog.text
    assert AUTH_TOKEN not in caplog.text
    assert CALLER not in caplog.text


def test_a_proxys_headers_do_not_help_a_forger(signed: WebLine) -> None:
    headers = {"X-Forwarded-Host": "evil.example.net", "X-Forwarded-Proto": "http", "X-Twilio-Signature": "x"}
    assert signed.client.post("/voice", data={"CallSid": CALL}, headers=headers).status_code == 403


def test_on_loopback_no_signature_is_asked_for(line: WebLine) -> None:
    assert line.post("/voice").status_code == 200


def test_on_loopback_another_name_for_this_machine_is_refused(line: WebLine) -> None:
    """A page in a browser, or a tunnel, would come by such a name."""
    response = line.client.post("/voice", data={"CallSid": CALL}, headers={"Host": "evil.example.net"})
    assert response.status_code == 400
    assert line.store.calls() == []


@pytest.mark.parametrize("call_id", ["", "CA", "XX0123", "CA" + "0" * 100, "CA<b>", "CA1\n", "CA\x00"])
@pytest.mark.parametrize("path", PATHS)
def test_a_call_id_that_is_none_is_refused(line: WebLine, path: str, call_id: str) -> None:
    assert line.post(path, call_id).status_code == 400
    assert line.count("webhooks_refused", reason="ill_formed") == 1


def test_a_webhook_without_a_body_is_refused(line: WebLine) -> None:
    assert line.client.post("/voice").status_code == 400


@pytest.mark.parametrize("query", ["", "step=0", "step=-1", "step=99999", "step=x", "step=dialled&attempt=x"])
def test_a_step_that_is_none_is_refused(line: WebLine, query: str) -> None:
    assert line.post(f"/voice/after?{query}").status_code == 400


@pytest.mark.parametrize("sender", ["x" * 300, "+1500\x00", "Zo\u00eb"])
def test_a_senders_number_that_is_none_counts_as_withheld(line: WebLine, sender: str) -> None:
    line.ask("/voice", From=sender)
    assert line.store.call(CALL).caller == ""


def test_an_enormous_body_is_refused(line: WebLine) -> None:
    assert line.post("/voice", Junk="x" * 100_000).status_code == 413


def test_a_webhook_must_be_posted(line: WebLine) -> None:
    assert line.client.get("/voice").status_code == 405


@pytest.mark.parametrize("path", ["/voice", "/voice/after?step=1", "/voice/fallback"])
def test_when_the_store_fails_the_caller_hears_a_sentence(line: WebLine, path: str) -> None:
    break_store(line)
    answer = line.ask(path)
    assert verbs(answer) == ["Say", "Hangup"]
    assert "call us again" in spoken(answer)


def test_when_the_store_fails_the_log_names_the_call(line: WebLine, caplog: pytest.LogCaptureFixture) -> None:
    break_store(line)
    line.ask("/voice")
    assert f"call {CALL}: /voice failed: the store failed while" in caplog.text
    assert line.count("webhooks_failed", path="/voice") == 1


def test_when_the_store_fails_a_report_is_taken_all_the_same(line: WebLine) -> None:
    break_store(line)
    assert line.post("/voice/status", CallStatus="completed").status_code == 204


def test_a_call_the_store_does_not_know_gets_an_apology_and_a_promise(line: WebLine) -> None:
    assert "will call you back" in spoken(line.ask("/voice/after?step=1"))


def test_a_defect_is_logged_with_its_stack_and_not_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = WebLine(tmp_path, now=lambda: datetime.fromtimestamp(1 / 0, tz=UTC))
    response = line.post("/voice")
    assert response.status_code == 200
    assert b"Traceback" not in response.data
    assert "ZeroDivisionError" in caplog.text


def test_the_callers_number_is_masked_in_the_log(line: WebLine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    line.ask("/voice")
    line.ask("/voice/after?offer=callback", Digits="1")
    assert "+1…06" in caplog.text
    assert CALLER not in caplog.text
