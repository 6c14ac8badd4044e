"""The log of a call on its way into a real SQLite store."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.call_log import BATCH, BATCH_S, TRIES, CallLog
from bot.store import Store
from tests.bot.store.opened import add_call, open_store

Work = Callable[[CallLog], Awaitable[None]]


class SteppedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put forward."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with the call CA1."""
    with open_store(tmp_path) as opened:
        add_call(opened)
        yield opened


def written(store: Store, work: Work) -> CallLog:
    """Do `work` with the log of CA1, and wait until its thread has finished."""
    with ThreadPoolExecutor(1) as thread:
        log = CallLog("CA1", store, thread)

        async def drive() -> None:
            await work(log)

        with asyncio.Runner(loop_factory=SteppedLoop) as runner:
            runner.run(drive())
    return log


def bodies(count: int) -> list[str]:
    return [f'{{"seq":{seq}}}' for seq in range(count)]


async def add(log: CallLog, count: int) -> None:
    for seq, body in enumerate(bodies(count)):
        log.add(seq, body)


def test_a_few_entries_wait_for_company(store: Store) -> None:
    written(store, lambda log: add(log, BATCH - 1))
    assert store.entries("CA1") == []


def test_a_full_batch_is_written_without_being_asked_for(store: Store) -> None:
    written(store, lambda log: add(log, BATCH + 3))
    assert store.entries("CA1") == bodies(BATCH)


def test_an_entry_waits_no_longer_than_a_batch_may_even_when_no_other_follows(store: Store) -> None:
    async def work(log: CallLog) -> None:
        await add(log, 1)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SteppedLoop)
        loop.ahead_s = BATCH_S
        for _ in range(3):
            await asyncio.sleep(0)  # lets the loop look at its clock

    written(store, work)
    assert store.entries("CA1") == bodies(1)


def test_after_a_flush_everything_is_in_the_store(store: Store) -> None:
    async def work(log: CallLog) -> None:
        await add(log, 3)
        assert await log.flush()
        assert store.entries("CA1") == bodies(3)

    written(store, work)


def test_a_flush_with_nothing_to_write_succeeds(store: Store) -> None:
    async def work(log: CallLog) -> None:
        assert await log.flush()

    assert written(store, work).lost == 0


def test_many_batches_keep_their_order(store: Store) -> None:
    async def work(log: CallLog) -> None:
        await add(log, 10 * BATCH + 1)
        assert await log.flush()

    written(store, work)
    assert store.entries("CA1") == bodies(10 * BATCH + 1)


def test_a_store_that_fails_is_tried_again_and_then_the_loss_is_counted_and_told(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(tmp_path / "calmline.db") as database:
        database.execute("DROP TABLE entries")
    database.close()

    async def work(log: CallLog) -> None:
        await add(log, 2)
        assert not await log.flush()
        assert await log.flush()

    with caplog.at_level(logging.ERROR):
        assert written(store, work).lost == 2
    assert len(caplog.records) == TRIES
    assert "no such table" in caplog.text
