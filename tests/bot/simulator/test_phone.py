"""The phone calls a line over real sockets, walks its TwiML, and measures what the caller hears."""

import asyncio

import pytest
from twilio.request_validator import RequestValidator

from bot.errors import PhoneFailed
from bot.simulator.caller import PlayedCaller, SilentCaller, Turn
from bot.simulator.carrier import Ending, Frame
from bot.simulator.faults import Faults
from bot.simulator.phone import Phone, PhoneEvent, PhoneResult, StepTaken
from bot.simulator.twiml import Dial, Gather, Hangup, Redirect, Say, Stream
from tests.bot.simulator.scripted_line import (
    STREAM,
    Script,
    ScriptedLine,
    answer_after_200_ms,
    break_the_protocol,
    documents,
    greet_and_leave,
    leave_in_haste,
    listen_only,
)
from tests.bot.simulator.signals import of, tone


def call(line: ScriptedLine, phone: Phone | None = None, faults: Faults | None = None) -> PhoneResult:
    return asyncio.run((phone or Phone(line.base_url)).call(SilentCaller(), faults))


def streamed(script: Script, faults: Faults | None = None) -> tuple[ScriptedLine, PhoneResult]:
    with ScriptedLine(documents(STREAM + "<Hangup/>"), script) as line:
        return line, call(line, faults=faults)


def test_a_call_walks_from_the_stream_to_the_hang_up() -> None:
    line, result = streamed(greet_and_leave)
    assert [type(step) for step in result.steps] == [Stream, Hangup]
    assert line.paths == ["/voice", "/media", "/voice/status"]
    assert result.streams[0].ending is Ending.SERVER_CLOSED


def test_the_line_is_told_who_calls_and_how_the_call_ended() -> None:
    line, result = streamed(greet_and_leave)
    first, last = line.asked[0].form, line.asked[-1].form
    assert (first["CallSid"], first["CallStatus"], first["From"]) == (
        result.call_sid,
        "ringing",
        "+15005550006",
    )
    assert (last["CallStatus"], last["CallDuration"]) == ("completed", "1")


def test_the_stream_carries_the_parameters_and_the_call() -> None:
    line, result = streamed(greet_and_leave)
    (start,) = of("start", line.received)
    assert start["start"]["customParameters"] == {"token": "t-1"}
    assert start["start"]["callSid"] == result.call_sid


def test_a_farewell_that_was_waited_for_is_heard_whole() -> None:
    _, result = streamed(greet_and_leave)
    (stream,) = result.streams
    assert (stream.truncated_bytes, [mark.name for mark in stream.marks_returned]) == (0, ["bye"])
    assert b"".join(heard.audio for heard in stream.heard_by_caller) == tone(200)


def test_a_farewell_that_was_not_waited_for_is_found_cut_off() -> None:
    _, result = streamed(leave_in_haste)
    assert result.streams[0].truncated_bytes > 6000


def test_a_caller_who_hangs_up_ends_the_call_without_another_verb() -> None:
    line, result = streamed(listen_only, Faults(hang_up_at_ms=200))
    assert [type(step) for step in result.steps] == [Stream]
    assert line.received[-1]["event"] == "stop"
    assert (result.streams[0].unplayed_bytes, result.streams[0].truncated_bytes) == (0, 0)


def test_a_dropped_socket_falls_through_to_the_next_verb() -> None:
    line, result = streamed(listen_only, Faults(drop_socket_at_ms=200))
    assert [type(step) for step in result.steps] == [Stream, Hangup]
    assert of("stop", line.received) == []


def test_the_line_that_never_ends_is_left_after_the_limit() -> None:
    with ScriptedLine(documents(STREAM), listen_only) as line:
        result = call(line, Phone(line.base_url, max_call_s=0.5))
    assert result.streams[0].ending is Ending.CALLER_HUNG_UP
    assert result.duration_ms < 2000


def test_what_breaks_the_protocol_is_reported() -> None:
    _, result = streamed(break_the_protocol)
    assert [violation.code for violation in result.violations] == [31951, 31951]


def test_the_wait_for_an_answer_is_measured_on_the_wire() -> None:
    """The line answers 200 ms after the caller: the wire, two frames and a busy machine add to that."""
    caller = PlayedCaller([Turn(tone(300))], wait_ms=200)
    with ScriptedLine(documents(STREAM), answer_after_200_ms) as line:
        result = asyncio.run(Phone(line.base_url).call(caller))
    (turn,) = result.turns
    assert turn.wait_ms is not None
    assert 200 <= turn.wait_ms <= 280 + 2 * result.streams[0].late_ms
    assert result.streams[0].greeting_ms is not None


def test_frames_keep_their_schedule() -> None:
    """The last of 50 frames is as late as the first, not later by all delays in between."""
    line, result = streamed(listen_only, Faults(hang_up_at_ms=1000))
    assert [int(media["media"]["timestamp"]) for media in of("media", line.received)] == list(
        range(0, 1000, 20)
    )
    assert result.setup_ms is not None
    assert result.duration_ms - result.setup_ms <= 1100 + result.streams[0].late_ms


def test_every_verb_and_every_frame_is_told_as_it_happens() -> None:
    events: list[PhoneEvent] = []
    with ScriptedLine(documents(STREAM), greet_and_leave) as line:
        asyncio.run(Phone(line.base_url).call(SilentCaller(), on_event=events.append))
    frames = [event for event in events if isinstance(event, Frame)]
    assert isinstance(events[0], StepTaken)
    assert [frame.at_ms for frame in frames] == list(range(20, 20 * len(frames) + 1, 20))
    assert any(frame.line_audible for frame in frames)


def test_a_menu_is_answered_with_the_keys_and_a_dial_with_its_status() -> None:
    menu = "<Gather action='/voice/keys'><Say>Press one.</Say></Gather>"
    dial = "<Dial action='/voice/dialled'>+15005550009</Dial>"
    with ScriptedLine(documents(menu, keys=dial, dialled="<Say>Bye.</Say><Hangup/>"), listen_only) as line:
        result = call(line, Phone(line.base_url, gather_keys=["1"], dial_status="no-answer"))
    assert [type(step) for step in result.steps] == [Gather, Dial, Say, Hangup]
    assert line.asked[1].form["Digits"] == "1"
    assert line.asked[2].form["DialCallStatus"] == "no-answer"


def test_a_menu_without_an_answer_goes_on_to_the_next_verb() -> None:
    with ScriptedLine(documents("<Gather action='/voice/keys'/><Hangup/>"), listen_only) as line:
        result = call(line)
    assert [type(step) for step in result.steps] == [Gather, Hangup]


def test_a_redirect_can_open_a_second_stream() -> None:
    with ScriptedLine(
        documents(STREAM + "<Redirect>/voice/next</Redirect>", next=STREAM), greet_and_leave
    ) as line:
        result = call(line)
    assert [type(step) for step in result.steps] == [Stream, Redirect, Stream]
    assert len({stream.stream_sid for stream in result.streams}) == 2


def test_a_stream_action_is_asked_when_the_stream_is_over() -> None:
    connect = STREAM.replace("<Connect>", "<Connect action='/voice/after'>")
    with ScriptedLine(documents(connect, after="<Hangup/>"), greet_and_leave) as line:
        call(line)
    assert line.paths == ["/voice", "/media", "/voice/after", "/voice/status"]


def test_a_call_that_goes_round_in_circles_is_given_up() -> None:
    with (
        ScriptedLine(documents("<Redirect>/voice</Redirect>"), listen_only) as line,
        pytest.raises(PhoneFailed, match="more than 20 documents"),
    ):
        call(line)


def test_a_line_that_does_not_speak_websocket_is_named() -> None:
    with (
        ScriptedLine(documents(STREAM.replace("HOST/media", "HOST:1/media")), listen_only) as line,
        pytest.raises(PhoneFailed, match="not below"),
    ):
        call(line)


def test_requests_and_the_upgrade_are_signed_for_the_public_address() -> None:
    public = "https://line.example"
    voice = STREAM.replace("ws://HOST", "wss://line.example")
    with ScriptedLine(documents(voice), greet_and_leave) as line:
        call(line, Phone(line.base_url, public_url=public, auth_token="secret"))
    validator = RequestValidator("secret")
    post, upgrade, _ = line.asked
    assert validator.validate(f"{public}/voice", post.form, post.headers["x-twilio-signature"])
    assert validator.validate("wss://line.example/media", {}, upgrade.headers["x-twilio-signature"])
