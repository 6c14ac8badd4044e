"""The probes of the web application."""

from pathlib import Path

import pytest

from tests.bot.web_line import CALL, WebLine


@pytest.fixture
def line(tmp_path: Path) -> WebLine:
    """A line that asks for signatures; its probes do not."""
    return WebLine(tmp_path, signed=True)


def test_a_live_process_says_so(line: WebLine) -> None:
    response = line.client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"alive": True})


def test_a_ready_line_says_so(line: WebLine) -> None:
    response = line.client.get("/readyz")
    assert (response.status_code, response.json) == (200, {"ready": True, "reasons": []})


def test_a_line_that_is_not_ready_says_why(line: WebLine) -> None:
    line.status.drain()
    response = line.client.get("/readyz")
    assert response.status_code == 503
    assert response.json == {"ready": False, "reasons": ["the line is shutting down"]}


def test_a_process_that_is_not_ready_is_alive(line: WebLine) -> None:
    line.status.drain()
    assert line.client.get("/healthz").status_code == 200


def test_figures_are_served_as_prometheus_reads_them(line: WebLine) -> None:
    line.ask("/voice")
    response = line.client.get("/metrics")
    assert response.content_type.startswith("text/plain")
    assert b"calmline_calls_started_total 1.0" in response.data
    assert CALL.encode() not in response.data


def test_an_unknown_page_is_not_found(line: WebLine) -> None:
    assert line.client.get("/nothing").status_code == 404
