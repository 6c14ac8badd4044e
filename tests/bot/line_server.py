"""A running line for tests: the real server on a free port, a home of its own, and the carrier's end of its socket."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from audio.signal import MULAW_BYTES_PER_MS, MuLaw
from bot.parts import Parts
from bot.server import LineServer, running
from bot.settings import load_settings
from bot.simulator.loudness import SILENCE
from bot.simulator.phone import Phone
from bot.simulator.twiml import Stream, Verb, read_twiml
from bot.simulator.wire import Speaker, StreamIds
from bot.store import Store

PATIENCE_S = 10.0
"""So long a test waits for something that should happen at once."""

Entries = list[dict[str, Any]]


def make_home(folder: Path, whisper_folder: Path) -> Path:
    """A home for a server: what is fetched and rendered once is linked, calls and database are its own."""
    shared = whisper_folder.parent.parent.resolve()
    for name in ("models", "voice"):
        (shared / name).mkdir(exist_ok=True)
        (folder / name).symlink_to(shared / name)
    return folder


def told_nobody(_sentence: str) -> None:
    """Progress that no test reads."""


@dataclass(frozen=True)
class Address:
    """Where a line answers, and what can be asked of it from outside."""

    url: str

    def phone(self, **options: Any) -> Phone:
        return Phone(self.url, **options)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=PATIENCE_S)

    def post(self, path: str, *, call_id: str = "", **fields: str) -> tuple[str, tuple[Verb, ...]]:
        """Post a webhook as the carrier does: the call's id, and the verbs of the answer."""
        call_id = call_id or "CA" + secrets.token_hex(16)
        form = {"CallSid": call_id, "From": "+15005550006", "To": "+15005550001", **fields}
        answer = requests.post(f"{self.url}{path}", data=form, timeout=PATIENCE_S)
        return call_id, read_twiml(answer.content)

    def token(self, path: str = "/voice", *, call_id: str = "") -> tuple[str, str]:
        """The id of a call that is let in, and the token of its stream."""
        call_id, (stream, *_) = self.post(path, call_id=call_id)
        assert isinstance(stream, Stream)
        return call_id, stream.parameters["token"]

    def figures(self) -> dict[str, float]:
        """Every figure of /metrics, such as `calmline_media_messages_bad_total{reason="not_json"}`."""
        families = text_string_to_metric_families(self.get("/metrics").text)
        return {
            sample.name + _labels(sample.labels): sample.value
            for family in families
            for sample in family.samples
        }

    def figure(self, name: str, **labels: str) -> float:
        """One figure, 0 while it has not been counted."""
        return self.figures().get(f"calmline_{name}" + _labels(labels), 0.0)


@dataclass(frozen=True)
class Line(Address):
    """A server of this process that is ready for calls, and what it keeps."""

    server: LineServer

    @property
    def parts(self) -> Parts:
        assert self.server.app.parts is not None, "a ready server has its parts"
        return self.server.app.parts

    @property
    def store(self) -> Store:
        return self.parts.store

    def bodies(self, call_id: str) -> list[str]:
        """The log of a call, a line of JSON each."""
        return self.store.entries(call_id)

    def entries(self, call_id: str) -> Entries:
        """The log of a call."""
        return [json.loads(body) for body in self.bodies(call_id)]

    def wait_for_the_ends(self) -> None:
        """Wait until no stream is open: the logs and recordings of all calls are then complete."""
        assert self.server.app.admission.wait_until_idle(PATIENCE_S), "a stream is still open"


def _labels(labels: Mapping[str, str]) -> str:
    """Labels as Prometheus writes them, in order; "" for none."""
    return "{" + ",".join(f'{name}="{labels[name]}"' for name in sorted(labels)) + "}" if labels else ""


@contextmanager
def serving(home: Path, **variables: str) -> Iterator[Line]:
    """A line that is ready for calls, with `home` as its CALMLINE_HOME."""
    settings = load_settings({"PORT": "0", "MAX_CALLS": "100", "CALMLINE_HOME": str(home), **variables})
    with running(settings, report=told_nobody) as server:
        yield Line(server.settings.base_url, server)


@dataclass
class Peer:
    """The carrier's end of one media socket, for what no carrier would send. Opened by `peer` or `caller`."""

    socket: ClientConnection
    ids: StreamIds
    speaker: Speaker = field(init=False)
    sent_ms: int = 0

    def __post_init__(self) -> None:
        self.speaker = Speaker(self.ids)

    async def begin(self, parameters: Mapping[str, str] | None = None) -> None:
        """Say `connected` and `start`."""
        await self.send(self.speaker.connected(), self.speaker.start(parameters or {}))

    async def send(self, *messages: str | bytes) -> None:
        """Send messages; to a socket that the line has closed they are lost."""
        for message in messages:
            try:
                await self.socket.send(message)
            except ConnectionClosed:
                return

    async def speak(self, frames: int = 1, *, from_ms: int | None = None) -> None:
        """Send frames of silence, the next ones or those from a given time."""
        at_ms = self.sent_ms if from_ms is None else from_ms
        for _ in range(frames):
            await self.send(self.speaker.media(SILENCE, at_ms))
            at_ms += 20
        self.sent_ms = max(self.sent_ms, at_ms)

    async def hears(self, count: int = 1) -> list[dict[str, Any]]:
        """The next messages of the line."""
        async with asyncio.timeout(PATIENCE_S):
            return [json.loads(await self.socket.recv()) for _ in range(count)]

    async def hears_audio(self, ms: int) -> bytes:
        """The next audio of the line, so much of it at least."""
        audio = b""
        while len(audio) < ms * MULAW_BYTES_PER_MS:
            (message,) = await self.hears()
            audio += base64.b64decode(message["media"]["payload"]) if message["event"] == "media" else b""
        return audio

    async def is_still_spoken_to(self) -> bool:
        """Whether the line goes on: half a second more of its audio comes, more than it sends ahead."""
        try:
            heard = await self.hears(5)
        except ConnectionClosed:
            return False
        return {message["event"] for message in heard} == {"media"}

    async def close_code(self) -> int | None:
        """Listen until the line closes the socket, and with which code it does."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(2 * PATIENCE_S):
                while True:
                    await self.socket.recv()
        return self.socket.close_code

    def drop(self) -> None:
        """The connection is gone without a word."""
        self.socket.transport.abort()


@asynccontextmanager
async def peer(line: Address, *, path: str = "/media", call_id: str = "") -> AsyncIterator[Peer]:
    """A media socket that has said nothing yet."""
    ids = StreamIds("MZ" + secrets.token_hex(16), call_id or "CA" + secrets.token_hex(16))
    url = f"ws{line.url.removeprefix('http')}{path}"
    async with connect(url, proxy=None, compression=None, ping_interval=None, close_timeout=2) as socket:
        yield Peer(socket, ids)


@asynccontextmanager
async def caller(line: Address) -> AsyncIterator[Peer]:
    """A media socket with a call on it: let in, started, and greeted."""
    call_id, token = await asyncio.to_thread(line.token)
    async with peer(line, call_id=call_id) as wire:
        await wire.begin({"token": token})
        await wire.hears()
        yield wire


def commands(entries: Entries, name: str) -> Entries:
    """The commands of one kind in a log."""
    return [entry for entry in entries if entry.get("command") == name]


def events(entries: Entries, name: str) -> Entries:
    """The events of one kind in a log."""
    return [entry for entry in entries if entry.get("event") == name]


def playback(entries: Entries, what: str) -> Entries:
    """The sentences that have begun, or that were heard to their end."""
    return [entry for entry in entries if entry.get("playback") == what]


def heard_text(entries: Entries) -> str:
    """Every sentence that was heard to its end, in order."""
    return " ".join(entry["text"] for entry in playback(entries, "heard"))


def rendered(line: Line, sentences: list[str]) -> MuLaw:
    """What sentences sound like, one after the other."""
    return MuLaw(b"".join(line.parts.voice.render(sentence) for sentence in sentences))
