"""The carrier accepts exactly what Twilio accepts and numbers what it says."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.carrier import messages
from bot.carrier.messages import Media, Start, parse
from bot.simulator.wire import (
    INVALID,
    UNDECODABLE,
    ClearBuffer,
    PlayAudio,
    SetMark,
    Speaker,
    StreamIds,
    Violation,
    read_request,
)

IDS = StreamIds()
SID = IDS.stream_sid


def test_what_the_server_builds_is_what_the_carrier_reads() -> None:
    assert read_request(messages.media(SID, b"abc"), stream_sid=SID) == PlayAudio(b"abc")
    assert read_request(messages.mark(SID, "m"), stream_sid=SID) == SetMark("m")
    assert read_request(messages.clear(SID), stream_sid=SID) == ClearBuffer()


@pytest.mark.parametrize("text", [b"{}", "", "{", "hello"], ids=str)
def test_what_is_not_text_or_not_json_is_31950(text: str | bytes) -> None:
    assert code_of(text) == UNDECODABLE


@pytest.mark.parametrize(
    "message",
    [
        [],
        {},
        {"event": "hello", "streamSid": SID},
        {"event": "clear"},
        {"event": "clear", "streamSid": "MZother"},
        {"event": "clear", "streamSid": SID, "clear": {}},
        {"event": "mark", "streamSid": SID, "mark": {}},
        {"event": "mark", "streamSid": SID, "mark": {"name": ""}},
        {"event": "mark", "streamSid": SID, "mark": {"name": "m", "extra": 1}},
        {"event": "media", "streamSid": SID, "media": "abc"},
        {"event": "media", "streamSid": SID, "media": {"payload": "###"}},
        {"event": "media", "streamSid": SID, "media": {"payload": "/w==", "track": "outbound"}},
        {"event": "media", "streamSid": SID, "sequenceNumber": "1", "media": {"payload": "/w=="}},
    ],
    ids=lambda message: json.dumps(message)[:50],
)
def test_a_field_that_is_missing_extra_or_wrong_is_31951(message: Any) -> None:
    assert code_of(json.dumps(message)) == INVALID


def code_of(text: str | bytes) -> int:
    violation = read_request(text, stream_sid=SID)
    assert isinstance(violation, Violation)
    return violation.code


@given(st.text() | st.binary())
def test_any_message_is_read_or_a_violation(text: str | bytes) -> None:
    assert isinstance(read_request(text, stream_sid=SID), Violation | PlayAudio | SetMark | ClearBuffer)


def test_the_carrier_numbers_its_messages_with_strings() -> None:
    speaker = Speaker(IDS)
    said = [
        speaker.start({}),
        speaker.media(b"a", 0),
        speaker.dtmf("1"),
        speaker.media(b"b", 20),
        speaker.stop(),
    ]
    loaded = [json.loads(text) for text in said]
    assert [message["sequenceNumber"] for message in loaded] == ["1", "2", "3", "4", "5"]
    assert [loaded[1]["media"]["chunk"], loaded[3]["media"]["chunk"]] == ["1", "2"]


def test_connected_has_neither_stream_nor_number() -> None:
    assert json.loads(Speaker(IDS).connected()).keys() == {"event", "protocol", "version"}


def test_the_server_understands_everything_the_carrier_says() -> None:
    speaker = Speaker(IDS)
    start, media = parse(speaker.start({"token": "t"})), parse(speaker.media(b"abc", 120), stream_sid=SID)
    assert isinstance(start, Start)
    assert (start.call_sid, start.custom_parameters) == (IDS.call_sid, {"token": "t"})
    assert isinstance(media, Media)
    assert (media.timestamp_ms, media.payload) == (120, b"abc")
