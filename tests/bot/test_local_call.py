"""A call without a telephone network: a real server, the simulated phone, and what is left of the call."""

import io
from dataclasses import dataclass

import pytest
from rich.console import Console

from bot.journal import read_log
from bot.local_call import LocalCall, loopback, place_call
from bot.replay import replay
from bot.settings import load_settings
from bot.simulator.caller import SilentCaller
from bot.simulator.loudness import FRAME_BYTES, is_audible
from flows.commands import Disposition
from tests.bot.line_server import Line

LISTENS_S = 5.0
"""By then the first sentence of the greeting has been heard."""


@dataclass(frozen=True)
class Placed:
    """A call, what was printed meanwhile, and what the caller heard."""

    call: LocalCall
    printed: str
    frames: list[bytes]


@pytest.fixture(scope="module")
def placed(line: Line) -> Placed:
    """A caller who listens for a moment and hangs up."""
    printed = io.StringIO()
    frames: list[bytes] = []
    console = Console(file=printed, width=110)
    call = place_call(line.server, SilentCaller(patience_s=LISTENS_S), console, listen=frames.append)
    line.wait_for_the_ends()
    return Placed(call, printed.getvalue(), frames)


def test_the_call_is_in_the_store_with_its_end(placed: Placed) -> None:
    assert placed.call.record.call_id == placed.call.result.call_sid
    assert placed.call.record.disposition is Disposition.CALLER_LEFT


def test_the_call_was_shown_as_it_happened(placed: Placed) -> None:
    assert "the automated assistant" in placed.printed
    assert "caller left, then hang up" in placed.printed


def test_the_log_is_kept_beside_the_recording_and_replays_to_the_same_decisions(placed: Placed) -> None:
    result = replay(read_log(placed.call.log))
    assert (result.call_id, result.difference) == (placed.call.record.call_id, None)
    assert [recording.parent for recording in placed.call.recordings] == [placed.call.log.parent]


def test_who_listens_hears_every_frame_of_the_line(placed: Placed) -> None:
    assert {len(frame) for frame in placed.frames} == {FRAME_BYTES}
    assert len(placed.frames) == pytest.approx(LISTENS_S * 50, abs=3)
    assert any(map(is_audible, placed.frames))


def test_when_the_call_is_over_nobody_watches_any_more(line: Line, placed: Placed) -> None:
    line.server.app.feed.publish_entry("CA1", "not JSON, and read by nobody")


def test_a_line_of_this_process_takes_any_port_and_signs_nothing() -> None:
    variables = {"PORT": "8000", "PUBLIC_URL": "https://line.example.com", "TWILIO_AUTH_TOKEN": "t"}
    settings = load_settings(variables)
    local = loopback(settings)
    assert (local.port, local.public_url, local.signed) == (0, "", False)
    assert local.calmline_home == settings.calmline_home
