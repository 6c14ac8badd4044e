from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.endpointing import (
    CHUNK_MS,
    MAX_TURN_MS,
    PRE_ROLL_MS,
    End,
    Endpointing,
    Onset,
    Pause,
    Resumed,
    Sign,
)

SPEECH, SILENCE, BETWEEN = 0.9, 0.01, 0.2


def signs_of(*runs: tuple[float, int], patience_ms: int = 700) -> list[Sign]:
    """The signs for runs of (probability, number of chunks), from 0 ms on."""
    endpointing = Endpointing(patience_ms=patience_ms)
    chunks = [probability for probability, count in runs for _ in range(count)]
    return [s for n, p in enumerate(chunks) for s in endpointing.feed(p, start_ms=n * CHUNK_MS)]


def kinds(signs: list[Sign]) -> list[type[Sign]]:
    return [type(sign) for sign in signs]


# Sequences as calls have them: runs of speech, silence and doubt, with gaps of the clock here and there.
RUNS = st.lists(
    st.tuples(st.sampled_from([SPEECH, SILENCE, BETWEEN]), st.integers(1, 40), st.integers(0, 3000)),
    max_size=30,
)


def all_signs(runs: list[tuple[float, int, int]], patience_ms: int) -> list[Sign]:
    """The signs for runs of (probability, number of chunks, jump of the clock after a silence)."""
    endpointing, start_ms, signs = Endpointing(patience_ms=patience_ms), 0, []
    for probability, count, jump_ms in [*runs, (SILENCE, 200, 0)]:
        for _ in range(count):
            signs += endpointing.feed(probability, start_ms=start_ms)
            start_ms += CHUNK_MS
        start_ms += jump_ms if probability == SILENCE else 0
    return signs


@given(RUNS, st.integers(300, 3000))
def test_every_onset_is_followed_by_exactly_one_end(
    runs: list[tuple[float, int, int]], patience_ms: int
) -> None:
    edges = [type(s) for s in all_signs(runs, patience_ms) if isinstance(s, Onset | End)]
    assert edges == [Onset, End] * (len(edges) // 2)


@given(RUNS, st.integers(300, 3000))
def test_pauses_and_resumptions_alternate_within_a_turn(
    runs: list[tuple[float, int, int]], patience_ms: int
) -> None:
    for before, after in pairwise(all_signs(runs, patience_ms)):
        if isinstance(after, Resumed):
            assert isinstance(before, Pause)
        if isinstance(after, Pause):
            assert isinstance(before, Onset | Resumed)


@given(RUNS, st.integers(300, 3000))
def test_turns_are_in_order_and_do_not_overlap(runs: list[tuple[float, int, int]], patience_ms: int) -> None:
    ends = [s for s in all_signs(runs, patience_ms) if isinstance(s, End)]
    assert all(end.start_ms < end.end_ms <= end.at_ms for end in ends)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(ends))


@given(RUNS, st.integers(300, 3000))
def test_the_times_of_the_signs_never_go_back(runs: list[tuple[float, int, int]], patience_ms: int) -> None:
    signs = all_signs(runs, patience_ms)
    assert all(before.at_ms <= after.at_ms for before, after in pairwise(signs))


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 900)), max_size=8), st.integers(300, 3000))
def test_no_turn_is_longer_than_the_limit(runs: list[tuple[float, int]], patience_ms: int) -> None:
    ends = [s for s in signs_of(*runs, patience_ms=patience_ms) if isinstance(s, End)]
    assert all(end.at_ms - end.start_ms <= MAX_TURN_MS for end in ends)


def test_a_turn_begins_after_about_100_ms_of_speech_and_is_dated_back() -> None:
    onset = signs_of((SILENCE, 20), (SPEECH, 10))[0]
    assert onset == Onset(at_ms=23 * CHUNK_MS, start_ms=20 * CHUNK_MS - PRE_ROLL_MS)


def test_a_click_begins_no_turn() -> None:
    assert signs_of((SILENCE, 10), (SPEECH, 2), (SILENCE, 10), (SPEECH, 2), (SILENCE, 10)) == []


def test_a_turn_does_not_begin_before_the_call() -> None:
    assert signs_of((SPEECH, 3)) == [Onset(at_ms=96, start_ms=0)]


def test_a_short_silence_is_no_pause() -> None:
    assert kinds(signs_of((SPEECH, 10), (SILENCE, 6), (SPEECH, 10))) == [Onset]


def test_a_pause_is_told_after_240_ms_and_again_when_speech_goes_on() -> None:
    signs = signs_of((SPEECH, 10), (SILENCE, 10), (SPEECH, 10))
    assert signs[1:] == [Pause(18 * CHUNK_MS, 0, 10 * CHUNK_MS), Resumed(22 * CHUNK_MS, 0, 10 * CHUNK_MS)]


def test_a_click_in_a_pause_does_not_end_it() -> None:
    signs = signs_of((SPEECH, 10), (SILENCE, 10), (SPEECH, 1), (SILENCE, 20))
    assert kinds(signs) == [Onset, Pause, End]


def test_a_turn_does_not_end_on_the_first_chunk_of_more_speech() -> None:
    signs = signs_of((SPEECH, 10), (SILENCE, 21), (SPEECH, 10))
    assert kinds(signs) == [Onset, Pause, Resumed]


def test_a_doubtful_probability_changes_nothing() -> None:
    assert kinds(signs_of((BETWEEN, 30), (SPEECH, 10), (BETWEEN, 100))) == [Onset]


@pytest.mark.parametrize(("patience_ms", "silent_chunks"), [(300, 10), (700, 22), (3000, 94)])
def test_a_turn_ends_when_patience_does(patience_ms: int, silent_chunks: int) -> None:
    end = signs_of((SPEECH, 10), (SILENCE, 120), patience_ms=patience_ms)[-1]
    assert end == End((10 + silent_chunks) * CHUNK_MS, 0, 10 * CHUNK_MS, too_long=False)


def in_a_pause(*, silent_chunks: int, patience_ms: int = 1_000) -> tuple[Endpointing, int]:
    """A caller who spoke for ten chunks and has been silent since; and where the next chunk begins."""
    endpointing, chunks = Endpointing(patience_ms=patience_ms), 10 + silent_chunks
    for n in range(chunks):
        endpointing.feed(SPEECH if n < 10 else SILENCE, start_ms=n * CHUNK_MS)
    return endpointing, chunks * CHUNK_MS


def test_a_pause_that_is_long_enough_ends_the_turn_at_once() -> None:
    endpointing, now_ms = in_a_pause(silent_chunks=14)
    assert endpointing.end_pause_after(400) == [End(now_ms, 0, 10 * CHUNK_MS, too_long=False)]


def test_a_pause_may_be_given_more_time() -> None:
    endpointing, now_ms = in_a_pause(silent_chunks=14)
    assert endpointing.end_pause_after(1_500) == []
    silence = [endpointing.feed(SILENCE, start_ms=now_ms + n * CHUNK_MS) for n in range(40)]
    assert [n for n, signs in enumerate(silence, start=15) if signs] == [47]  # 47 chunks are 1,504 ms


def test_what_is_said_of_one_pause_does_not_hold_for_the_next() -> None:
    endpointing, now_ms = in_a_pause(silent_chunks=7)
    endpointing.end_pause_after(3_000)
    for n in range(5):
        endpointing.feed(SPEECH, start_ms=now_ms + n * CHUNK_MS)
    signs = [endpointing.feed(SILENCE, start_ms=now_ms + (5 + n) * CHUNK_MS) for n in range(32)]
    assert isinstance(signs[-1][0], End)


def test_nothing_is_said_of_a_pause_that_is_none() -> None:
    endpointing, _now_ms = in_a_pause(silent_chunks=2)
    assert endpointing.end_pause_after(300) == []
    assert Endpointing().end_pause_after(300) == []


def test_patience_may_change_within_a_silence() -> None:
    endpointing = Endpointing()
    for n in range(25):
        endpointing.feed(SPEECH if n < 10 else SILENCE, start_ms=n * CHUNK_MS)
    endpointing.patience_ms = 400
    assert kinds(endpointing.feed(SILENCE, start_ms=25 * CHUNK_MS)) == [End]


@pytest.mark.parametrize(("wanted", "kept"), [(0, 300), (300, 300), (1200, 1200), (9000, 3000)])
def test_patience_is_kept_within_its_bounds(wanted: int, kept: int) -> None:
    assert Endpointing(patience_ms=wanted).patience_ms == kept


def test_a_turn_of_28_s_is_ended_by_force_and_the_next_follows_without_a_hole() -> None:
    signs = signs_of((SPEECH, 1000))
    assert kinds(signs) == [Onset, End, Onset]
    assert isinstance(signs[1], End)
    assert signs[1].too_long
    assert isinstance(signs[2], Onset)
    assert signs[2].start_ms == signs[1].end_ms == MAX_TURN_MS


def test_a_jump_of_the_clock_in_a_silence_ends_the_turn() -> None:
    endpointing = Endpointing()
    for n in range(12):
        endpointing.feed(SPEECH if n < 10 else SILENCE, start_ms=n * CHUNK_MS)
    assert kinds(endpointing.feed(SILENCE, start_ms=60_000)) == [Pause, End]


def test_a_chunk_of_the_past_is_refused() -> None:
    endpointing = Endpointing()
    endpointing.feed(SILENCE, start_ms=1000)
    with pytest.raises(ValueError, match="a chunk at 1000 ms was fed after 1032 ms"):
        endpointing.feed(SILENCE, start_ms=1000)
