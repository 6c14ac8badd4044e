import numpy as np
import pytest

from audio.mulaw import encode_mulaw, silence
from audio.signal import Samples8k
from bench.calls import answered_at_ms


def noise(ms: int, *, seed: int) -> bytes:
    return encode_mulaw(Samples8k(np.random.default_rng(seed).uniform(-0.3, 0.3, ms * 8).astype(np.float32)))


HOLDING = silence(60) + noise(1_000, seed=1)
OTHER, ANSWER = noise(500, seed=3), noise(2_000, seed=2)


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
