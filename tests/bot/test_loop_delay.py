"""The event loop's own delay."""

import asyncio
import time

from bot.loop_delay import LoopDelay
from bot.metrics import Metrics


async def watched(delay: LoopDelay, *, blocked_s: float) -> None:
    watcher = asyncio.create_task(delay.watch())
    await asyncio.sleep(0.1)
    time.sleep(blocked_s)
    await asyncio.sleep(0.1)
    watcher.cancel()


def test_a_blocked_loop_is_noticed() -> None:
    delay = LoopDelay(Metrics())
    asyncio.run(watched(delay, blocked_s=0.3))
    assert delay.p99_ms() > 200


def test_before_anything_was_measured_there_is_no_delay() -> None:
    assert LoopDelay(Metrics()).p99_ms() == 0.0


def test_what_was_measured_before_may_be_forgotten() -> None:
    delay = LoopDelay(Metrics())
    asyncio.run(watched(delay, blocked_s=0.3))
    delay.forget()
    assert delay.p99_ms() == 0.0


def test_every_delay_is_counted() -> None:
    metrics = Metrics()
    asyncio.run(watched(LoopDelay(metrics), blocked_s=0.0))
    assert b"calmline_event_loop_delay_ms_count" in metrics.text()
