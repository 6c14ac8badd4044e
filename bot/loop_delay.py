"""How late the event loop comes to what is due: on it hangs the audio of every call of the process."""

import asyncio
from collections import deque
from typing import Final

from bot.metrics import Metrics

EVERY_S: Final = 0.02
KEPT: Final = 1_000
"""The last 20 seconds."""


class LoopDelay:
    """Measures the running loop until it is cancelled; the latest figures can be read from any thread."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._delays_ms: deque[float] = deque(maxlen=KEPT)

    async def watch(self) -> None:
        """Sleep again and again, and note how much longer than asked it took."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            delay_ms = max(0.0, (loop.time() - due_s) * 1000)
            self._delays_ms.append(delay_ms)
            self._metrics.loop_delay_ms.observe(delay_ms)

    def forget(self) -> None:
        """Begin anew: what was measured while the models were loading says nothing about calls."""
        self._delays_ms.clear()

    def p99_ms(self) -> float:
        """What 99 of 100 delays of the last 20 s did not exceed; 0 before anything was measured."""
        delays_ms = sorted(self._delays_ms.copy())
        return delays_ms[max(0, -(-len(delays_ms) * 99 // 100) - 1)] if delays_ms else 0.0
