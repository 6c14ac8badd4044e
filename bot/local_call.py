"""A call without a telephone network: the simulated phone rings a server of this process, and the call is shown."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from bot.live import LiveFeed
from bot.server import LineServer
from bot.settings import Settings
from bot.simulator.caller import Caller
from bot.simulator.carrier import Frame
from bot.simulator.phone import Phone, PhoneEvent, PhoneResult
from bot.store import CallRecord
from bot.terminal import CallView

STILL_TO_COME_S = 0.3
"""So long the view waits for the last entries of a call that has ended."""


@dataclass(frozen=True)
class LocalCall:
    """What is left of a call: the phone's measurements, the store's record, and the files."""

    result: PhoneResult
    record: CallRecord
    log: Path
    recordings: tuple[Path, ...]


def loopback(settings: Settings) -> Settings:
    """The same settings for a server that only this process calls: a free port, nothing signed."""
    unsigned = SecretStr("")
    return settings.model_copy(update={"port": 0, "public_url": "", "twilio_auth_token": unsigned})


def place_call(
    server: LineServer,
    caller: Caller,
    console: Console,
    *,
    listen: Callable[[bytes], None] | None = None,
) -> LocalCall:
    """Ring the server as `caller`, show the call as it happens, and keep its log beside its recording.

    `listen` is handed every 20 ms of the line as the caller hears it (160 bytes of mu-law). Raises PhoneFailed.
    """
    phone = Phone(server.settings.base_url)

    def on_event(event: PhoneEvent) -> None:
        if listen is not None and isinstance(event, Frame):
            listen(event.line)

    with _shown(server.app.feed, console):
        result = asyncio.run(phone.call(caller, on_event=on_event))
    parts = server.app.parts
    assert parts is not None, "a server that is ready has its parts"
    record = parts.store.call(result.call_sid)
    log = parts.recordings / f"{result.call_sid}.jsonl"
    log.write_text("".join(body + "\n" for body in parts.store.entries(result.call_sid)), encoding="utf-8")
    recordings = tuple(sorted(parts.recordings.glob(f"{result.call_sid}-*.flac")))
    return LocalCall(result, record, log, recordings)


@contextmanager
def _shown(feed: LiveFeed, console: Console) -> Iterator[None]:
    """Print what the feed brings, in a thread of its own, until the block ends."""
    ended = threading.Event()
    with feed.watch() as watcher, CallView(console) as view:

        def show() -> None:
            while True:
                item = watcher.take(STILL_TO_COME_S)
                if item is not None:
                    view.show(item.what)
                elif ended.is_set():
                    return

        thread = threading.Thread(target=show, name="view")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
