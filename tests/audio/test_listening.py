"""Turns and what is said over the line, put together."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.ear_events import (
    Deaf,
    DecodePurpose,
    DecodeWanted,
    EarEvent,
    Interrupted,
    LineHeld,
    LineReleased,
    NoWords,
    Paused,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.endpointing import CHUNK_MS
from audio.listening import NOT_LISTENING, Listening
from audio.signal import Samples16k
from tests.audio.spoken import heard_as


class Ears:
    """Chunks fed in order, each 32 ms of silence in samples. `log` is all that came."""

    def __init__(self) -> None:
        self.listening = Listening(partial_every_ms=320, is_listening=lambda text: text == "mm-hm")
        self.now_ms = 0
        self.log: list[EarEvent] = []

    def hears(self, ms: int, *, probability: float = 0.9) -> "Ears":
        for _ in range(0, ms, CHUNK_MS):
            samples = Samples16k(np.zeros(512, dtype=np.float32))
            self.log += self.listening.hear(samples, probability=probability, start_ms=self.now_ms)
            self.now_ms += CHUNK_MS
        return self

    def silence(self, ms: int) -> "Ears":
        return self.hears(ms, probability=0.02)

    def line(self, line_id: str | None) -> "Ears":
        self.log += self.listening.line_speaks(line_id, "I have your order here.")
        return self

    def reads(self, text: str, purpose: DecodePurpose = DecodePurpose.FINAL) -> "Ears":
        """Answer the newest decoding of a purpose."""
        self.log += self.listening.decoded(self.jobs(purpose)[-1].job_id, heard_as(text))
        return self

    def fails(self, purpose: DecodePurpose = DecodePurpose.FINAL) -> "Ears":
        """Let the newest decoding of a purpose fail."""
        self.log += self.listening.failed(self.jobs(purpose)[-1].job_id, "too late")
        return self

    def jobs(self, *purposes: DecodePurpose) -> list[DecodeWanted]:
        wanted = [event for event in self.log if isinstance(event, DecodeWanted)]
        return [job for job in wanted if job.purpose in purposes]

    @property
    def told(self) -> list[type[EarEvent]]:
        """The kinds of the events that are no requests."""
        return [type(event) for event in self.log if "Decode" not in type(event).__name__]


def test_turns_and_glances_never_share_a_number() -> None:
    ears = Ears().line("line-1").hears(960).silence(256)
    jobs = ears.jobs(*DecodePurpose)
    assert {job.purpose for job in jobs} == set(DecodePurpose)
    assert len({job.job_id for job in jobs}) == len(jobs)


def test_the_words_of_a_glance_stop_the_line_and_are_none_of_the_turns() -> None:
    ears = Ears().line("line-1").hears(640).reads("no wait a minute", DecodePurpose.GLANCE)
    assert ears.told == [SpeechStarted, LineHeld, Interrupted]


def test_the_words_of_a_pause_stop_the_line_before_the_pause_is_told() -> None:
    ears = Ears().line("line-1").hears(320).silence(256).reads("stop")
    assert ears.told == [SpeechStarted, LineHeld, Interrupted, Paused]


def test_the_words_of_a_turn_stop_the_line_before_the_turn_is_told() -> None:
    ears = Ears().line("line-1").hears(320).silence(1_120).reads("stop")
    assert ears.told[-2:] == [Interrupted, Utterance]


def test_a_pause_without_words_lets_the_line_go_on_before_it_is_told() -> None:
    ears = Ears().line("line-1").hears(320).silence(256).reads("")
    assert ears.told[-2:] == [LineReleased, Paused]


def test_a_turn_without_words_lets_the_line_go_on_before_it_is_told() -> None:
    ears = Ears().line("line-1").hears(320).silence(1_120).reads("")
    assert ears.told[-2:] == [LineReleased, NoWords]


def test_a_turn_that_nobody_could_decode_lets_the_line_go_on() -> None:
    ears = Ears().line("line-1").hears(320).silence(1_120).fails()
    assert ears.told[-2:] == [LineReleased, Deaf]


def test_a_failed_glance_fails_no_turn_and_is_asked_for_again() -> None:
    ears = Ears().line("line-1").hears(320).fails(DecodePurpose.GLANCE).hears(320)
    assert len(ears.jobs(DecodePurpose.GLANCE)) == 2
    assert ears.told == [SpeechStarted, LineHeld]


def test_the_words_of_a_turn_before_the_line_do_not_stop_it() -> None:
    ears = Ears().hears(640).silence(1_280).line("line-1").silence(320).reads("my parcel is late")
    assert ears.told == [SpeechStarted, TurnEnded, Utterance]


def test_the_end_of_a_pause_goes_through_to_the_turn() -> None:
    ears = Ears().hears(320).silence(448).reads("stop")
    ears.log += ears.listening.end_pause_after(400)
    assert ears.told == [SpeechStarted, Paused, TurnEnded, Utterance]


def test_words_that_were_told_in_the_pause_interrupt_once() -> None:
    ears = Ears().line("line-1").hears(320).silence(448).reads("stop")
    ears.log += ears.listening.end_pause_after(400)
    assert ears.told.count(Interrupted) == 1


@pytest.mark.parametrize(
    ("ms", "speaking", "attentive"), [(0, False, False), (32, False, True), (320, True, True)]
)
def test_it_is_known_whether_somebody_speaks_or_may_be_beginning(
    ms: int, speaking: bool, attentive: bool
) -> None:
    listening = Ears().silence(320).hears(ms).listening
    assert (listening.speaking, listening.attentive) == (speaking, attentive)


def test_without_a_language_every_word_interrupts() -> None:
    assert not NOT_LISTENING("mm-hm")


@given(
    st.lists(st.tuples(st.sampled_from([0.9, 0.02, 0.2]), st.integers(1, 40), st.booleans()), max_size=15),
    st.randoms(use_true_random=False),
)
def test_every_turn_has_one_start_and_one_outcome_whatever_the_line_does(
    script: list[tuple[float, int, bool]], random: Random
) -> None:
    ears = Ears()
    for probability, chunks, line_changes in script:
        if line_changes:
            ears.line(random.choice(["line-1", "line-2", None]))
        ears.hears(chunks * CHUNK_MS, probability=probability)
        for job in random.sample(ears.jobs(*DecodePurpose), k=len(ears.jobs(*DecodePurpose)) // 2):
            ears.log += ears.listening.decoded(job.job_id, heard_as(random.choice(["", "mm-hm", "stop"])))
    ears.silence(3_200)
    for job in ears.jobs(*DecodePurpose):
        ears.log += ears.listening.decoded(job.job_id, heard_as("stop"))
    starts = [event.start_ms for event in ears.log if isinstance(event, SpeechStarted)]
    assert starts == [event.start_ms for event in ears.log if isinstance(event, Utterance | NoWords | Deaf)]
