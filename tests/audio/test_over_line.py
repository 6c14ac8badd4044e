"""What is said over a line, from probabilities and words alone."""

import itertools
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.barge_in import ASK_AFTER_MS, GIVE_UP_MS, HOLD_AFTER_MS, SPOKEN_MS
from audio.ear_events import (
    DecodePurpose,
    DecodeUnwanted,
    DecodeWanted,
    EarEvent,
    Interrupted,
    LineHeld,
    LineReleased,
)
from audio.endpointing import CHUNK_MS, PRE_ROLL_MS
from audio.over_line import KEPT_MS, OverLine
from audio.signal import Samples16k

LINE = "I have your order here, and it was sent on Monday."


class Over:
    """Sounds over a line, fed in order; the samples of each chunk hold its number. `log` is all that came."""

    def __init__(self, line: str | None = "line-1") -> None:
        self.over_line = OverLine(job_ids=itertools.count(1), is_listening=lambda text: text == "mm-hm")
        self.now_ms = 0
        self.log: list[EarEvent] = []
        self.over_line.line_speaks(line, LINE)

    def hears(self, ms: int, *, probability: float = 0.9) -> "Over":
        for _ in range(0, ms, CHUNK_MS):
            samples = Samples16k(np.full(512, self.now_ms // CHUNK_MS, dtype=np.float32))
            self.log += self.over_line.hear(samples, probability=probability, start_ms=self.now_ms)
            self.now_ms += CHUNK_MS
        return self

    def silence(self, ms: int) -> "Over":
        return self.hears(ms, probability=0.02)

    def line(self, line_id: str | None) -> "Over":
        self.log += self.over_line.line_speaks(line_id, LINE)
        return self

    def reads(self, text: str, *, job: int = -1) -> "Over":
        """Answer a glance, the newest one if not told otherwise."""
        self.log += self.over_line.decoded(self.glances[job].job_id, text)
        return self

    def pauses(self, text: str) -> "Over":
        """Tell the words of the pause that has begun now."""
        self.log += self.over_line.all_said(text, end_ms=self.now_ms)
        return self

    @property
    def glances(self) -> list[DecodeWanted]:
        return [event for event in self.log if isinstance(event, DecodeWanted)]

    @property
    def kinds(self) -> list[type[EarEvent]]:
        """What became of the line."""
        ends = (LineHeld, LineReleased, Interrupted)
        return [type(event) for event in self.log if isinstance(event, ends)]


def test_while_the_line_is_silent_nothing_is_asked() -> None:
    assert Over(None).hears(3_200).pauses("hello").log == []


def test_a_sound_over_the_line_is_glanced_at_and_holds_the_line() -> None:
    over = Over().silence(640).hears(HOLD_AFTER_MS)
    [glance, held] = over.log
    assert isinstance(glance, DecodeWanted)
    assert (glance.purpose, glance.end_ms) == (DecodePurpose.GLANCE, 640 + ASK_AFTER_MS)
    assert held == LineHeld(640 + HOLD_AFTER_MS, 640)


def test_a_glance_begins_a_little_before_the_sound_and_not_with_what_was_said_before_the_line() -> None:
    over = Over(None).hears(1_280).silence(480).line("line-1").silence(320).hears(ASK_AFTER_MS)
    [glance] = over.glances
    assert 0 <= 2_080 - PRE_ROLL_MS - glance.start_ms < CHUNK_MS
    chunks = range(glance.start_ms // CHUNK_MS, glance.end_ms // CHUNK_MS)
    np.testing.assert_array_equal(glance.samples.reshape(-1, 512)[:, 0], chunks)


def test_a_glance_is_at_the_newest_audio_alone() -> None:
    over = Over().hears(ASK_AFTER_MS)
    over.hears(4_800).reads("").hears(CHUNK_MS)
    assert len(over.glances[-1].samples) == KEPT_MS * 16
    assert over.glances[-1].end_ms - over.glances[-1].start_ms == KEPT_MS
    assert over.glances[-1].samples[-1] == over.now_ms // CHUNK_MS - 1


def test_words_stop_the_line() -> None:
    over = Over().silence(320).hears(640).reads("no wait a minute")
    assert over.log[-1] == Interrupted(960, 320, "no wait a minute")


def test_a_word_that_never_held_the_line_stops_it_and_tells_where_it_began() -> None:
    over = Over().silence(320).hears(96).silence(224).pauses("stop")
    assert over.log == [Interrupted(640, 320, "stop")]


def test_a_listener_lets_the_line_go_on() -> None:
    over = Over().hears(320).reads("mm-hm").silence(SPOKEN_MS)
    assert over.kinds == [LineHeld, LineReleased]
    assert over.log[-1] == LineReleased(320 + SPOKEN_MS, "mm-hm")


def test_the_words_of_the_line_itself_are_its_echo() -> None:
    over = Over().hears(320).reads("Your order here, it was sent.").silence(SPOKEN_MS)
    assert over.kinds == [LineHeld, LineReleased]


def test_a_few_words_of_the_line_among_others_are_the_callers() -> None:
    assert Over().hears(640).reads("My order was not sent at all").kinds == [LineHeld, Interrupted]


def test_what_was_said_of_one_sound_is_not_told_of_the_next() -> None:
    over = Over().hears(320).reads("mm-hm").silence(SPOKEN_MS).hears(320).silence(GIVE_UP_MS)
    assert over.log[-1] == LineReleased(over.now_ms, "")


def test_a_new_line_makes_the_glance_unwanted_and_is_listened_over_anew() -> None:
    over = Over().hears(320).line("line-2")
    assert over.log[-1] == DecodeUnwanted(over.glances[0].job_id)
    assert over.hears(320).kinds == [LineHeld, LineHeld]
    assert len(over.glances) == 2


def test_the_same_line_told_again_changes_nothing() -> None:
    over = Over().hears(320)
    count = len(over.log)
    assert len(over.line("line-1").log) == count
    assert over.hears(320).reads("no wait a minute").kinds == [LineHeld, Interrupted]


def test_the_answer_of_an_old_glance_changes_nothing() -> None:
    over = Over().hears(640).line("line-2").hears(640)
    count = len(over.log)
    assert len(over.reads("no wait a minute", job=0).log) == count


def test_a_glance_is_unwanted_when_the_pause_has_told_that_nobody_interrupts() -> None:
    over = Over().hears(320).silence(224).pauses("mm-hm")
    assert over.log[-2:] == [DecodeUnwanted(over.glances[0].job_id), LineReleased(over.now_ms, "mm-hm")]


def test_after_a_failed_glance_another_is_asked_for() -> None:
    over = Over().hears(320)
    over.over_line.failed(over.glances[0].job_id)
    assert len(over.hears(320).glances) == 2


def test_the_failure_of_another_job_changes_nothing() -> None:
    over = Over().hears(320)
    over.over_line.failed(99)
    assert len(over.hears(640).glances) == 1


@pytest.mark.parametrize(
    ("text", "end"), [("stop", Interrupted), ("mm-hm", LineReleased), ("", LineReleased)]
)
def test_the_words_of_a_pause_decide(text: str, end: type[EarEvent]) -> None:
    assert Over().hears(320).silence(224).pauses(text).kinds == [LineHeld, end]


def test_words_that_come_late_for_a_turn_before_the_line_do_not_stop_it() -> None:
    over = Over(None).hears(640).silence(640)
    over.line("line-1").silence(320)
    over.log += over.over_line.all_said("my parcel is late", end_ms=640)
    assert over.log == []


TEXTS = st.sampled_from(["", "mm-hm", "stop", "no wait a minute", LINE])
SOUND = st.tuples(st.just("hears"), st.floats(0, 1), st.integers(1, 12))
UNANSWERED = st.one_of(
    SOUND,
    SOUND,
    st.tuples(st.just("pauses"), TEXTS, st.just(0)),
    st.tuples(st.just("line"), st.just(""), st.integers(0, 3)),
)
ANSWERED = st.one_of(
    UNANSWERED,
    st.tuples(st.just("reads"), TEXTS, st.integers(0, 3)),
    st.tuples(st.just("fails"), st.just(""), st.integers(0, 3)),
)


def over_each_line(deeds: list[tuple[str, float | str, int]]) -> list[list[EarEvent]]:
    """All that was told of each line, in order; every fourth is a silence."""
    over, begins = Over(), [0]
    for deed in deeds:
        match deed:
            case "hears", float() as probability, chunks:
                over.hears(chunks * CHUNK_MS, probability=probability)
            case "pauses", str() as text, _:
                over.pauses(text)
            case "reads", str() as text, back if back < len(over.glances):
                over.reads(text, job=-1 - back)
            case "fails", _, back if back < len(over.glances):
                over.over_line.failed(over.glances[-1 - back].job_id)
            case "line", _, number:
                begins.append(len(over.log))
                over.line(f"line-{len(begins)}" if number else None)
    return [over.log[begin:end] for begin, end in pairwise([*begins, len(over.log)])]


@given(st.lists(ANSWERED, max_size=60))
def test_over_one_line_holds_and_releases_take_turns_and_nothing_follows_an_interruption(
    deeds: list[tuple[str, float | str, int]],
) -> None:
    for events in over_each_line(deeds):
        stops = [place for place, event in enumerate(events) if isinstance(event, Interrupted)]
        assert stops in ([], [len(events) - 1])
        kinds = [type(event) for event in events if isinstance(event, LineHeld | LineReleased)]
        assert kinds == [LineHeld, LineReleased] * (len(kinds) // 2) + [LineHeld] * (len(kinds) % 2)


@given(st.lists(UNANSWERED, max_size=60))
def test_a_glance_without_an_answer_is_given_up_before_the_next(
    deeds: list[tuple[str, float | str, int]],
) -> None:
    events = itertools.chain.from_iterable(over_each_line(deeds))
    asked = [event.job_id for event in events if isinstance(event, DecodeWanted | DecodeUnwanted)]
    assert asked == [job_id for job_id in dict.fromkeys(asked) for _ in range(asked.count(job_id))]
    assert all(asked.count(job_id) == 2 for job_id in asked[:-1] if job_id != asked[-1])
