"""What the carrier says and what it accepts, to the letter: the JSON of Media Streams from Twilio's side.

Sources: https://www.twilio.com/docs/voice/media-streams/websocket-messages, and Twilio's pages of the errors
31950 and 31951.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNDECODABLE = 31950
"""Twilio's error for a message that is not text or not JSON."""

INVALID = 31951
"""Twilio's error for an unknown type, a field that is missing, extra or wrong, or another stream's id."""


@dataclass(frozen=True)
class Violation:
    """Something the server did that Twilio warns about. `code` is Twilio's; 0 is a bound of the simulator."""

    code: int
    detail: str
    at_ms: int = 0


@dataclass(frozen=True)
class StreamIds:
    """The names of a simulated call, in Twilio's shape: two letters and 32 hexadecimal digits."""

    stream_sid: str = "MZ" + "0" * 31 + "1"
    call_sid: str = "CA" + "0" * 31 + "1"
    account_sid: str = "AC" + "0" * 31 + "1"


@dataclass(frozen=True)
class PlayAudio:
    """The server asks for audio to be played."""

    payload: bytes


@dataclass(frozen=True)
class SetMark:
    """The server asks to be told when what it sent before has been played."""

    name: str


@dataclass(frozen=True)
class ClearBuffer:
    """The server asks for everything unplayed to be dropped."""


Request = PlayAudio | SetMark | ClearBuffer

_FIELDS = {
    "media": ({"event", "streamSid", "media"}, "media", {"payload"}),
    "mark": ({"event", "streamSid", "mark"}, "mark", {"name"}),
    "clear": ({"event", "streamSid"}, None, set[str]()),
}


def read_request(text: str | bytes, *, stream_sid: str) -> Request | Violation:
    """Read one message of the server as strictly as Twilio does. Raises nothing."""
    message = _decode(text)
    if isinstance(message, Violation):
        return message
    problem = _problem(message, stream_sid)
    if problem:
        return Violation(INVALID, problem)
    if message["event"] == "clear":
        return ClearBuffer()
    if message["event"] == "mark":
        return SetMark(message["mark"]["name"])
    try:
        return PlayAudio(base64.b64decode(message["media"]["payload"], validate=True))
    except (binascii.Error, ValueError) as error:
        return Violation(INVALID, f"media.payload is not base64: {error}"[:120])


def _decode(text: str | bytes) -> dict[str, Any] | Violation:
    if not isinstance(text, str):
        return Violation(UNDECODABLE, f"a binary message of {len(text)} bytes")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Violation(UNDECODABLE, f"not JSON: {error}"[:120])
    if not isinstance(message, dict):
        return Violation(INVALID, f"a JSON {type(message).__name__}, not an object")
    return message


def _problem(message: dict[str, Any], stream_sid: str) -> str:
    """What is wrong with the fields of a message, or nothing."""
    event = message.get("event")
    if not isinstance(event, str) or event not in _FIELDS:
        return "the event is unknown"
    outer, inside, inner = _FIELDS[event]
    if message.keys() != outer:
        return f"{event} has the fields {sorted(message)[:8]}, not {sorted(outer)}"
    if message["streamSid"] != stream_sid:
        return f"{event} names another stream, not {stream_sid}"
    return _inner_problem(event, message[inside], inner) if inside else ""


def _inner_problem(event: str, part: object, inner: set[str]) -> str:
    """What is wrong with the one part of a message that holds its content, or nothing."""
    if not isinstance(part, dict) or part.keys() != inner:
        return f"{event} does not hold exactly {sorted(inner)}"
    (name,) = inner
    if not isinstance(part[name], str) or not part[name]:
        return f"{name} is not a string with something in it"
    return ""


class Speaker:
    """Builds the carrier's messages and keeps its counters: sequence numbers over all, chunks over media."""

    def __init__(self, ids: StreamIds) -> None:
        self._ids = ids
        self._sequence = 0
        self._chunk = 0

    def connected(self) -> str:
        """The first message: without a stream and without a number."""
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, custom_parameters: Mapping[str, str]) -> str:
        """The stream begins."""
        start = {
            "accountSid": self._ids.account_sid,
            "streamSid": self._ids.stream_sid,
            "callSid": self._ids.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": dict(custom_parameters),
        }
        return self._numbered({"event": "start", "start": start})

    def media(self, payload: bytes, timestamp_ms: int) -> str:
        """A frame of the caller's audio. Chunk and timestamp are strings, as Twilio sends them."""
        self._chunk += 1
        frame = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str(timestamp_ms),
            "payload": base64.b64encode(payload).decode("ascii"),
        }
        return self._numbered({"event": "media", "media": frame})

    def dtmf(self, digit: str) -> str:
        """A key. Its track is called `inbound_track`, unlike that of media."""
        return self._numbered({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": digit}})

    def mark(self, name: str) -> str:
        """A mark on its way back."""
        return self._numbered({"event": "mark", "mark": {"name": name}})

    def stop(self) -> str:
        """The stream is over."""
        stop = {"accountSid": self._ids.account_sid, "callSid": self._ids.call_sid}
        return self._numbered({"event": "stop", "stop": stop})

    def _numbered(self, message: dict[str, Any]) -> str:
        self._sequence += 1
        numbered = {**message, "sequenceNumber": str(self._sequence), "streamSid": self._ids.stream_sid}
        return json.dumps(numbered)
