"""The live feed of a process: what happens in its calls, as it happens, for whoever watches.

A watcher that does not keep up loses the oldest items, never the calls' time: publishing never waits.
"""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import Any, Final

BACKLOG: Final = 10_000
"""So many items a watcher may lie behind; about a minute of eight talkative calls."""


@dataclass(frozen=True)
class LiveItem:
    """One thing that happened in one call: an entry of its log, or what is shown but not logged."""

    call_id: str
    what: dict[str, Any]


@dataclass
class Watcher:
    """One who watches. `missed` counts items that were dropped because it did not keep up."""

    missed: int = 0
    _items: deque[LiveItem] = field(default_factory=deque)
    _news: Condition = field(default_factory=Condition)

    def put(self, item: LiveItem) -> None:
        """Hand over an item; never waits for the watcher to read."""
        with self._news:
            if len(self._items) >= BACKLOG:
                self._items.popleft()
                self.missed += 1
            self._items.append(item)
            self._news.notify()

    def take(self, timeout_s: float) -> LiveItem | None:
        """The oldest item not yet taken; waits up to `timeout_s` for one, then returns None."""
        with self._news:
            if not self._items:
                self._news.wait(timeout_s)
            return self._items.popleft() if self._items else None


class LiveFeed:
    """Where the calls of this process publish."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []
        self._changing = Lock()

    @property
    def watched(self) -> bool:
        """Whether anybody watches now."""
        return bool(self._watchers)

    @contextmanager
    def watch(self) -> Iterator[Watcher]:
        """Watch everything that is published from now on."""
        watcher = Watcher()
        with self._changing:  # two who come at the same moment must not overwrite each other
            self._watchers = [*self._watchers, watcher]
        try:
            yield watcher
        finally:
            with self._changing:
                self._watchers = [other for other in self._watchers if other is not watcher]

    def publish_entry(self, call_id: str, body: str) -> None:
        """Publish one line of a call's log. Costs nothing when nobody watches."""
        if self._watchers:
            self.publish(call_id, json.loads(body))

    def publish(self, call_id: str, what: dict[str, Any]) -> None:
        """Publish something about a call."""
        item = LiveItem(call_id, what)
        for watcher in self._watchers:
            watcher.put(item)
