"""The codec of Media Streams: what is understood, what is refused and why, and what goes out."""

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audio.signal import MuLaw
from bot.carrier import messages
from bot.carrier.messages import Connected, Dtmf, Mark, Media, Reason, Start, Stop, parse
from bot.errors import BadMessage

STREAM = "MZ" + "a" * 32
AUDIO = MuLaw(bytes(range(160)))

START: dict[str, Any] = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": STREAM,
    "start": {
        "accountSid": "AC" + "b" * 32,
        "streamSid": STREAM,
        "callSid": "CA" + "c" * 32,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t-1", "line": "garage"},
    },
}
MEDIA: dict[str, Any] = {
    "event": "media",
    "sequenceNumber": "4",
    "streamSid": STREAM,
    "media": {
        "track": "inbound",
        "chunk": "3",
        "timestamp": "40",
        "payload": base64.b64encode(AUDIO).decode(),
    },
}


def changed(message: dict[str, Any], part: str, **fields: object) -> str:
    """A message with some fields of one part replaced; None takes a field away."""
    return json.dumps({**message, part: {**message[part], **fields}})


def reason_of(text: str | bytes, *, stream_sid: str | None = None) -> str:
    with pytest.raises(BadMessage) as caught:
        parse(text, stream_sid=stream_sid)
    return caught.value.reason


def test_connected_is_read() -> None:
    assert parse('{"event": "connected", "protocol": "Call", "version": "1.0.0"}') == Connected()


def test_start_names_the_call_and_carries_the_parameters() -> None:
    start = parse(json.dumps(START))
    assert isinstance(start, Start)
    assert (start.stream_sid, start.call_sid, start.account_sid) == (STREAM, "CA" + "c" * 32, "AC" + "b" * 32)
    assert start.custom_parameters == {"token": "t-1", "line": "garage"}


def test_a_start_without_parameters_has_none() -> None:
    start = parse(changed(START, "start", customParameters=None))
    assert isinstance(start, Start)
    assert start.custom_parameters == {}


def test_media_is_read() -> None:
    assert parse(json.dumps(MEDIA)) == Media(chunk=3, timestamp_ms=40, payload=AUDIO, sequence=4)


def test_numbers_may_be_numbers() -> None:
    loose = {**MEDIA, "sequenceNumber": 4, "media": {**MEDIA["media"], "chunk": 3, "timestamp": 40}}
    assert parse(json.dumps(loose)) == parse(json.dumps(MEDIA))


def test_extra_fields_are_let_through() -> None:
    assert parse(changed({**MEDIA, "new": [1]}, "media", newer={})) == parse(json.dumps(MEDIA))


@pytest.mark.parametrize("digit", "0123456789*#ABCD")
def test_every_key_of_a_telephone_is_read(digit: str) -> None:
    message = {"event": "dtmf", "streamSid": STREAM, "dtmf": {"track": "inbound_track", "digit": digit}}
    assert parse(json.dumps(message)) == Dtmf(digit)


def test_a_mark_and_a_stop_are_read() -> None:
    assert parse(json.dumps({"event": "mark", "streamSid": STREAM, "mark": {"name": "m 1"}})) == Mark("m 1")
    assert parse(json.dumps({"event": "stop", "streamSid": STREAM, "stop": {}})) == Stop()


BAD: list[tuple[Reason, str | bytes]] = [
    (Reason.NOT_TEXT, json.dumps(MEDIA).encode()),
    (Reason.NOT_JSON, "{"),
    (Reason.NOT_JSON, '{"event": NaN}'),
    (Reason.NOT_JSON, "[" * 50_000),
    (Reason.NOT_OBJECT, "[]"),
    (Reason.UNKNOWN_EVENT, '{"event": "hello"}'),
    (Reason.MISSING_FIELD, "{}"),
    (Reason.BAD_TYPE, '{"event": {}}'),
    (Reason.MISSING_FIELD, '{"event": "media"}'),
    (Reason.BAD_TYPE, '{"event": "media", "media": "x"}'),
    (Reason.MISSING_FIELD, changed(MEDIA, "media", payload=None)),
    (Reason.BAD_TYPE, changed(MEDIA, "media", payload=7)),
    (Reason.BAD_BASE64, changed(MEDIA, "media", payload="####")),
    (Reason.BAD_BASE64, changed(MEDIA, "media", payload="ä")),
    (Reason.BAD_VALUE, changed(MEDIA, "media", payload="")),
    (Reason.BAD_VALUE, changed(MEDIA, "media", track="outbound")),
    (Reason.BAD_VALUE, changed(MEDIA, "media", timestamp=messages.MAX_TIMESTAMP_MS + 1)),
    (Reason.BAD_VALUE, changed(MEDIA, "media", timestamp=-1)),
    (Reason.BAD_TYPE, changed(MEDIA, "media", timestamp=20.5)),
    (Reason.BAD_TYPE, changed(MEDIA, "media", timestamp="-1")),
    (Reason.BAD_TYPE, changed(MEDIA, "media", timestamp="٣")),
    (Reason.BAD_TYPE, changed(MEDIA, "media", chunk=True)),
    (Reason.TOO_LARGE, changed(MEDIA, "media", payload=base64.b64encode(b"\xff" * 16_001).decode())),
    (Reason.TOO_LARGE, changed(MEDIA, "media", payload=base64.b64encode(b"\xff" * 20_000).decode())),
    (Reason.TOO_LARGE, changed(MEDIA, "media", note="x" * 65_536)),
    (Reason.TOO_LARGE, '{"event": "' + "€" * 30_000 + '"}'),
    (Reason.BAD_VALUE, '{"event": "dtmf", "dtmf": {"digit": "12"}}'),
    (Reason.BAD_VALUE, '{"event": "dtmf", "dtmf": {"digit": "a"}}'),
    (Reason.BAD_VALUE, '{"event": "mark", "mark": {"name": ""}}'),
    (Reason.BAD_VALUE, '{"event": "mark", "mark": {"name": "a\\u0000b"}}'),
    (Reason.BAD_VALUE, '{"event": "mark", "mark": {"name": "\\ud800"}}'),
    (Reason.TOO_LARGE, json.dumps({"event": "mark", "mark": {"name": "n" * 257}})),
    (Reason.WRONG_STREAM, changed(START, "start", streamSid="MZother")),
    (Reason.BAD_VALUE, changed(START, "start", callSid="../etc")),
    (Reason.BAD_TYPE, changed(START, "start", customParameters={"a": 1})),
    (Reason.TOO_LARGE, changed(START, "start", customParameters={"a": "x" * 501})),
    (Reason.TOO_LARGE, changed(START, "start", customParameters={str(n): "" for n in range(65)})),
    (
        Reason.BAD_FORMAT,
        changed(START, "start", mediaFormat={**START["start"]["mediaFormat"], "channels": 2}),
    ),
]


@pytest.mark.parametrize(("reason", "text"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_message_is_refused_with_its_reason(reason: Reason, text: str | bytes) -> None:
    assert reason_of(text) == reason


def test_every_reason_but_that_of_the_stream_is_shown_above() -> None:
    assert {reason for reason, _ in BAD} == set(Reason)


def test_a_message_of_another_stream_is_refused() -> None:
    assert reason_of(json.dumps(MEDIA), stream_sid="MZother") == Reason.WRONG_STREAM


def test_a_message_of_the_stream_passes() -> None:
    assert isinstance(parse(json.dumps(MEDIA), stream_sid=STREAM), Media)


def test_connected_passes_although_it_names_no_stream() -> None:
    assert parse('{"event": "connected"}', stream_sid=STREAM) == Connected()


def test_the_error_is_a_sentence_without_the_payload() -> None:
    with pytest.raises(
        BadMessage, match=r"bad \(bad_value\): the key '1{10}' is not on a telephone"
    ) as caught:
        parse(json.dumps({"event": "dtmf", "dtmf": {"digit": "1" * 1000}}))
    assert len(str(caught.value)) < 200


def test_outbound_messages_have_exactly_twilios_fields() -> None:
    assert json.loads(messages.media(STREAM, b"\xff\x00")) == {
        "event": "media",
        "streamSid": STREAM,
        "media": {"payload": "/wA="},
    }
    assert json.loads(messages.mark(STREAM, "m")) == {
        "event": "mark",
        "streamSid": STREAM,
        "mark": {"name": "m"},
    }
    assert json.loads(messages.clear(STREAM)) == {"event": "clear", "streamSid": STREAM}


@given(
    st.binary(min_size=1, max_size=messages.MAX_AUDIO_BYTES),
    st.integers(0, messages.MAX_TIMESTAMP_MS),
    st.integers(0, messages.MAX_COUNT),
)
def test_every_media_message_comes_through_unchanged(audio: bytes, timestamp_ms: int, count: int) -> None:
    payload = base64.b64encode(audio).decode()
    text = changed(MEDIA, "media", payload=payload, timestamp=str(timestamp_ms), chunk=str(count))
    media = parse(text)
    assert isinstance(media, Media)
    assert (media.payload, media.timestamp_ms, media.chunk) == (audio, timestamp_ms, count)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=messages.MAX_NAME_CHARS))
def test_a_mark_comes_back_under_the_name_it_was_given(name: str) -> None:
    assert parse(messages.mark(STREAM, name), stream_sid=STREAM) == Mark(name)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def is_parsed_or_refused(text: str | bytes) -> bool:
    try:
        return isinstance(parse(text, stream_sid=STREAM), messages.Inbound)
    except BadMessage as error:
        return error.reason in set(Reason) and bool(str(error).encode())


@given(st.text() | st.binary())
@example("9" * 5000)
@example('{"event": "\\ud800"}')
def test_any_text_is_parsed_or_refused(text: str | bytes) -> None:
    assert is_parsed_or_refused(text)


@given(st.sampled_from([START, MEDIA]), st.data())
def test_any_value_in_any_field_is_parsed_or_refused(message: dict[str, Any], data: st.DataObject) -> None:
    part = data.draw(st.sampled_from([None, message["event"]]))
    fields = message if part is None else message[part]
    name = data.draw(st.sampled_from(sorted(fields)))
    value = data.draw(JSON_VALUES)
    text = json.dumps({**message, name: value}) if part is None else changed(message, part, **{name: value})
    assert is_parsed_or_refused(text)
