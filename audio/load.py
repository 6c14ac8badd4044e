"""How busy the recogniser has been lately, and how long turns have waited for it. Pure: the time is passed in."""

import math
from collections import deque
from typing import Final

WINDOW_S: Final = 20.0
"""What lies further back says nothing about the next call."""

MIN_TURNS: Final = 5
"""Of fewer waits no percentile is made."""

MAX_ENTRIES: Final = 2_000


class Load:
    """What was measured in the last WINDOW_S. Not for several threads at once."""

    def __init__(self, *, workers: int) -> None:
        self._workers = workers
        self._waits: deque[tuple[float, float]] = deque(maxlen=MAX_ENTRIES)  # (when, s)
        self._works: deque[tuple[float, float]] = deque(maxlen=MAX_ENTRIES)

    def waited(self, wait_s: float, *, now_s: float) -> None:
        """A turn whose words somebody waits for was `wait_s` in the queue."""
        self._waits.append((now_s, wait_s))

    def worked(self, busy_s: float, *, now_s: float) -> None:
        """A decoding that ends now took `busy_s`."""
        self._works.append((now_s, busy_s))

    def wait_s(self, now_s: float, *, share: float = 0.9) -> float:
        """What `share` of the turns waited at most (nearest rank); 0 when there were too few to say."""
        _forget(self._waits, now_s)
        if len(self._waits) < MIN_TURNS:
            return 0.0
        waits = sorted(wait for _, wait in self._waits)
        return waits[math.ceil(share * len(waits)) - 1]

    def busy_share(self, now_s: float) -> float:
        """The part of the time that the workers were at work, 0..1."""
        _forget(self._works, now_s)
        return min(1.0, sum(busy for _, busy in self._works) / (self._workers * WINDOW_S))


def _forget(entries: deque[tuple[float, float]], now_s: float) -> None:
    while entries and entries[0][0] < now_s - WINDOW_S:
        entries.popleft()
