"""Writes the log of one call: small batches in the background, and at once where it must be durable."""

import asyncio
import logging
from concurrent.futures import Executor
from typing import Final

from bot.errors import StoreFailed
from bot.store.store import Store

BATCH: Final = 40
"""Entries that are not durable are written in batches of this size, or after BATCH_S."""

BATCH_S: Final = 1.0
TRIES: Final = 3

_log = logging.getLogger(__name__)


class CallLog:
    """The log of one call on its way into the store. All writes go through one thread, so they stay in order."""

    def __init__(self, call_id: str, store: Store, thread: Executor) -> None:
        self._call_id, self._store, self._thread = call_id, store, thread
        self._waiting: list[tuple[int, str]] = []
        self._timer: asyncio.TimerHandle | None = None
        self.lost = 0

    def add(self, seq: int, body: str) -> None:
        """Take one entry; it is written with the next batch."""
        if not self._waiting:
            self._timer = asyncio.get_running_loop().call_later(BATCH_S, self._start)
        self._waiting.append((seq, body))
        if len(self._waiting) >= BATCH:
            self._start()

    async def flush(self) -> bool:
        """Write all that waits, and return when it is on disk; False when the store would not take it.

        The call goes on either way: a caller in the middle of a sentence is not left alone because a disk is full.
        """
        before = self.lost
        await self._start()
        return self.lost == before

    def _start(self) -> asyncio.Future[None]:
        batch, self._waiting = self._waiting, []
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)

    def _write(self, batch: list[tuple[int, str]]) -> None:
        """In the store's thread: append, with a few tries."""
        for attempt in range(TRIES):
            try:
                self._store.append(self._call_id, batch)
            except StoreFailed as error:
                _log.error("call %s: %s (try %d of %d)", self._call_id, error, attempt + 1, TRIES)
            else:
                return
        self.lost += len(batch)
