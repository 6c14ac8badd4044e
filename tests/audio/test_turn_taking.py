"""Turns and their decodings, from probabilities alone."""

from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audio.ear_events import (
    Deaf,
    DecodePurpose,
    DecodeUnwanted,
    DecodeWanted,
    EarEvent,
    NoWords,
    Partial,
    Paused,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.endpointing import CHUNK_MS, MAX_TURN_MS
from audio.signal import Samples16k
from audio.turn_taking import MAX_WAITING_TURNS, NO_ANSWER, TurnTaking
from tests.audio.spoken import heard_as, without_arousal


class Line:
    """Chunks fed in order; the samples of each hold its number."""

    def __init__(self) -> None:
        self.turns = TurnTaking()
        self.chunks = 0

    def hear(self, *runs: tuple[float, int]) -> list[EarEvent]:
        """The events of runs of (probability, number of chunks)."""
        events: list[EarEvent] = []
        for probability in (probability for probability, count in runs for _ in range(count)):
            samples = Samples16k(np.full(512, self.chunks, dtype=np.float32))
            events += self.turns.hear(samples, probability=probability, start_ms=self.chunks * CHUNK_MS)
            self.chunks += 1
        return events

    def speech(self, chunks: int = 10) -> list[EarEvent]:
        return self.hear((1.0, chunks))

    def silence(self, chunks: int = 35) -> list[EarEvent]:
        return self.hear((0.0, chunks))


def jobs(events: list[EarEvent], purpose: DecodePurpose) -> list[DecodeWanted]:
    return [event for event in events if isinstance(event, DecodeWanted) and event.purpose is purpose]


def final(events: list[EarEvent]) -> DecodeWanted:
    return jobs(events, DecodePurpose.FINAL)[-1]


def kinds(events: list[EarEvent]) -> list[type[EarEvent]]:
    return [type(event) for event in events]


def test_a_turn_starts_wants_its_final_in_the_pause_and_ends() -> None:
    line = Line()
    events = line.speech() + line.silence()
    assert kinds(events) == [SpeechStarted, DecodeWanted, TurnEnded]


def test_words_that_come_after_the_end_are_an_utterance() -> None:
    line = Line()
    job = final(line.speech() + line.silence())
    heard = line.turns.decoded(job.job_id, heard_as("hello"))
    assert without_arousal(heard) == [Utterance(0, 320, heard_as("hello"))]


def test_words_that_come_in_the_pause_are_told_and_are_the_utterance_when_it_was_the_end() -> None:
    line = Line()
    job = final(line.speech() + line.silence(8))
    assert line.turns.decoded(job.job_id, heard_as("stop")) == [Paused(0, 320, 0, heard_as("stop"))]
    assert kinds(line.silence()) == [TurnEnded, Utterance]


def test_a_pause_whose_words_are_complete_ends_the_turn_at_once() -> None:
    line = Line()
    job = final(line.speech() + line.silence(14))
    line.turns.decoded(job.job_id, heard_as("stop"))
    assert kinds(line.turns.end_pause_after(400)) == [TurnEnded, Utterance]


def test_the_longest_pause_of_the_caller_is_told() -> None:
    line = Line()
    line.speech()
    line.silence(20)
    job = final(line.speech() + line.silence(8))
    assert line.turns.decoded(job.job_id, heard_as("stop")) == [Paused(0, 1280, 640, heard_as("stop"))]


def test_a_caller_whom_the_end_of_a_turn_cut_off_made_a_pause() -> None:
    line = Line()
    line.speech()
    line.silence(40)
    job = final(line.speech() + line.silence(8))
    [paused] = line.turns.decoded(job.job_id, heard_as("stop"))
    assert isinstance(paused, Paused)
    assert paused.longest_pause_ms > 1_000


def test_a_caller_who_begins_again_later_made_no_pause() -> None:
    line = Line()
    line.speech()
    line.silence(80)
    job = final(line.speech() + line.silence(8))
    [paused] = line.turns.decoded(job.job_id, heard_as("stop"))
    assert isinstance(paused, Paused)
    assert paused.longest_pause_ms == 0


def test_a_turn_without_words_says_so() -> None:
    line = Line()
    job = final(line.speech() + line.silence())
    assert kinds(line.turns.decoded(job.job_id, heard_as(""))) == [NoWords]


def test_a_failed_decoding_makes_the_ear_deaf_for_that_turn() -> None:
    line = Line()
    job = final(line.speech() + line.silence())
    assert line.turns.failed(job.job_id, "too late") == [Deaf(0, 320, "too late")]


def test_a_failure_in_the_pause_is_told_at_the_end() -> None:
    line = Line()
    job = final(line.speech() + line.silence(8))
    assert line.turns.failed(job.job_id, "too late") == []
    assert kinds(line.silence()) == [TurnEnded, Deaf]


def test_speech_that_goes_on_makes_the_final_unwanted_and_a_new_one_wanted() -> None:
    line = Line()
    first = final(line.speech() + line.silence(10))
    assert line.speech() == [DecodeUnwanted(first.job_id)]
    second = final(line.silence())
    assert second.job_id != first.job_id
    assert line.turns.decoded(first.job_id, heard_as("hel")) == []
    assert kinds(line.turns.decoded(second.job_id, heard_as("hello"))) == [Utterance]


def test_a_final_that_was_answered_before_speech_went_on_is_forgotten() -> None:
    line = Line()
    first = final(line.speech() + line.silence(10))
    line.turns.decoded(first.job_id, heard_as("hel"))
    assert kinds(line.speech()) == [SpeechResumed]
    assert kinds(line.silence()) == [DecodeWanted, TurnEnded]


def test_the_final_holds_the_pre_roll_the_speech_and_the_tail() -> None:
    line = Line()
    job = final(line.silence(20) + line.speech() + line.silence())
    chunks = job.samples.reshape(-1, 512)[:, 0]
    assert (job.start_ms, job.end_ms) == (20 * CHUNK_MS - 200, 38 * CHUNK_MS)
    np.testing.assert_array_equal(chunks, np.arange(13, 38))


def test_speech_right_after_a_turn_has_its_pre_roll_from_the_silence_between() -> None:
    line = Line()
    line.turns.endpointing.patience_ms = 300
    events = line.speech() + line.silence(10) + line.speech() + line.silence()
    chunks = final(events).samples.reshape(-1, 512)[:, 0]
    np.testing.assert_array_equal(chunks, np.arange(13, 38))


def test_a_partial_is_wanted_for_every_1200_ms_of_speech() -> None:
    line = Line()
    events = []
    for _ in range(100):
        fresh = line.speech(1)
        events += fresh
        for job in jobs(fresh, DecodePurpose.PARTIAL):
            assert line.turns.decoded(job.job_id, heard_as("so")) == [Partial(0, heard_as("so"))]
    assert [job.end_ms for job in jobs(events, DecodePurpose.PARTIAL)] == [1216, 2432]


def test_a_partial_of_no_words_is_not_told() -> None:
    line = Line()
    job = jobs(line.speech(40), DecodePurpose.PARTIAL)[0]
    assert line.turns.decoded(job.job_id, heard_as("")) == []


def test_a_partial_that_is_due_while_one_is_outstanding_is_left_out() -> None:
    line = Line()
    assert len(jobs(line.speech(200), DecodePurpose.PARTIAL)) == 1


def test_a_failed_partial_makes_way_for_the_next() -> None:
    line = Line()
    job = jobs(line.speech(40), DecodePurpose.PARTIAL)[0]
    assert line.turns.failed(job.job_id, "shed") == []
    assert len(jobs(line.speech(40), DecodePurpose.PARTIAL)) == 1


def test_a_partial_outstanding_at_the_end_is_unwanted() -> None:
    line = Line()
    job = jobs(line.speech(40), DecodePurpose.PARTIAL)[0]
    assert DecodeUnwanted(job.job_id) in line.silence()
    assert line.turns.decoded(job.job_id, heard_as("late")) == []


def test_the_words_of_two_turns_come_in_the_order_of_the_turns() -> None:
    line = Line()
    first = final(line.speech() + line.silence())
    second = final(line.speech() + line.silence())
    assert line.turns.decoded(second.job_id, heard_as("two")) == []
    outcomes = line.turns.decoded(first.job_id, heard_as("one"))
    assert [o.transcript.text for o in outcomes if isinstance(o, Utterance)] == ["one", "two"]


def test_a_partial_that_comes_after_the_words_of_the_pause_is_not_told() -> None:
    line = Line()
    partial = jobs(line.speech(40), DecodePurpose.PARTIAL)[0]
    line.turns.decoded(final(line.silence(8)).job_id, heard_as("all of it"))
    assert line.turns.decoded(partial.job_id, heard_as("some")) == []


def test_an_answer_counts_once() -> None:
    line = Line()
    job = final(line.speech() + line.silence(8))
    line.turns.decoded(job.job_id, heard_as("first"))
    assert line.turns.decoded(job.job_id, heard_as("second")) == []
    assert Utterance(0, 320, heard_as("first")) in without_arousal(line.silence())


def test_an_unknown_job_changes_nothing() -> None:
    line = Line()
    line.speech()
    assert line.turns.decoded(99, heard_as("what")) == line.turns.failed(99, "what") == []


def test_a_turn_ended_by_force_wants_its_final_at_once() -> None:
    line = Line()
    events = [e for e in line.speech(876) if getattr(e, "purpose", None) is not DecodePurpose.PARTIAL]
    assert kinds(events) == [SpeechStarted, DecodeWanted, DecodeUnwanted, TurnEnded]
    assert len(final(events).samples) == MAX_TURN_MS * 16


def test_a_recogniser_that_never_answers_cannot_hold_up_later_turns() -> None:
    line = Line()
    events = [event for _ in range(MAX_WAITING_TURNS + 1) for event in line.speech() + line.silence()]
    assert events[-1] == Deaf(0, 320, NO_ANSWER)
    assert events[-2] == DecodeUnwanted(1)


SCRIPTS = st.lists(
    st.tuples(st.sampled_from([1.0, 0.0, 0.2]), st.integers(1, 60), st.booleans()), max_size=20
)


@given(SCRIPTS, st.randoms(use_true_random=False))
def test_every_turn_has_one_start_one_end_and_one_outcome_in_order(
    script: list[tuple[float, int, bool]], random: Random
) -> None:
    line = Line()
    waiting: list[DecodeWanted] = []
    log: list[EarEvent] = []
    for probability, count, answers in [*script, (0.0, 120, True)]:
        fresh = line.hear((probability, count))
        waiting += [event for event in fresh if isinstance(event, DecodeWanted)]
        log += fresh
        random.shuffle(waiting)
        while answers and waiting:
            job = waiting.pop()
            log += line.turns.decoded(job.job_id, heard_as("word"))
    starts = [e.start_ms for e in log if isinstance(e, SpeechStarted)]
    ends = [e.start_ms for e in log if isinstance(e, TurnEnded)]
    outcomes = [e.start_ms for e in log if isinstance(e, Utterance | NoWords | Deaf)]
    assert starts == ends == outcomes
    assert all(before < after for before, after in pairwise(starts))


LONG = 140
"""Chunks of speech: more than four seconds, so that the next pause closes a part."""


def test_after_a_long_part_only_what_follows_is_decoded() -> None:
    line = Line()
    first = final(line.speech(LONG) + line.silence(10))
    line.turns.decoded(first.job_id, heard_as("I have called four times"))
    second = final(line.speech(20) + line.silence(10))
    assert first.end_ms - 200 < second.start_ms < first.end_ms + CHUNK_MS
    assert len(second.samples) < 40 * 512
    [paused] = line.turns.decoded(second.job_id, heard_as("and nobody"))
    assert isinstance(paused, Paused)
    assert paused.transcript.text == "I have called four times and nobody"


def test_the_words_of_a_turn_are_those_of_its_parts() -> None:
    line = Line()
    first = final(line.speech(LONG) + line.silence(10))
    line.turns.decoded(first.job_id, heard_as("I have called four times"))
    second = final(line.speech(20) + line.silence())
    [uttered] = line.turns.decoded(second.job_id, heard_as("and nobody"))
    assert isinstance(uttered, Utterance)
    assert uttered.transcript.text == "I have called four times and nobody"


def test_a_part_whose_words_come_late_is_still_part_of_the_turn() -> None:
    line = Line()
    first = final(line.speech(LONG) + line.silence(10))
    second = final(line.speech(20) + line.silence())
    assert line.turns.decoded(second.job_id, heard_as("and nobody")) == []
    [uttered] = line.turns.decoded(first.job_id, heard_as("I have called four times"))
    assert isinstance(uttered, Utterance)
    assert uttered.transcript.text == "I have called four times and nobody"


def test_a_part_that_fails_makes_the_ear_deaf_for_its_turn() -> None:
    line = Line()
    first = final(line.speech(LONG) + line.silence(10))
    second = final(line.speech(20) + line.silence())
    line.turns.decoded(second.job_id, heard_as("and nobody"))
    assert kinds(line.turns.failed(first.job_id, "too late")) == [Deaf]


def test_a_failure_in_a_pause_is_tried_again_with_what_follows() -> None:
    line = Line()
    first = final(line.speech(LONG) + line.silence(10))
    line.turns.failed(first.job_id, "too late")
    second = final(line.speech(20) + line.silence())
    assert second.start_ms == first.start_ms
