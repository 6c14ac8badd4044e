import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.echo_path import (
    BLOCK,
    EARLY,
    LATE,
    LOOK,
    EchoPath,
    Track,
    effective_blocks,
    likeness,
    power_of,
)
from audio.signal import Samples


def noise(length: int, *, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).normal(0, 0.1, length).astype(np.float32)


def track(samples: Samples, *, at: int = 0) -> Track:
    kept = Track(behind=16_000, ahead=32_000)
    kept.write(samples, at=at)
    return kept


@given(st.integers(-20_000, 60_000), st.integers(0, 2_000), st.integers(-20_000, 60_000))
def test_a_track_gives_back_what_was_written_and_silence_around_it(at: int, length: int, begin: int) -> None:
    samples, kept = noise(length), Track(behind=80_000, ahead=80_000)
    kept.write(samples, at=at)
    everything = np.zeros(200_000, np.float32)
    everything[100_000 + at : 100_000 + at + length] = samples
    assert np.array_equal(kept.read(begin, begin + 500), everything[100_000 + begin : 100_500 + begin])


def test_a_track_forgets_what_lies_too_far_back_and_keeps_the_rest() -> None:
    samples = noise(16_000)
    kept = track(samples)
    kept.move(30_000)
    assert np.array_equal(kept.read(14_000, 16_000), samples[14_000:])
    kept.move(10**12)
    assert not kept.read(14_000, 16_000).any()


def test_what_is_written_out_of_reach_is_left_out() -> None:
    kept = track(noise(100))
    assert not kept.write(noise(100), at=10**12)
    assert not kept.write(noise(100), at=-(10**12))


def test_a_cleared_track_is_silent_from_there_on_and_no_louder_than_silence() -> None:
    kept = track(noise(1_000))
    kept.clear(400)
    assert kept.read(0, 400).all()
    assert not kept.read(400, 1_000).any()
    assert kept.loudest(480, 1_000) == 0


def test_the_loudest_10_ms_are_found_wherever_they_lie() -> None:
    samples = noise(1_600)
    samples[800:880] = 0.5
    assert track(samples).loudest(0, 1_600) == pytest.approx(0.25, rel=1e-3)


@pytest.mark.parametrize("delay", [-EARLY + 10, 0, 1_203, LATE - 10])
def test_a_delay_is_found_by_likeness_to_the_sample(delay: int) -> None:
    line = noise(20_000)
    now = 12_000
    heard = 0.1 * line[now - LOOK - delay : now - delay] + noise(LOOK, seed=1) * np.float32(0.1)
    peak, found = likeness(heard, line[now - LOOK - LATE : now + EARLY])
    assert found == delay
    assert peak > 12


def test_what_is_no_echo_has_no_high_peak() -> None:
    peaks = [likeness(noise(LOOK, seed=seed), noise(LOOK + EARLY + LATE))[0] for seed in range(1, 20)]
    assert max(peaks) < 6


def test_likeness_of_silence_is_nothing() -> None:
    silence = np.zeros(LOOK, np.float32)
    assert likeness(silence, np.zeros(LOOK + EARLY + LATE, np.float32))[0] == 0


def test_a_path_learns_to_take_20_db_off_the_echo_within_two_seconds() -> None:
    line = noise(32_000)
    response = noise(400, seed=2) * np.exp(-np.arange(400) / 80).astype(np.float32)
    heard = np.convolve(np.append(np.zeros(1_000, np.float32), line), response)[:32_000].astype(np.float32)
    path, sent, left = EchoPath(1_000), track(line), 0.0
    for begin in range(0, 16_000, BLOCK):
        block = heard[begin : begin + BLOCK]
        _, left = path.cancel(block, sent, now=begin + BLOCK, power=power_of(block))
    assert left < power_of(heard[16_000 - BLOCK : 16_000]) / 100


def test_a_path_never_makes_the_sound_louder() -> None:
    path, sent = EchoPath(0), track(noise(32_000))
    for number in range(40):
        block = noise(BLOCK, seed=number + 1)
        left, remaining = path.cancel(block, sent, now=(number + 1) * BLOCK, power=power_of(block))
        assert remaining <= power_of(block) * 1.0001
        assert len(left) == BLOCK


def test_a_moved_path_knows_the_echo_at_its_new_delay() -> None:
    line = noise(32_000)
    sent, heard = track(line), Track(behind=16_000, ahead=32_000)
    heard.write(line * np.float32(0.1), at=800)
    path = EchoPath(800)
    path.rehearse(heard, sent, now=16_000, blocks=60, learn=True)
    later = Track(behind=16_000, ahead=32_000)
    later.write(line * np.float32(0.1), at=1_120)
    assert path.rehearse(later, sent, now=16_000, blocks=5, learn=False) > 0.9
    assert path.moved(1_120).rehearse(later, sent, now=16_000, blocks=5, learn=False) < 0.1


def test_sound_in_one_block_counts_as_one_and_even_sound_as_all() -> None:
    burst = np.zeros(LOOK, np.float32)
    burst[:BLOCK] = 0.1
    assert effective_blocks(burst) == pytest.approx(1)
    assert effective_blocks(np.full(LOOK, 0.1, np.float32)) == pytest.approx(LOOK / BLOCK)
    assert effective_blocks(np.zeros(LOOK, np.float32)) == 0
