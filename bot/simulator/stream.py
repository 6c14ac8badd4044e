"""One stream over a real socket, in real time: the thin driver of SimulatedCarrier."""

import asyncio
from collections.abc import Callable, Mapping

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from bot.errors import PhoneFailed
from bot.simulator.carrier import Ending, Frame, SimulatedCarrier

MAX_MESSAGE_BYTES = 1024 * 1024
"""A minute of audio in one message, and room for its base64."""

OPEN_TIMEOUT_S = 10
SEND_TIMEOUT_S = 5
CLOSE_TIMEOUT_S = 2


async def open_socket(url: str, headers: Mapping[str, str]) -> ClientConnection:
    """Connect to the server's socket. Raises PhoneFailed."""
    try:
        return await connect(
            url,
            additional_headers=headers,
            max_size=MAX_MESSAGE_BYTES,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=None,
            compression=None,
            proxy=None,
        )
    except (OSError, TimeoutError, WebSocketException) as error:
        raise PhoneFailed("opening the stream", f"{url}: {error}"[:200]) from error


class StreamDriver:
    """Runs a carrier on a socket. The schedule is absolute: a late frame does not make the next one late.

    `late_ms` is the worst delay of a frame, caused by this machine; measured times are true within it.
    """

    def __init__(
        self,
        socket: ClientConnection,
        carrier: SimulatedCarrier,
        *,
        max_ms: int,
        on_frame: Callable[[Frame], None],
    ) -> None:
        self._socket = socket
        self._carrier = carrier
        self._max_ms = max_ms
        self._on_frame = on_frame
        self._origin_s = 0.0
        self.late_ms = 0

    async def run(self, parameters: Mapping[str, str]) -> None:
        """Speak and listen until the stream ends; the caller hangs up after `max_ms` at the latest."""
        self._origin_s = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen())
                await self._speak(parameters)
                if self._carrier.ending is Ending.SOCKET_DROPPED:
                    self._socket.transport.abort()
                else:
                    await self._socket.close()
        finally:
            self._socket.transport.abort()

    def _now_ms(self) -> int:
        return int((asyncio.get_running_loop().time() - self._origin_s) * 1000)

    async def _listen(self) -> None:
        """Hand every message to the carrier, with the time of its arrival, until the socket closes."""
        try:
            async for message in self._socket:
                self._carrier.receive(message, self._now_ms())
        except ConnectionClosed:
            pass  # without a closing handshake it is closed all the same
        self._carrier.socket_closed(self._now_ms())

    async def _speak(self, parameters: Mapping[str, str]) -> None:
        """Send what the carrier says, when it says it."""
        for message in self._carrier.start(parameters):
            await self._send(message)
        while not self._carrier.finished:
            now_ms = self._now_ms()
            if now_ms >= self._max_ms:
                self._carrier.hang_up()
            due_ms = self._carrier.next_due_ms
            if due_ms > now_ms:
                await asyncio.sleep((due_ms - now_ms) / 1000)
                continue
            self.late_ms = max(self.late_ms, now_ms - due_ms)
            before = self._carrier.last_frame
            for message in self._carrier.step(due_ms):
                await self._send(message)
            frame = self._carrier.last_frame
            if frame is not None and frame is not before:
                self._on_frame(frame)

    async def _send(self, message: str) -> None:
        """Send one message; to a closed socket it is lost, and a server that does not read is cut off."""
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await self._socket.send(message)
        except ConnectionClosed:
            pass  # the listener has told the carrier, or will
        except TimeoutError:
            self._socket.transport.abort()
