"""A tiny line on a real port: fixed TwiML documents, and a scripted conversation on the media socket."""

import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

import uvicorn

from bot.carrier import messages
from bot.carrier.messages import Inbound, Mark, Media, Start, parse
from bot.simulator.loudness import is_audible
from tests.bot.simulator.signals import tone

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Talk:
    """One stream, from the line's side: parsed messages in, text out, everything kept in `received`."""

    def __init__(self, receive: Receive, send: Send, received: list[dict[str, Any]]) -> None:
        self._receive, self._send, self._received = receive, send, received

    async def __aiter__(self) -> AsyncIterator[Inbound]:
        """The messages of the carrier, until the socket closes."""
        while (event := await self._receive())["type"] == "websocket.receive":
            self._received.append(json.loads(event["text"]))
            yield parse(event["text"])

    async def say(self, *texts: str) -> None:
        """Send messages to the carrier."""
        for text in texts:
            await self._send({"type": "websocket.send", "text": text})

    async def close(self) -> None:
        """Close the socket."""
        await self._send({"type": "websocket.close"})


Script = Callable[[Talk], Awaitable[None]]


@dataclass
class Asked:
    """A request that came in: form fields and headers."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class ScriptedLine:
    """Serves on a free port of the loopback while its context is open."""

    documents: Mapping[str, str]
    script: Script
    asked: list[Asked] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{listener.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(self._app, interface="asgi3", lifespan="off", log_level="error")
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def base_url(self) -> str:
        """Where the line answers."""
        return f"http://{self.address}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    async def _app(self, scope: Any, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if scope["type"] == "websocket":
            self.asked.append(Asked(scope["path"], {}, headers))
            await receive()
            await send({"type": "websocket.accept"})
            await self.script(Talk(receive, send, self.received))
            return
        body = (await receive())["body"].decode()
        self.asked.append(Asked(scope["path"], dict(parse_qsl(body)), headers))
        document = self.documents.get(scope["path"])
        status = 404 if document is None else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        text = (document or "").replace("HOST", self.address)
        await send({"type": "http.response.body", "body": text.encode()})


STREAM = "<Connect><Stream url='ws://HOST/media'><Parameter name='token' value='t-1'/></Stream></Connect>"


def documents(voice: str, **others: str) -> dict[str, str]:
    """The documents of a line: /voice, /voice/status and any /voice/<name>."""
    more = {f"/voice/{name}": f"<Response>{inside}</Response>" for name, inside in others.items()}
    return {"/voice": f"<Response>{voice}</Response>", "/voice/status": "", **more}


async def greet_and_leave(talk: Talk) -> None:
    """Say 200 ms of farewell, wait until it was heard, close."""
    async for message in talk:
        if isinstance(message, Start):
            sid = message.stream_sid
            await talk.say(messages.media(sid, tone(200)), messages.mark(sid, "bye"))
        elif isinstance(message, Mark):
            await talk.close()


async def leave_in_haste(talk: Talk) -> None:
    """Send a second of farewell and close at once."""
    async for message in talk:
        if isinstance(message, Start):
            await talk.say(messages.media(message.stream_sid, tone(1000)))
            await talk.close()


async def answer_after_200_ms(talk: Talk) -> None:
    """Greet; answer when the caller has spoken and been quiet for 200 ms; close when the answer was heard."""
    sid, last_loud_ms = "", -1
    async for message in talk:
        match message:
            case Start(stream_sid=sid):
                await talk.say(messages.media(sid, tone(200)))
            case Media(timestamp_ms=now_ms, payload=payload) if is_audible(payload):
                last_loud_ms = now_ms + 20
            case Media(timestamp_ms=now_ms) if last_loud_ms >= 0 and now_ms + 20 - last_loud_ms == 200:
                await talk.say(messages.media(sid, tone(200)), messages.mark(sid, "answered"))
            case Mark():
                await talk.close()


async def listen_only(talk: Talk) -> None:
    """Say nothing and stay."""
    async for _message in talk:
        pass


async def break_the_protocol(talk: Talk) -> None:
    """Send what Twilio warns about, then close."""
    async for message in talk:
        if isinstance(message, Start):
            await talk.say("{}", '{"event": "clear", "streamSid": "MZother"}')
            await talk.close()
