"""One model and one queue for all calls of a process.

Glances go before finals and finals before partials, and each kind in the order of arrival. What would make the queue
grow without end is bounded: the oldest glances and partials are shed, and a final too many fails at once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from audio.ear_events import DecodePurpose
from audio.errors import RecognitionFailed
from audio.language import ENGLISH, LanguageAsk
from audio.load import Load
from audio.signal import EAR_HZ, Samples16k
from audio.transcript import Transcript

MAX_PARTIALS: Final = 8
MAX_FINALS: Final = 64

Clock = Callable[[], float]
"""Seconds that never go back, like time.monotonic."""


class Recogniser(Protocol):
    """What makes words of speech; `audio.whisper.Whisper` does. Called from the transcriber's threads."""

    def transcribe(
        self,
        samples: Samples16k,
        *,
        language: str | None = "en",
        languages: tuple[str, ...] = (),
        switch_above: float = 0.0,
        prompt: str = "",
        beam: int = 1,
    ) -> Transcript:
        """The words in up to 30 s of speech; raises RecognitionFailed."""

    def glance(self, samples: Samples16k, *, language: str = "en") -> Transcript:
        """The first words in the newest seconds of speech, at once and roughly; raises RecognitionFailed."""


@dataclass(frozen=True)
class _Job:
    samples: Samples16k
    ask: LanguageAsk
    prompt: str
    deadline_s: float | None
    """On the transcriber's clock, like `queued_s`."""
    queued_s: float
    purpose: DecodePurpose
    future: Future[Transcript]


class Transcriber:
    """The queue and its worker threads.

    `on_wait` is told, in seconds, how long each final waited for its turn. The counters may be read at any time:
    `decoded` and `failed` jobs, `shed` glances and partials, `retries` in a longer window, and `busy_s`, the seconds
    spent in the recogniser by all workers together.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        *,
        workers: int = 1,
        max_partials: int = MAX_PARTIALS,
        max_finals: int = MAX_FINALS,
        clock: Clock = time.monotonic,
        on_wait: Callable[[float], object] = float,
    ) -> None:
        self.decoded = self.shed = self.retries = self.failed = 0
        self.busy_s = 0.0
        self._recogniser, self._clock = recogniser, clock
        self._load = Load(workers=workers)
        self._on_wait = on_wait
        self._max_partials, self._max_finals = max_partials, max_finals
        self._glances: deque[_Job] = deque()
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
        purpose: DecodePurpose,
        ask: LanguageAsk = ENGLISH,
        prompt: str = "",
        deadline_s: float | None = None,
    ) -> Future[Transcript]:
        """Queue a decoding. `future.cancel()` takes it out of the queue until it has begun.

        `deadline_s` is how many seconds from now the decoding is worth beginning. The future raises
        RecognitionFailed when the decoding fails, is too late, or cannot be queued, and CancelledError when a
        newer glance or partial has taken its place.
        """
        future: Future[Transcript] = Future()
        now_s = self._clock()
        latest_s = None if deadline_s is None else now_s + deadline_s
        job = _Job(samples, ask, prompt, latest_s, now_s, purpose, future)
        refusal, oldest = "", None
        with self._change:
            self._glances, self._finals, self._partials = (
                deque(waiting for waiting in queue if not waiting.future.cancelled())
                for queue in self._queues
            )
            final = purpose is DecodePurpose.FINAL
            if self._closed:
                refusal = "the transcriber is closed"
            elif final and len(self._finals) >= self._max_finals:
                refusal = f"overloaded: {self._max_finals} turns are waiting"
            else:
                queue = self._queue_of(purpose)
                queue.append(job)
                if not final and len(queue) > self._max_partials:
                    oldest = queue.popleft()
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
            return sum(len(queue) for queue in self._queues)

    def wait_s(self) -> float:
        """What nine of ten turns of the last 20 s waited at most before their decoding began."""
        with self._change:
            return self._load.wait_s(self._clock())

    def busy_share(self) -> float:
        """The part of the last 20 s that the workers were at work, 0..1."""
        with self._change:
            return self._load.busy_share(self._clock())

    def warm_up(self) -> Transcript:
        """Decode a second of quiet noise, so that the first call does not wait for memory to be laid out."""
        noise = np.random.default_rng(0).normal(0.0, 1e-3, EAR_HZ).astype(np.float32)
        return self.submit(Samples16k(noise), purpose=DecodePurpose.FINAL).result()

    def close(self) -> None:
        """Cancel what waits, finish what has begun, and end the threads. Closing twice does nothing."""
        with self._change:
            self._closed = True
            left = [job for queue in self._queues for job in queue]
            for queue in self._queues:
                queue.clear()
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
            if job.purpose is DecodePurpose.FINAL:
                with self._change:
                    now_s = self._clock()
                    self._load.waited(now_s - job.queued_s, now_s=now_s)
                self._on_wait(now_s - job.queued_s)
            began_s = time.perf_counter()
            result = self._decode(job)
            self._settle(job, result, busy_s=time.perf_counter() - began_s)

    @property
    def _queues(self) -> tuple[deque[_Job], ...]:
        """The queues, the most urgent first."""
        return self._glances, self._finals, self._partials

    def _queue_of(self, purpose: DecodePurpose) -> deque[_Job]:
        return self._queues[list(DecodePurpose).index(purpose)]

    def _next(self) -> _Job | None:
        """Wait for the next job; None when closed."""
        with self._change:
            while not (any(self._queues) or self._closed):
                self._change.wait()
            if self._closed:
                return None
            return next(queue for queue in self._queues if queue).popleft()

    def _decode(self, job: _Job) -> Transcript | RecognitionFailed:
        """What became of the job."""
        try:
            if job.purpose is DecodePurpose.GLANCE:
                return self._recogniser.glance(job.samples, language=job.ask.language)
            return self._recogniser.transcribe(
                job.samples,
                language=job.ask.language,
                languages=job.ask.languages,
                switch_above=job.ask.switch_above,
                prompt=job.prompt,
            )
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
            self._load.worked(busy_s, now_s=self._clock())
            if isinstance(result, Transcript):
                self.decoded += 1
                self.retries += result.retries
            else:
                self.failed += 1
        if isinstance(result, Transcript):
            job.future.set_result(result)
        else:
            job.future.set_exception(result)
