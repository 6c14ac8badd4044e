"""One model and one queue for all calls of a process.

Finals go before partials, and each kind in the order of arrival. What would make the queue grow without end
is bounded: the oldest partials are shed, and a final too many fails at once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from audio.errors import RecognitionFailed
from audio.signal import EAR_HZ, Samples16k
from audio.transcript import Transcript

MAX_PARTIALS: Final = 8
MAX_FINALS: Final = 64

Clock = Callable[[], float]
"""Seconds that never go back, like time.monotonic."""


class Recogniser(Protocol):
    """What makes words of speech; `audio.whisper.Whisper` does. Called from the transcriber's threads."""

    def transcribe(
        self, samples: Samples16k, *, language: str | None = "en", prompt: str = "", beam: int = 1
    ) -> Transcript:
        """The words in up to 30 s of speech; raises RecognitionFailed."""


@dataclass(frozen=True)
class _Job:
    samples: Samples16k
    language: str | None
    prompt: str
    deadline_s: float | None
    """On the transcriber's clock."""
    future: Future[Transcript]


class Transcriber:
    """The queue and its worker threads.

    The counters may be read at any time: `decoded` and `failed` jobs, `shed` partials, `retries` in the full
    window, and `busy_s`, the seconds spent in the recogniser by all workers together.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        *,
        workers: int = 1,
        max_partials: int = MAX_PARTIALS,
        max_finals: int = MAX_FINALS,
        clock: Clock = time.monotonic,
    ) -> None:
        self.decoded = self.shed = self.retries = self.failed = 0
        self.busy_s = 0.0
        self._recogniser, self._clock = recogniser, clock
        self._max_partials, self._max_finals = max_partials, max_finals
        self._finals: deque[_Job] = deque()
        self._partials: deque[_Job] = deque()
        self._closed = False
        self._change = threading.Condition()
        self._threads = [
            threading.Thread(target=self._work, name=f"transcriber-{n}", daemon=True) for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        samples: Samples16k,
        *,
        final: bool,
        language: str | None = "en",
        prompt: str = "",
        deadline_s: float | None = None,
    ) -> Future[Transcript]:
        """Queue a decoding. `future.cancel()` takes it out of the queue until it has begun.

        `deadline_s` is how many seconds from now the decoding is worth beginning. The future raises
        RecognitionFailed when the decoding fails, is too late, or cannot be queued, and CancelledError when a
        newer partial has taken its place.
        """
        future: Future[Transcript] = Future()
        latest_s = None if deadline_s is None else self._clock() + deadline_s
        job = _Job(samples, language, prompt, latest_s, future)
        refusal, oldest = "", None
        with self._change:
            self._finals = deque(waiting for waiting in self._finals if not waiting.future.cancelled())
            self._partials = deque(waiting for waiting in self._partials if not waiting.future.cancelled())
            if self._closed:
                refusal = "the transcriber is closed"
            elif final and len(self._finals) >= self._max_finals:
                refusal = f"overloaded: {self._max_finals} turns are waiting"
            else:
                (self._finals if final else self._partials).append(job)
                if len(self._partials) > self._max_partials:
                    oldest = self._partials.popleft()
                    self.shed += 1
                self._change.notify()
            self.failed += bool(refusal)
        # A future calls whoever waits for it, so it is settled outside the lock.
        if refusal:
            future.set_exception(RecognitionFailed(refusal))
        if oldest is not None:
            oldest.future.cancel()
        return future

    @property
    def waiting(self) -> int:
        """How many decodings are queued."""
        with self._change:
            return len(self._finals) + len(self._partials)

    def warm_up(self) -> Transcript:
        """Decode a second of quiet noise, so that the first call does not wait for memory to be laid out."""
        noise = np.random.default_rng(0).normal(0.0, 1e-3, EAR_HZ).astype(np.float32)
        return self.submit(Samples16k(noise), final=True).result()

    def close(self) -> None:
        """Cancel what waits, finish what has begun, and end the threads. Closing twice does nothing."""
        with self._change:
            self._closed = True
            left = [*self._finals, *self._partials]
            self._finals.clear()
            self._partials.clear()
            self._change.notify_all()
        for job in left:
            job.future.cancel()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """Decode one job after another until closed."""
        while (job := self._next()) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            if job.deadline_s is not None and self._clock() > job.deadline_s:
                self._settle(job, RecognitionFailed("its turn came too late"), busy_s=0.0)
                continue
            began_s = time.perf_counter()
            result = self._decode(job)
            self._settle(job, result, busy_s=time.perf_counter() - began_s)

    def _next(self) -> _Job | None:
        """Wait for the next job; None when closed."""
        with self._change:
            while not (self._finals or self._partials or self._closed):
                self._change.wait()
            if self._closed:
                return None
            return (self._finals or self._partials).popleft()

    def _decode(self, job: _Job) -> Transcript | RecognitionFailed:
        """What became of the job."""
        try:
            return self._recogniser.transcribe(job.samples, language=job.language, prompt=job.prompt)
        except RecognitionFailed as error:
            return error
        except Exception as error:  # noqa: BLE001 - whatever fails in a decoding must not end the worker of all calls
            failure = RecognitionFailed(f"{type(error).__name__}: {error}")
            failure.__cause__ = error
            return failure

    def _settle(self, job: _Job, result: Transcript | RecognitionFailed, *, busy_s: float) -> None:
        """Count, then answer."""
        with self._change:
            self.busy_s += busy_s
            if isinstance(result, Transcript):
                self.decoded += 1
                self.retries += result.retries
            else:
                self.failed += 1
        if isinstance(result, Transcript):
            job.future.set_result(result)
        else:
            job.future.set_exception(result)
