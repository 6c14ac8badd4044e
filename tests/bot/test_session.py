"""The driver of one call on the running line: streams that are lost and taken up again, keys, a disk that is full."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
import soundfile
from streamdouble.protocol import StreamIdentity
from streamdouble.session import SessionConfig, SessionResult, run_call

from bot.replay import replay
from bot.simulator.caller import PlayedCaller, SilentCaller, Turn
from bot.simulator.carrier import Ending
from bot.simulator.faults import Faults
from bot.simulator.loudness import SILENCE
from bot.simulator.phone import PhoneResult
from tests.bot.line_server import Line, caller, events, heard_text, peer, playback, rendered, serving

GREETING_MS = 7_600
"""How long the greeting takes."""

DROP_MS = 2_500
STAY_MS = 9_000


@dataclass(frozen=True)
class Evening:
    """Calls that were held at the same time."""

    resumed: PhoneResult  # its socket was lost in the middle of the greeting
    with_keys: PhoneResult  # pressed a key after the greeting, and hung up
    taken_over: str  # the call whose new stream opened while the old one seemed to be open
    old_stream_code: int | None
    by_streamdouble: str
    peers_result: SessionResult


@pytest.fixture(scope="module")
def evening(line: Line) -> Evening:
    async def hold() -> Evening:
        keys = PlayedCaller([Turn(keys="7", wait_ms=100)], patience_s=1)
        resumed, with_keys, (taken_over, code), (by_streamdouble, result) = await asyncio.gather(
            line.phone().call(SilentCaller(), Faults(drop_socket_at_ms=DROP_MS, hang_up_at_ms=STAY_MS)),
            line.phone().call(keys),
            _open_twice(line),
            _call_by_streamdouble(line),
        )
        return Evening(resumed, with_keys, taken_over, code, by_streamdouble, result)

    held = asyncio.run(hold())
    line.wait_for_the_ends()
    return held


async def _open_twice(line: Line) -> tuple[str, int | None]:
    """Open a second stream of a call whose first one does not notice that it is lost."""
    async with caller(line) as old:
        await old.speak(50)
        call_id = old.ids.call_sid
        _, token = await asyncio.to_thread(line.token, "/voice/after?step=1", call_id=call_id)
        async with peer(line, call_id=call_id) as new:
            await new.begin({"token": token})
            await new.hears(5)
            await new.send(new.speaker.stop())
            await new.close_code()
            return call_id, await old.close_code()


async def _call_by_streamdouble(line: Line) -> tuple[str, SessionResult]:
    """Let an independent client of Media Streams call, and listen until the greeting is over."""
    call_id, token = await asyncio.to_thread(line.token)
    url = f"ws{line.url.removeprefix('http')}/media"
    frames = [SILENCE] * (GREETING_MS // 20)
    config = SessionConfig(custom_parameters={"token": token}, quiet_period_s=0.2)
    identity = StreamIdentity(call_sid=call_id)
    return call_id, await run_call(url, frames, config=config, identity=identity)


# -- a stream that is lost --------------------------------------------------------------------------------------------


def test_a_lost_stream_is_opened_again_and_the_line_says_that_it_was_cut_off(
    line: Line, evening: Evening
) -> None:
    assert [stream.ending for stream in evening.resumed.streams] == [
        Ending.SOCKET_DROPPED,
        Ending.CALLER_HUNG_UP,
    ]
    assert "We were cut off for a moment." in heard_text(line.entries(evening.resumed.call_sid))


def test_what_the_lost_stream_was_saying_counts_as_cut_off_where_it_was_lost(
    line: Line, evening: Evening
) -> None:
    entries = line.entries(evening.resumed.call_sid)
    first, second = events(entries, "line_heard")[:2]
    assert (first["to_its_end"], second["to_its_end"]) == (False, False)
    assert abs(first["heard_ms"] - DROP_MS) < 500
    assert second["heard_ms"] == 0


def test_both_streams_are_one_log_that_replays_the_same(line: Line, evening: Evening) -> None:
    bodies = line.bodies(evening.resumed.call_sid)
    assert [entry["event"] for entry in line.entries(evening.resumed.call_sid) if "event" in entry].count(
        "call_resumed"
    ) == 1
    assert replay(bodies).difference is None


def test_each_stream_has_its_own_recording(line: Line, evening: Evening) -> None:
    first, second = sorted(line.parts.recordings.glob(f"{evening.resumed.call_sid}-*.flac"))
    assert line.store.call(evening.resumed.call_sid).recording == str(first)
    assert soundfile.info(first).duration == pytest.approx(DROP_MS / 1000, abs=0.5)
    assert soundfile.info(second).duration == pytest.approx(STAY_MS / 1000, abs=0.5)


def test_a_new_stream_of_a_call_ends_the_old_one_that_did_not_notice(line: Line, evening: Evening) -> None:
    entries = line.entries(evening.taken_over)
    assert [entry["departure"] for entry in events(entries, "caller_left")] == ["socket_lost", "hung_up"]
    assert len(events(entries, "call_resumed")) == 1
    assert evening.old_stream_code == 1000
    assert replay(line.bodies(evening.taken_over)).difference is None


# -- other callers ----------------------------------------------------------------------------------------------------


def test_a_key_of_the_caller_is_in_the_log(line: Line, evening: Evening) -> None:
    (pressed,) = events(line.entries(evening.with_keys.call_sid), "key_pressed")
    assert pressed["digit"] == "7"


def test_an_independent_client_hears_the_greeting_word_for_word(line: Line, evening: Evening) -> None:
    sentences = [entry["text"] for entry in playback(line.entries(evening.by_streamdouble), "heard")]
    assert sentences[0].startswith("Hello, this is the automated assistant")
    assert rendered(line, sentences) == evening.peers_result.audio_received


def test_an_independent_client_sees_no_violation_and_returns_every_mark(evening: Evening) -> None:
    result = evening.peers_result
    assert (result.violations, result.unknown_events) == ([], [])
    assert result.marks_echoed == result.marks_received == ["line-1/1", "line-1/2", "line-2/1"]


def test_the_greeting_is_logged_as_heard_when_an_independent_client_returns_its_marks(
    line: Line, evening: Evening
) -> None:
    entries = line.entries(evening.by_streamdouble)
    assert [done["to_its_end"] for done in events(entries, "line_heard")] == [True, True]
    assert events(entries, "caller_left")[0]["departure"] == "hung_up"


# -- a disk that takes nothing ----------------------------------------------------------------------------------------


def test_a_call_that_cannot_be_recorded_goes_on_and_is_counted(home: Path) -> None:
    """A file in the place of the folder: not even root can write a recording there."""
    (home / "recordings").write_text("no room")
    with serving(home) as line:
        result = asyncio.run(line.phone().call(SilentCaller(), Faults(hang_up_at_ms=5_000)))
        line.wait_for_the_ends()
        assert "automated assistant" in heard_text(line.entries(result.call_sid))
        assert line.figure("recordings_failed_total") == 1
