"""Messages of the media socket: read in order, counted when bad, left when there are too many bad ones."""

import asyncio
from typing import Any

import pytest

from bot.carrier.messages import Connected, Mark, Stop
from bot.errors import BadMessage
from bot.media_messages import BAD_MESSAGES, MediaMessages
from bot.metrics import Metrics
from bot.simulator.wire import Speaker, StreamIds
from bot.websocket import SocketGone, WebSocket

OURS = StreamIds()
OTHER = StreamIds(stream_sid="MZ" + "f" * 32)

Received = dict[str, Any]


class Wire:
    """What a server received on one socket, and the messages read from it."""

    def __init__(self, *received: str | bytes | Received) -> None:
        self._received = [_event(item) for item in received]
        self.metrics = Metrics()
        self._messages = MediaMessages(WebSocket(self._receive, self._send), self.metrics)

    def next(self, **options: Any) -> Any:
        """The next good message."""
        return asyncio.run(self._messages.next(**options))

    def counted(self, reason: str) -> float:
        """How many bad messages were counted."""
        name = "calmline_media_messages_bad_total"
        return self.metrics.registry.get_sample_value(name, {"reason": reason}) or 0.0

    async def _receive(self) -> Received:
        return self._received.pop(0)

    async def _send(self, message: Any) -> None:
        raise AssertionError(f"reading sends nothing: {message}")


def _event(item: str | bytes | Received) -> Received:
    """A message as the server hands it over."""
    if isinstance(item, dict):
        return item
    return {"type": "websocket.receive", "text" if isinstance(item, str) else "bytes": item}


def test_good_messages_come_in_their_order() -> None:
    speaker = Speaker(OURS)
    wire = Wire(speaker.connected(), speaker.mark("m"), speaker.stop())
    assert [wire.next(), wire.next(), wire.next()] == [Connected(), Mark("m"), Stop()]


def test_bad_messages_are_counted_by_reason_and_passed_over() -> None:
    wire = Wire("rubbish", b"\x00", "[]", "{}", Speaker(OURS).stop())
    assert wire.next() == Stop()
    assert [wire.counted(reason) for reason in ("not_json", "not_text", "not_object", "missing_field")] == [
        1
    ] * 4


def test_a_message_of_another_stream_is_passed_over_once_the_own_one_is_known() -> None:
    wire = Wire(Speaker(OTHER).stop(), Speaker(OURS).mark("m"))
    assert wire.next(stream_sid=OURS.stream_sid) == Mark("m")
    assert wire.counted("wrong_stream") == 1


def test_a_stream_may_have_less_than_a_hundred_bad_messages() -> None:
    wire = Wire(*["rubbish"] * (BAD_MESSAGES - 1), Speaker(OURS).stop())
    assert wire.next() == Stop()


def test_the_hundredth_bad_message_is_one_too_many_however_many_good_ones_came() -> None:
    wire = Wire(*["rubbish", Speaker(OURS).stop()] * (BAD_MESSAGES - 1), "rubbish")
    for _ in range(BAD_MESSAGES - 1):
        wire.next()
    with pytest.raises(BadMessage):
        wire.next()


def test_a_connection_that_ended_is_gone() -> None:
    with pytest.raises(SocketGone):
        Wire({"type": "websocket.disconnect", "code": 1000}).next()


def test_a_connection_that_ended_for_a_message_over_the_limit_is_counted() -> None:
    wire = Wire({"type": "websocket.disconnect", "code": 1009})
    with pytest.raises(SocketGone):
        wire.next()
    assert wire.counted("too_large") == 1
