import numpy as np
import pytest

from audio.mulaw import encode_mulaw, silence
from audio.signal import Samples8k
from bench.heard import answered_at_ms, begins_within, gaps_ms
from bot.simulator.playback import Run


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


def loud(ms: int) -> bytes:
    return b"\x00\xff" * (ms * 4)


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        pytest.param(silence(1_200) + loud(100) + silence(700), True, id="within"),
        pytest.param(loud(1_200) + silence(800), False, id="the rest of earlier speech"),
        pytest.param(loud(900) + silence(200) + loud(300), False, id="after a pause within speech"),
        pytest.param(silence(1_500) + loud(500), False, id="afterwards"),
        pytest.param(silence(400), False, id="a track that ends before"),
    ],
)
def test_the_line_begins_where_it_was_quiet_before(line: bytes, begins: bool) -> None:
    assert begins_within(line, 1_000, 1_500) is begins


def test_a_hole_with_sound_on_both_sides_is_a_gap() -> None:
    assert gaps_ms([Run(0, loud(100)), Run(160, loud(100)), Run(300, loud(20))]) == [60, 40]


@pytest.mark.parametrize(
    "played",
    [
        pytest.param([Run(0, loud(100)), Run(110, loud(100))], id="too short to be heard"),
        pytest.param([Run(0, loud(100)), Run(1_200, loud(100))], id="another utterance"),
        pytest.param([Run(0, loud(100) + silence(40)), Run(200, loud(100))], id="speech had ended"),
        pytest.param([Run(0, loud(100)), Run(200, silence(40) + loud(100))], id="speech begins"),
        pytest.param([], id="nothing was played"),
    ],
)
def test_it_is_no_gap(played: list[Run]) -> None:
    assert gaps_ms(played) == []
