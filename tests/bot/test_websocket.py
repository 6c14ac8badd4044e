"""The server's end of a WebSocket, under the real server."""

import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bot.websocket import POLICY_VIOLATION, TOO_BIG, Receive, SendMessage, SocketGone, WebSocket
from tests.bot.line_server import PATIENCE_S

MAX_BYTES = 10_000

Script = Callable[[WebSocket], Awaitable[None]]


@contextmanager
def served(script: Script) -> Iterator[str]:
    """A server that runs `script` on every socket; its address. A script that fails fails the test."""
    failures: list[Exception] = []

    async def app(scope: dict[str, Any], receive: Receive, send: SendMessage) -> None:
        try:
            await script(WebSocket(receive, send))
        except Exception as error:  # noqa: BLE001 - handed on to the test's own thread
            failures.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app, ws="websockets-sansio", ws_max_size=MAX_BYTES, lifespan="off", log_config=None
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()
    assert failures == []


@contextmanager
def client(address: str) -> Iterator[ClientConnection]:
    with connect(address, proxy=None, compression=None, close_timeout=2) as opened:
        yield opened


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send(repr(await socket.receive()))
    except SocketGone:
        return


def test_texts_and_bytes_come_as_they_were_sent() -> None:
    with served(echo) as address, client(address) as opened:
        opened.send("text")
        opened.send(b"\x00\xff")
        assert [opened.recv(), opened.recv()] == ["'text'", r"b'\x00\xff'"]


def test_an_empty_text_is_a_text() -> None:
    with served(echo) as address, client(address) as opened:
        opened.send("")
        assert opened.recv() == "''"


def test_a_refused_handshake_opens_no_socket() -> None:
    with served(WebSocket.refuse) as address, pytest.raises(InvalidStatus) as refused, client(address):
        pass
    assert refused.value.response.status_code == 403


def test_closing_tells_the_other_side_why_and_closing_twice_is_closing_once() -> None:
    async def script(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close(POLICY_VIOLATION, "enough")
        await socket.close(TOO_BIG, "no more")

    with served(script) as address, client(address) as opened:
        with pytest.raises(ConnectionClosed):
            opened.recv()
        assert (opened.close_code, opened.close_reason) == (POLICY_VIOLATION, "enough")


def test_nothing_can_be_sent_to_a_side_that_has_gone() -> None:
    gone: list[SocketGone] = []

    async def script(socket: WebSocket) -> None:
        await socket.accept()
        for use in (socket.receive, lambda: socket.send("too late")):
            try:
                await use()
            except SocketGone as error:
                gone.append(error)
        await socket.close()

    with served(script) as address, client(address):
        pass
    assert [error.too_big for error in gone] == [False, False]


def test_a_message_over_the_limit_ends_the_connection_and_is_told_apart() -> None:
    gone: list[SocketGone] = []

    async def script(socket: WebSocket) -> None:
        await socket.accept()
        try:
            await socket.receive()
        except SocketGone as error:
            gone.append(error)

    with served(script) as address, client(address) as opened:
        opened.send("x" * (MAX_BYTES + 1))
        with pytest.raises(ConnectionClosed):
            opened.recv()
        assert opened.close_code == TOO_BIG
    assert [error.too_big for error in gone] == [True]


def test_a_side_that_takes_nothing_is_gone_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.websocket.SEND_WITHIN_S", 0.1)
    gone = threading.Event()

    async def script(socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send("x" * 1_000_000)
        except SocketGone:
            gone.set()

    with served(script) as address, client(address) as opened:
        assert gone.wait(PATIENCE_S)
        opened.socket.close()  # it would take its time to say goodbye to a side that does not read
