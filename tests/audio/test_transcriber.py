import inspect
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager

import numpy as np
import pytest

from audio.ear_events import DecodePurpose
from audio.errors import RecognitionFailed
from audio.language import LanguageAsk
from audio.signal import Samples16k
from audio.transcriber import Recogniser, Transcriber
from audio.transcript import Transcript
from audio.whisper import Whisper
from tests.conftest import Speak

SOON_S = 10.0
GLANCE, FINAL, PARTIAL = DecodePurpose


class Gated:
    """A recogniser that answers when it is told to. `begun` receives the number of each job as it begins."""

    def __init__(self) -> None:
        self.begun: queue.Queue[int] = queue.Queue()
        self.asked: list[tuple[str | None, tuple[str, ...], float, str]] = []
        self.glanced: list[str] = []
        self.gate = threading.Semaphore(0)
        self.failure: Exception | None = None

    def transcribe(
        self,
        samples: Samples16k,
        *,
        language: str | None = "en",
        languages: tuple[str, ...] = (),
        switch_above: float = 0.0,
        prompt: str = "",
        beam: int = 1,  # noqa: ARG002 - as the real one has it
    ) -> Transcript:
        self.asked.append((language, languages, switch_above, prompt))
        return self._answer(samples, language or "en")

    def glance(self, samples: Samples16k, *, language: str = "en") -> Transcript:
        self.glanced.append(language)
        return self._answer(samples, language)

    def _answer(self, samples: Samples16k, language: str) -> Transcript:
        self.begun.put(len(samples))
        assert self.gate.acquire(timeout=SOON_S)
        if self.failure is not None:
            raise self.failure
        return Transcript(f"{len(samples)}", language, 0.9, 0.0, 8_000, 1, retries=1)


class Bench:
    """A transcriber with a gated recogniser and a clock that stands still."""

    def __init__(self, *, workers: int = 1, max_partials: int = 2, max_finals: int = 3) -> None:
        self.gated = Gated()
        self.now_s = 0.0
        self.transcriber = Transcriber(
            self.gated,
            workers=workers,
            max_partials=max_partials,
            max_finals=max_finals,
            clock=lambda: self.now_s,
        )

    def submit(
        self, number: int, *, purpose: DecodePurpose = FINAL, deadline_s: float | None = None
    ) -> Future[Transcript]:
        samples = Samples16k(np.zeros(number, np.float32))
        return self.transcriber.submit(samples, purpose=purpose, deadline_s=deadline_s)

    def busy(self) -> Future[Transcript]:
        """Give the worker job 1 and wait until it has begun."""
        future = self.submit(1)
        assert self.gated.begun.get(timeout=SOON_S) == 1
        return future

    def release(self, count: int = 100) -> None:
        self.gated.gate.release(count)

    def order(self, count: int) -> list[int]:
        return [self.gated.begun.get(timeout=SOON_S) for _ in range(count)]


@contextmanager
def running(**options: int) -> Iterator[Bench]:
    bench = Bench(**options)
    try:
        yield bench
    finally:
        bench.release()
        bench.transcriber.close()


def test_a_result_reaches_its_future() -> None:
    with running() as bench:
        bench.release()
        assert bench.submit(7).result(SOON_S).text == "7"
        assert (bench.transcriber.decoded, bench.transcriber.retries) == (1, 1)


def test_finals_go_before_partials_and_each_in_order() -> None:
    with running() as bench:
        bench.busy()
        for number, purpose in ((2, PARTIAL), (3, FINAL), (4, PARTIAL), (5, FINAL)):
            bench.submit(number, purpose=purpose)
        bench.release()
        assert bench.order(4) == [3, 5, 2, 4]


def test_glances_go_before_finals_and_in_order() -> None:
    with running() as bench:
        bench.busy()
        for number, purpose in ((2, FINAL), (3, GLANCE), (4, PARTIAL), (5, GLANCE)):
            bench.submit(number, purpose=purpose)
        bench.release()
        assert bench.order(4) == [3, 5, 2, 4]


def test_how_long_turns_waited_is_known_and_the_rest_does_not_count() -> None:
    with running(max_finals=9) as bench:
        bench.busy()
        waiting = [bench.submit(number) for number in range(2, 8)]
        rest = [bench.submit(9, purpose=purpose) for purpose in (GLANCE, PARTIAL)]
        bench.now_s = 1.5
        bench.release()
        assert [job.result(SOON_S).text for job in waiting] == ["2", "3", "4", "5", "6", "7"]
        assert [job.result(SOON_S).text for job in rest] == ["9", "9"]
        assert bench.transcriber.wait_s() == 1.5
        assert 0 <= bench.transcriber.busy_share() <= 1


def test_a_cancelled_job_is_never_begun() -> None:
    with running() as bench:
        bench.busy()
        unwanted, wanted = bench.submit(2), bench.submit(3)
        assert unwanted.cancel()
        bench.release()
        assert wanted.result(SOON_S).text == "3"
        assert bench.order(1) == [3]


def test_a_job_that_has_begun_cannot_be_cancelled() -> None:
    with running() as bench:
        first = bench.busy()
        assert not first.cancel()
        bench.release()
        assert first.result(SOON_S).text == "1"


@pytest.mark.parametrize("purpose", [GLANCE, PARTIAL])
def test_the_oldest_of_its_kind_is_shed_when_too_many_wait(purpose: DecodePurpose) -> None:
    with running(max_partials=2) as bench:
        bench.busy()
        oldest, *rest = [bench.submit(number, purpose=purpose) for number in (2, 3, 4)]
        with pytest.raises(CancelledError):
            oldest.result(SOON_S)
        bench.release()
        assert [future.result(SOON_S).text for future in rest] == ["3", "4"]
        assert bench.transcriber.shed == 1


def test_a_final_too_many_is_refused_at_once() -> None:
    with running(max_finals=3) as bench:
        bench.busy()
        for number in (2, 3, 4):
            bench.submit(number)
        with pytest.raises(RecognitionFailed, match="overloaded"):
            bench.submit(5).result(timeout=0)


def test_a_cancelled_final_makes_room_for_another() -> None:
    with running(max_finals=1) as bench:
        bench.busy()
        bench.submit(2).cancel()
        third = bench.submit(3)
        bench.release()
        assert third.result(SOON_S).text == "3"


def test_a_cancelled_glance_makes_room_for_another() -> None:
    with running(max_partials=1) as bench:
        bench.busy()
        bench.submit(2, purpose=GLANCE).cancel()
        third = bench.submit(3, purpose=GLANCE)
        bench.release()
        assert third.result(SOON_S).text == "3"
        assert bench.transcriber.shed == 0


@pytest.mark.parametrize("purpose", [GLANCE, PARTIAL])
def test_what_is_shed_never_takes_the_room_of_finals(purpose: DecodePurpose) -> None:
    with running(max_partials=2, max_finals=1) as bench:
        bench.busy()
        for number in (2, 3, 4):
            bench.submit(number, purpose=purpose)
        final = bench.submit(5)
        bench.release()
        assert final.result(SOON_S).text == "5"


def test_a_job_whose_deadline_has_passed_is_not_decoded() -> None:
    with running() as bench:
        bench.busy()
        late, patient = bench.submit(2, deadline_s=1.0), bench.submit(3, deadline_s=5.0)
        bench.now_s = 2.0
        bench.release()
        with pytest.raises(RecognitionFailed, match="too late"):
            late.result(SOON_S)
        assert patient.result(SOON_S).text == "3"


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [(RecognitionFailed("no audio"), "no audio"), (ValueError("a tensor"), "ValueError: a tensor")],
)
def test_a_failure_reaches_its_future_and_the_worker_goes_on(failure: Exception, sentence: str) -> None:
    with running() as bench:
        bench.gated.failure = failure
        first = bench.busy()
        bench.release()
        with pytest.raises(RecognitionFailed, match=sentence):
            first.result(SOON_S)
        bench.gated.failure = None
        assert bench.submit(2).result(SOON_S).text == "2"
        assert (bench.transcriber.failed, bench.transcriber.decoded) == (1, 1)


def test_two_workers_decode_at_once() -> None:
    with running(workers=2) as bench:
        bench.submit(1)
        bench.submit(2)
        assert sorted(bench.order(2)) == [1, 2]


def test_whoever_waits_may_submit_again_when_the_answer_comes() -> None:
    with running() as bench:
        followed: Future[Future[Transcript]] = Future()
        bench.busy().add_done_callback(lambda _done: followed.set_result(bench.submit(2)))
        bench.release()
        assert followed.result(SOON_S).result(SOON_S).text == "2"


def test_language_and_vocabulary_are_handed_on_and_the_decoding_is_greedy() -> None:
    with running() as bench:
        bench.release()
        samples = Samples16k(np.zeros(3, np.float32))
        ask = LanguageAsk("el", ("el", "en"), 0.8)
        bench.transcriber.submit(samples, purpose=FINAL, ask=ask, prompt="Qwixel").result(SOON_S)
        assert bench.gated.asked == [("el", ("el", "en"), 0.8, "Qwixel")]


def test_a_glance_is_in_the_language_of_the_caller_and_finds_out_about_no_other() -> None:
    with running() as bench:
        bench.release()
        ask = LanguageAsk("el", ("el", "en"), 0.8)
        samples = Samples16k(np.zeros(3, np.float32))
        bench.transcriber.submit(samples, purpose=GLANCE, ask=ask, prompt="Qwixel").result(SOON_S)
        assert (bench.gated.glanced, bench.gated.asked) == (["el"], [])


def test_closing_finishes_what_has_begun_and_cancels_the_rest() -> None:
    with running() as bench:
        first, second = bench.busy(), bench.submit(2)
        closing = threading.Thread(target=bench.transcriber.close)
        closing.start()
        with pytest.raises(CancelledError):
            second.result(SOON_S)
        bench.release()
        assert first.result(SOON_S).text == "1"
        closing.join(SOON_S)


def test_a_closed_transcriber_refuses() -> None:
    with running() as bench:
        bench.transcriber.close()
        with pytest.raises(RecognitionFailed, match="closed"):
            bench.submit(1).result(timeout=0)


def test_the_gated_recogniser_is_called_like_the_real_one() -> None:
    kinds: tuple[type[Recogniser], ...] = (Gated, Whisper)
    gated, real = ([inspect.signature(method) for method in (kind.transcribe, kind.glance)] for kind in kinds)
    assert gated == real


def test_real_calls_share_one_model(whisper: Whisper, speak: Speak) -> None:
    transcriber = Transcriber(whisper)
    try:
        assert transcriber.warm_up().text == ""
        sentences = {"I want my money back.": "money", "Please cancel my order.": "cancel"}
        futures = {word: transcriber.submit(speak(line), purpose=FINAL) for line, word in sentences.items()}
        assert all(word in future.result(60).text.lower() for word, future in futures.items())
        assert transcriber.decoded == 3
        assert transcriber.busy_s > 0
    finally:
        transcriber.close()
