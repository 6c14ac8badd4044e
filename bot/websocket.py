"""One WebSocket of an ASGI server: accept it, read its texts, send, close."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
SendMessage = Callable[[Message], Awaitable[None]]

SEND_WITHIN_S: Final = 10.0
"""A carrier that takes nothing for so long is gone."""

POLICY_VIOLATION: Final = 1008
TOO_BIG: Final = 1009


class SocketGone(Exception):
    """The other side is no longer there: no error, the call is told of a lost connection.

    `too_big` says that the connection was dropped for a message over the server's limit.
    """

    def __init__(self, *, too_big: bool = False) -> None:
        self.too_big = too_big


class WebSocket:
    """The server's end of one WebSocket."""

    def __init__(self, receive: Receive, send: SendMessage) -> None:
        self._receive = receive
        self._send = send
        self._closed = False

    async def accept(self) -> None:
        """Take the handshake."""
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept"})

    async def refuse(self) -> None:
        """Turn the handshake down."""
        await self._receive()  # websocket.connect
        self._closed = True
        await self._send(
            {"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "there is no such endpoint"}
        )

    async def receive(self) -> str | bytes:
        """The next message. Raises SocketGone when the other side has closed."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._closed = True
            raise SocketGone(too_big=message.get("code") == TOO_BIG)
        text = message.get("text")
        return text if text is not None else bytes(message.get("bytes") or b"")

    async def send(self, text: str) -> None:
        """Send one text. Raises SocketGone when it cannot be sent."""
        if self._closed:
            raise SocketGone
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError, TimeoutError) as error:  # servers differ in how they say "closed"
            self._closed = True
            raise SocketGone from error

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close from this side; a socket that is already closed stays so."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except (OSError, RuntimeError):  # it went away at the same moment
            return
