import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.resample import Upsampler, resample
from audio.signal import Samples, Samples8k


def tone(hz: float, *, rate: int, ms: int) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(rate * ms // 1000) / rate)).astype(np.float32)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_fed_in_pieces_it_gives_the_same_as_for_the_whole(sizes: list[int], seed: int) -> None:
    whole = np.random.default_rng(seed).uniform(-1, 1, sum(sizes)).astype(np.float32)
    upsampler = Upsampler()
    pieces = [upsampler.feed(Samples8k(piece)) for piece in np.split(whole, np.cumsum(sizes)[:-1])]
    at_once = Upsampler().feed(Samples8k(whole))
    streamed = np.concatenate(pieces)
    common = min(len(streamed), len(at_once))
    np.testing.assert_array_equal(streamed[:common], at_once[:common])
    assert 2 * len(whole) - common <= Upsampler.MAX_HELD_MS * 16


def test_the_upsampled_signal_lies_where_the_signal_lies() -> None:
    out = Upsampler().feed(Samples8k(tone(1000, rate=8000, ms=500)))
    expected = tone(1000, rate=16000, ms=500)[: len(out)]
    assert np.abs(out - expected)[800:-800].max() < 1e-3


def test_a_frame_of_20_ms_costs_at_most_the_held_time() -> None:
    upsampler, produced = Upsampler(), 0
    for frame in range(1, 101):
        produced += len(upsampler.feed(Samples8k(np.zeros(160, dtype=np.float32))))
        assert frame * 320 - produced <= Upsampler.MAX_HELD_MS * 16


def test_nothing_above_the_telephone_band_is_added() -> None:
    out = Upsampler().feed(Samples8k(tone(3000, rate=8000, ms=1000)))[2000:14000]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert spectrum[len(spectrum) // 2 + 60 :].max() < spectrum.max() * 1e-4


@pytest.mark.parametrize(("orig_hz", "target_hz"), [(22050, 8000), (8000, 16000), (44100, 16000)])
def test_resampling_keeps_the_tone_and_its_length(orig_hz: int, target_hz: int) -> None:
    out = resample(tone(440, rate=orig_hz, ms=1000), orig_hz=orig_hz, target_hz=target_hz)
    expected = tone(440, rate=target_hz, ms=1000)
    assert out.shape == expected.shape
    assert np.abs(out - expected)[500:-500].max() < 0.01


def test_resampling_to_the_same_rate_changes_nothing() -> None:
    signal = tone(440, rate=8000, ms=50)
    assert resample(signal, orig_hz=8000, target_hz=8000) is signal
