"""Messages of Twilio Media Streams, as the server sees them: parsed from the carrier, built for the carrier.

Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages. What comes in is bounded and
typed here, once; the rest of the line gets a small frozen dataclass or a BadMessage. Extra fields are let
through, and numbers may be JSON numbers although Twilio sends strings: a harmless change of the carrier
harms no call. What goes out has exactly Twilio's fields: an extra one is its error 31951.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from audio.signal import TELEPHONE_HZ, MuLaw
from bot.errors import BadMessage

MAX_TEXT_BYTES = 64 * 1024
"""A message of one 20 ms frame has about 360 bytes; the longest start message about 10,000."""

MAX_AUDIO_BYTES = 16_000
"""Two seconds of mu-law in one message: a hundred times the usual frame."""

MAX_TIMESTAMP_MS = 86_400_000
"""One day; Twilio ends every call after four hours, or 24 on request."""

MAX_COUNT = 2**31 - 1
MAX_NAME_CHARS = 256
MAX_PARAMETERS = 64
MAX_PARAMETER_CHARS = 500

_DECIMAL = re.compile(r"[0-9]{1,10}")
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DIGIT = re.compile(r"[0-9*#A-D]")
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Reason(StrEnum):
    """Why a message is bad; these words are labels of a metric and stay as they are."""

    NOT_TEXT = "not_text"
    NOT_JSON = "not_json"
    NOT_OBJECT = "not_object"
    UNKNOWN_EVENT = "unknown_event"
    MISSING_FIELD = "missing_field"
    BAD_TYPE = "bad_type"
    BAD_VALUE = "bad_value"
    BAD_BASE64 = "bad_base64"
    BAD_FORMAT = "bad_format"
    TOO_LARGE = "too_large"
    WRONG_STREAM = "wrong_stream"


@dataclass(frozen=True)
class MediaFormat:
    """What the audio of a stream is. Media Streams knows one format; any other is refused."""

    encoding: str = "audio/x-mulaw"
    sample_rate_hz: int = TELEPHONE_HZ
    channels: int = 1


@dataclass(frozen=True)
class Connected:
    """The socket is open; `start` follows."""


@dataclass(frozen=True)
class Start:
    """The stream begins. `custom_parameters` are the `<Parameter>` elements of the TwiML."""

    stream_sid: str
    call_sid: str
    account_sid: str
    custom_parameters: Mapping[str, str]
    media_format: MediaFormat


@dataclass(frozen=True)
class Media:
    """A piece of what the caller says: never empty. `timestamp_ms` counts from the start of the stream."""

    chunk: int
    timestamp_ms: int
    payload: MuLaw
    sequence: int


@dataclass(frozen=True)
class Dtmf:
    """The caller pressed a key: one of 0-9, *, # and A-D."""

    digit: str


@dataclass(frozen=True)
class Mark:
    """A mark of ours comes back: the audio before it was played, or it was cleared away."""

    name: str


@dataclass(frozen=True)
class Stop:
    """The stream is over: the caller hung up, or the call was taken elsewhere."""


Inbound = Connected | Start | Media | Dtmf | Mark | Stop


def parse(text: str | bytes, *, stream_sid: str | None = None) -> Inbound:
    """Parse one WebSocket message of the carrier.

    With `stream_sid`, a message that names another stream is refused. Raises BadMessage with one of the
    `Reason`s, and nothing else, whatever the message is.
    """
    if not isinstance(text, str):
        _bad(Reason.NOT_TEXT, f"a binary message of {len(text)} bytes")
    if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
        _bad(Reason.TOO_LARGE, f"{len(text)} characters of text")
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadMessage(Reason.NOT_JSON, str(error)[:80]) from None
    if not isinstance(message, dict):
        _bad(Reason.NOT_OBJECT, f"a JSON {type(message).__name__}")
    event = _string(message, "event")
    parser = _PARSERS.get(event)
    if parser is None:
        _bad(Reason.UNKNOWN_EVENT, repr(event[:40]))
    if stream_sid is not None and "streamSid" in message and _sid(message, "streamSid") != stream_sid:
        _bad(Reason.WRONG_STREAM, f"{message['streamSid']} instead of {stream_sid}")
    return parser(message)


def media(stream_sid: str, payload: bytes) -> str:
    """Build the message that plays `payload` (mu-law, no header, any length) after what is buffered."""
    audio = base64.b64encode(payload).decode("ascii")
    return _json({"event": "media", "streamSid": stream_sid, "media": {"payload": audio}})


def mark(stream_sid: str, name: str) -> str:
    """Build the message that comes back as a Mark when all audio sent before it has been played."""
    return _json({"event": "mark", "streamSid": stream_sid, "mark": {"name": name}})


def clear(stream_sid: str) -> str:
    """Build the message that empties the carrier's buffer; all pending marks come back at once."""
    return _json({"event": "clear", "streamSid": stream_sid})


def _json(message: dict[str, Any]) -> str:
    """Serialise without spaces: the message goes out fifty times a second for every call."""
    return json.dumps(message, separators=(",", ":"))


def _bad(reason: Reason, detail: str) -> NoReturn:
    raise BadMessage(reason, detail)


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def _field(part: Mapping[str, Any], name: str) -> object:
    """The value of a field; null counts as missing."""
    value = part.get(name)
    if value is None:
        _bad(Reason.MISSING_FIELD, name)
    return value


def _object(part: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = _field(part, name)
    if not isinstance(value, dict):
        _bad(Reason.BAD_TYPE, f"{name} is a {type(value).__name__}, not an object")
    return value


def _string(part: Mapping[str, Any], name: str) -> str:
    value = _field(part, name)
    if not isinstance(value, str):
        _bad(Reason.BAD_TYPE, f"{name} is a {type(value).__name__}, not a string")
    return value


def _text(value: str, name: str, most: int) -> str:
    """A string fit to store and show: not too long, no control characters, no half of a surrogate pair."""
    if len(value) > most:
        _bad(Reason.TOO_LARGE, f"{name} has {len(value)} characters")
    if _UNFIT.search(value):
        _bad(Reason.BAD_VALUE, f"{name} holds a control character")
    return value


def _sid(part: Mapping[str, Any], name: str) -> str:
    value = _string(part, name)
    if not _SID.fullmatch(value):
        _bad(Reason.BAD_VALUE, f"{name} is {value[:40]!r}, not an identifier")
    return value


def _number(part: Mapping[str, Any], name: str, most: int) -> int:
    """A whole number from 0 to `most`, given as a string of digits (as Twilio does) or as a number."""
    value = _field(part, name)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        _bad(Reason.BAD_TYPE, f"{name} is a {type(value).__name__}, not a whole number")
    if not 0 <= value <= most:
        _bad(Reason.BAD_VALUE, f"{name} is beyond 0..{most}")
    return value


def _connected(_message: dict[str, Any]) -> Connected:
    return Connected()


def _start(message: dict[str, Any]) -> Start:
    start = _object(message, "start")
    stream_sid = _sid(start, "streamSid")
    if "streamSid" in message and _sid(message, "streamSid") != stream_sid:
        _bad(Reason.WRONG_STREAM, f"start names {stream_sid} inside and {message['streamSid']} outside")
    said = _object(start, "mediaFormat")
    media_format = MediaFormat(
        encoding=_string(said, "encoding"),
        sample_rate_hz=_number(said, "sampleRate", MAX_COUNT),
        channels=_number(said, "channels", MAX_COUNT),
    )
    if media_format != MediaFormat():
        _bad(Reason.BAD_FORMAT, f"{media_format.encoding[:40]!r} at {media_format.sample_rate_hz} Hz")
    return Start(
        stream_sid=stream_sid,
        call_sid=_sid(start, "callSid"),
        account_sid=_sid(start, "accountSid"),
        custom_parameters=_parameters(start),
        media_format=media_format,
    )


def _parameters(start: dict[str, Any]) -> dict[str, str]:
    """The custom parameters; Twilio leaves the field out, or empty, when the TwiML has none."""
    if start.get("customParameters") is None:
        return {}
    parameters = _object(start, "customParameters")
    if len(parameters) > MAX_PARAMETERS:
        _bad(Reason.TOO_LARGE, f"{len(parameters)} custom parameters")
    for name in parameters:
        _text(name, "the name of a custom parameter", MAX_PARAMETER_CHARS)
        _text(_string(parameters, name), "a custom parameter", MAX_PARAMETER_CHARS)
    return parameters


def _media(message: dict[str, Any]) -> Media:
    frame = _object(message, "media")
    if _string(frame, "track") != "inbound":
        _bad(Reason.BAD_VALUE, f"the track is {frame['track'][:40]!r}, not inbound")
    return Media(
        chunk=_number(frame, "chunk", MAX_COUNT),
        timestamp_ms=_number(frame, "timestamp", MAX_TIMESTAMP_MS),
        payload=_audio(_string(frame, "payload")),
        sequence=_number(message, "sequenceNumber", MAX_COUNT),
    )


def _audio(payload: str) -> MuLaw:
    """Decode a payload. Characters outside the alphabet are refused: skipping them would yield noise."""
    if len(payload) > -(-MAX_AUDIO_BYTES // 3) * 4:
        _bad(Reason.TOO_LARGE, f"a payload of {len(payload)} characters")
    try:
        audio = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadMessage(Reason.BAD_BASE64, str(error)[:80]) from None
    if len(audio) > MAX_AUDIO_BYTES:
        _bad(Reason.TOO_LARGE, f"{len(audio)} bytes of audio")
    if not audio:
        _bad(Reason.BAD_VALUE, "the payload is empty")
    return MuLaw(audio)


def _dtmf(message: dict[str, Any]) -> Dtmf:
    digit = _string(_object(message, "dtmf"), "digit")
    if not _DIGIT.fullmatch(digit):
        _bad(Reason.BAD_VALUE, f"the key {digit[:10]!r} is not on a telephone")
    return Dtmf(digit)


def _mark(message: dict[str, Any]) -> Mark:
    name = _text(_string(_object(message, "mark"), "name"), "the name of a mark", MAX_NAME_CHARS)
    if not name:
        _bad(Reason.BAD_VALUE, "the name of a mark is empty")
    return Mark(name)


def _stop(_message: dict[str, Any]) -> Stop:
    return Stop()


_PARSERS: Mapping[str, Callable[[dict[str, Any]], Inbound]] = {
    "connected": _connected,
    "start": _start,
    "media": _media,
    "dtmf": _dtmf,
    "mark": _mark,
    "stop": _stop,
}
