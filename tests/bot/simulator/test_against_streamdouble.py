"""An independent client of Media Streams and our carrier are one and the same to a server.

Known deviation of streamdouble 0.3.0: after a `clear` it drops the pending marks, while Twilio sends them back.
"""

import asyncio
import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from streamdouble import api, protocol
from streamdouble.session import SessionConfig

from bot.carrier import messages
from bot.carrier.messages import Dtmf, Mark, Media, Start, Stop, parse
from bot.simulator.caller import SilentCaller
from bot.simulator.carrier import SimulatedCarrier
from bot.simulator.faults import Faults
from bot.simulator.loudness import SILENCE
from bot.simulator.stream import StreamDriver, open_socket
from bot.simulator.wire import ClearBuffer, PlayAudio, SetMark, Speaker, StreamIds, read_request
from tests.bot.simulator.scripted_line import ScriptedLine, Talk, documents
from tests.bot.simulator.signals import of, tone

CALL_MS = 1200
PARAMETERS = {"token": "t-1"}
Received = list[dict[str, Any]]


async def greet_and_be_interrupted(talk: Talk) -> None:
    """Greet with a mark; then speak for long, clear after 10 frames, and mark the empty buffer."""
    sid, frames_to_clear = "", 0
    async for message in talk:
        match message:
            case Start(stream_sid=sid):
                await talk.say(messages.media(sid, tone(200)), messages.mark(sid, "greeting"))
            case Mark("greeting"):
                await talk.say(messages.media(sid, tone(3000)), messages.mark(sid, "long"))
                frames_to_clear = 10
            case Media() if frames_to_clear:
                frames_to_clear -= 1
                if not frames_to_clear:
                    await talk.say(messages.clear(sid), messages.mark(sid, "after"))
            case _:
                pass


def call_by_streamdouble(url: str) -> None:
    frames = [SILENCE] * (CALL_MS // 20)
    config = SessionConfig(custom_parameters=PARAMETERS, quiet_period_s=0.1)
    report = asyncio.run(api.call(url, frames=frames, config=config))
    assert report.violations == []


def call_by_carrier(url: str) -> None:
    async def run() -> None:
        carrier = SimulatedCarrier(SilentCaller(), Faults(hang_up_at_ms=CALL_MS))
        driver = StreamDriver(await open_socket(url, {}), carrier, max_ms=5000, on_frame=lambda _frame: None)
        await driver.run(PARAMETERS)
        assert carrier.violations == []

    asyncio.run(run())


CLIENTS: dict[str, Callable[[str], None]] = {"streamdouble": call_by_streamdouble, "carrier": call_by_carrier}


@functools.cache
def conversation(client: str) -> Received:
    """What the server received from a client; each conversation is held once."""
    with ScriptedLine(documents(""), greet_and_be_interrupted) as line:
        CLIENTS[client](f"ws://{line.address}/media")
    return line.received


def shape(value: object, path: str = "") -> set[tuple[str, str]]:
    """Every field of a message with the JSON type of its value."""
    if isinstance(value, dict):
        return {(path, "object")}.union(*(shape(inner, f"{path}.{name}") for name, inner in value.items()))
    if isinstance(value, list):
        return {(path, "array")}.union(*(shape(inner, f"{path}[]") for inner in value))
    return {(path, type(value).__name__)}


@pytest.mark.parametrize("event", ["connected", "start", "media", "mark", "stop"])
def test_both_send_the_same_fields_of_the_same_types(event: str) -> None:
    first, second = (of(event, conversation(client)) for client in CLIENTS)
    assert {frozenset(shape(message)) for message in first} == {
        frozenset(shape(message)) for message in second
    }


@pytest.mark.parametrize("client", CLIENTS)
def test_the_order_is_connected_start_media_and_stop_at_the_end(client: str) -> None:
    events = [message["event"] for message in conversation(client)]
    assert (events[:3], events[-1]) == (["connected", "start", "media"], "stop")
    assert set(events[2:-1]) == {"media", "mark"}


@pytest.mark.parametrize("client", CLIENTS)
def test_sequence_numbers_count_all_messages_but_connected(client: str) -> None:
    _, *numbered = conversation(client)
    assert [message["sequenceNumber"] for message in numbered] == [
        str(n) for n in range(1, len(numbered) + 1)
    ]


@pytest.mark.parametrize("client", CLIENTS)
def test_chunks_count_frames_and_timestamps_count_20_ms(client: str) -> None:
    media = [message["media"] for message in of("media", conversation(client))]
    assert [frame["chunk"] for frame in media] == [str(n) for n in range(1, len(media) + 1)]
    assert [frame["timestamp"] for frame in media] == [str(20 * n) for n in range(len(media))]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_mark_comes_back_when_its_audio_was_played(client: str) -> None:
    """200 ms of audio are ten frames; a busy machine may add some."""
    events = [message["event"] for message in conversation(client)]
    assert 10 <= events[: events.index("mark")].count("media") <= 20


@pytest.mark.parametrize(
    ("client", "names"),
    [("streamdouble", ["greeting", "after"]), ("carrier", ["greeting", "long", "after"])],
)
def test_marks_come_back_in_order_and_a_clear_returns_the_pending_one(client: str, names: list[str]) -> None:
    marks = of("mark", conversation(client))
    assert [message["mark"]["name"] for message in marks] == names


@pytest.mark.parametrize("client", CLIENTS)
def test_the_start_carries_the_parameters(client: str) -> None:
    (start,) = of("start", conversation(client))
    assert start["start"]["customParameters"] == PARAMETERS


def test_the_peer_reads_what_our_server_builds() -> None:
    sid = "MZ" + "a" * 32
    media = protocol.parse_outbound(messages.media(sid, b"abc"), expected_stream_sid=sid)
    mark = protocol.parse_outbound(messages.mark(sid, "m"), expected_stream_sid=sid)
    clear = protocol.parse_outbound(messages.clear(sid), expected_stream_sid=sid)
    assert (media.payload, mark.name, clear.stream_sid) == (b"abc", "m", sid)


def test_our_carrier_and_the_peer_read_the_same_three_requests() -> None:
    sid = "MZ" + "a" * 32
    texts = [messages.media(sid, b"abc"), messages.mark(sid, "m"), messages.clear(sid)]
    ours = [type(read_request(text, stream_sid=sid)) for text in texts]
    theirs = [type(protocol.parse_outbound(text)) for text in texts]
    assert ours == [PlayAudio, SetMark, ClearBuffer]
    assert theirs == [protocol.InboundMedia, protocol.InboundMark, protocol.InboundClear]


def test_both_write_keys_and_stop_alike() -> None:
    ids = StreamIds()
    peer = protocol.MediaStreamEncoder(protocol.StreamIdentity(ids.stream_sid, ids.account_sid, ids.call_sid))
    ours = Speaker(ids)
    assert json.loads(ours.start(PARAMETERS)) == peer.start(custom_parameters=PARAMETERS)
    assert json.loads(ours.media(SILENCE, 0)) == peer.media(SILENCE)
    assert json.loads(ours.dtmf("#")) == peer.dtmf("#")
    assert json.loads(ours.stop()) == peer.stop()


def test_our_server_reads_what_the_peer_writes() -> None:
    peer = protocol.MediaStreamEncoder()
    peer.start()
    assert parse(json.dumps(peer.dtmf("A"))) == Dtmf("A")
    assert parse(json.dumps(peer.mark("m"))) == Mark("m")
    assert parse(json.dumps(peer.stop())) == Stop()
