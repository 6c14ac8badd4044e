"""Who is let in: the line's readiness, a bounded number of calls at a time, and the load that was measured."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

CONNECT_WITHIN_S = 30.0


class LineStatus(Protocol):
    """What the webhooks need to know of the line."""

    @property
    def ready(self) -> bool:
        """Whether calls can be answered."""
        ...

    @property
    def not_ready(self) -> list[str]:
        """Why they cannot; empty when ready."""
        ...

    @property
    def strain(self) -> str:
        """Why another call could not be served well just now; "" when it could."""
        ...

    def admit(self, call_id: str, *, returning: bool = False) -> bool:
        """Keep a place for a call whose stream is about to open; False when the line is full or strained.

        A returning call, whose stream was lost, always gets one: nobody is dropped in the middle for a newcomer.
        """
        ...

    def withdraw(self, call_id: str) -> None:
        """Give up the place kept for a call that will not connect after all."""
        ...


class Admission:
    """The real `LineStatus` of a process. Safe from several threads.

    A call counts from its admission to the close of its stream. A place that is not taken within
    `connect_within_s` is free again: the caller hung up before the stream opened.
    """

    def __init__(
        self,
        max_calls: int,
        *,
        clock_s: Callable[[], float],
        waiting_for: Iterable[str] = (),
        connect_within_s: float = CONNECT_WITHIN_S,
    ) -> None:
        self._max_calls = max_calls
        self._clock_s = clock_s
        self._connect_within_s = connect_within_s
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting_for = list(waiting_for)
        self._draining = False
        self._measure: Callable[[], str] = str  # nothing is measured yet: no strain
        self._live: Counter[str] = Counter()
        self._expected: dict[str, float] = {}

    @property
    def ready(self) -> bool:
        """Whether all parts are loaded and the process is not on its way out."""
        return not self.not_ready

    @property
    def not_ready(self) -> list[str]:
        """One sentence for each reason not to take calls."""
        with self._lock:
            reasons = [f"{part} is not loaded yet" for part in self._waiting_for]
            return [*reasons, "the line is shutting down"] if self._draining else reasons

    def loaded(self, part: str) -> None:
        """One of the parts waited for is there. Saying it twice changes nothing."""
        with self._lock:
            if part in self._waiting_for:
                self._waiting_for.remove(part)

    def measured_by(self, measure: Callable[[], str]) -> None:
        """Let `measure` say why another call could not be served well ("" when it could)."""
        self._measure = measure

    @property
    def strain(self) -> str:
        """What was measured just now; see `LineStatus`."""
        return self._measure()

    def drain(self) -> None:
        """Take no more calls; the ones that are open go on."""
        with self._lock:
            self._draining = True

    def wait_until_idle(self, timeout_s: float) -> bool:
        """Wait until no stream is open, `timeout_s` at most; whether that came about."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._live, timeout_s)

    @property
    def live_calls(self) -> int:
        """How many calls have an open stream."""
        with self._lock:
            return len(self._live)

    def admit(self, call_id: str, *, returning: bool = False) -> bool:
        """Keep a place for a call; see `LineStatus`. Asking again for the same call keeps the same place.

        The first call of an idle process is always let in, whatever was measured.
        """
        strained = bool(self.strain)
        with self._lock:
            now_s = self._clock_s()
            self._expected = {known: until for known, until in self._expected.items() if until > now_s}
            taken = self._live.keys() | self._expected.keys()
            most = min(self._max_calls, 1) if strained else self._max_calls
            if call_id not in taken and len(taken) >= most and not returning:
                return False
            self._expected[call_id] = now_s + self._connect_within_s
            return True

    def connected(self, call_id: str) -> None:
        """The stream of a call is open."""
        with self._lock:
            self._expected.pop(call_id, None)
            self._live[call_id] += 1

    def gone(self, call_id: str) -> None:
        """A stream of a call has closed. The old stream of a call may close after its new one has opened."""
        with self._lock:
            if self._live[call_id] <= 1:
                del self._live[call_id]
                self._idle.notify_all()
            else:
                self._live[call_id] -= 1

    def withdraw(self, call_id: str) -> None:
        """Give up the place kept for a call; an open stream keeps its own."""
        with self._lock:
            self._expected.pop(call_id, None)
