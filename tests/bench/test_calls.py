import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.mulaw import encode_mulaw, silence
from audio.signal import Samples8k
from bench.calls import answered_at_ms, median, percentile, ratio

values = st.lists(st.integers(0, 10_000), min_size=1)


def noise(ms: int, *, seed: int) -> bytes:
    return encode_mulaw(Samples8k(np.random.default_rng(seed).uniform(-0.3, 0.3, ms * 8).astype(np.float32)))


HOLDING = silence(60) + noise(1_000, seed=1)
OTHER, ANSWER = noise(500, seed=3), noise(2_000, seed=2)


@given(values, st.floats(0.01, 1))
def test_a_percentile_is_a_value_that_so_large_a_share_does_not_exceed(
    found: list[int], share: float
) -> None:
    value = percentile(found, share)
    assert value in found
    assert sum(other <= value for other in found) >= share * len(found)
    assert sum(other < value for other in found) < share * len(found)


def test_the_50th_and_95th_of_100_values_are_the_50th_and_the_95th() -> None:
    assert [percentile(range(1, 101), share) for share in (0.5, 0.95, 1)] == [50, 95, 100]


def test_what_was_not_measured_is_not_a_number_and_does_not_count() -> None:
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(median([]))
    assert math.isnan(ratio(1, 0))
    assert median([math.nan, 1, 3]) == 2


@pytest.mark.parametrize("held_ms", [1_060, 500])
def test_the_answer_begins_after_a_holding_sentence_whole_or_cut_short(held_ms: int) -> None:
    track = silence(1_000) + HOLDING[: held_ms * 8]
    track += silence(1_000 + -held_ms % 20) + ANSWER
    begins_ms = (len(track) - len(ANSWER)) // 8
    assert answered_at_ms(track, 1_060, until_ms=len(track) // 8, holding=[OTHER, HOLDING]) == begins_ms
    assert answered_at_ms(track, 1_060, until_ms=begins_ms, holding=[HOLDING]) is None


def test_an_answer_that_is_no_holding_sentence_begins_where_it_is_heard() -> None:
    track = silence(1_000) + ANSWER
    assert answered_at_ms(track, 1_000, until_ms=3_000, holding=[HOLDING]) == 1_000
