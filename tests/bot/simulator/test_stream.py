"""The driver of a stream: what it does when the other side is not there or does not behave."""

import asyncio

import pytest
from websockets.asyncio.client import ClientConnection

from bot.errors import PhoneFailed
from bot.simulator.caller import SilentCaller
from bot.simulator.carrier import Ending, Frame, SimulatedCarrier
from bot.simulator.faults import Faults
from bot.simulator.stream import StreamDriver, open_socket
from tests.bot.simulator.scripted_line import ScriptedLine, Talk, documents, listen_only


async def drive(url: str, faults: Faults | None = None) -> SimulatedCarrier:
    """Run a silent call on a socket for 300 ms at most."""
    socket: ClientConnection = await open_socket(url, {})
    carrier = SimulatedCarrier(SilentCaller(), faults)
    frames: list[Frame] = []
    await StreamDriver(socket, carrier, max_ms=300, on_frame=frames.append).run({})
    assert [frame.at_ms for frame in frames] == [20 * number for number in range(1, len(frames) + 1)]
    return carrier


def test_a_socket_that_cannot_be_opened_is_named() -> None:
    with ScriptedLine({}, listen_only) as line:
        gone = line.address
    with pytest.raises(PhoneFailed, match="opening the stream"):
        asyncio.run(open_socket(f"ws://{gone}/media", {}))


def test_the_limit_ends_a_stream() -> None:
    with ScriptedLine(documents(""), listen_only) as line:
        carrier = asyncio.run(drive(f"ws://{line.address}/media"))
    assert carrier.ending is Ending.CALLER_HUNG_UP
    assert line.received[-1]["event"] == "stop"


async def close_at_once(talk: Talk) -> None:
    await talk.close()


def test_a_server_that_closes_before_the_start_ends_the_stream() -> None:
    with ScriptedLine(documents(""), close_at_once) as line:
        carrier = asyncio.run(drive(f"ws://{line.address}/media"))
    assert carrier.ending is Ending.SERVER_CLOSED


def test_what_is_sent_before_the_closing_is_noticed_is_lost() -> None:
    """The network is slow: the carrier goes on for 200 ms on a socket that is closed."""
    with ScriptedLine(documents(""), close_at_once) as line:
        carrier = asyncio.run(drive(f"ws://{line.address}/media", Faults(network_ms=200)))
    assert carrier.ending is Ending.SERVER_CLOSED
    assert carrier.closed_at_ms is not None
    assert carrier.closed_at_ms >= 200
