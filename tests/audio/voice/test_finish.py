import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.mulaw import decode_mulaw
from audio.signal import Samples
from audio.voice.finish import PEAK_DBFS, SPEECH_DBFS, level, speech_dbfs, to_mulaw, trim

HZ = 8000


def tone(ms: int, *, amplitude: float = 0.2, hz: int = HZ, pitch_hz: float = 440.0) -> Samples:
    t = np.arange(ms * hz // 1000) / hz
    return (amplitude * np.sin(2 * np.pi * pitch_hz * t)).astype(np.float32)


def quiet(ms: int, *, hz: int = HZ) -> Samples:
    return np.zeros(ms * hz // 1000, np.float32)


def test_trimming_leaves_30_ms_before_and_80_ms_after_speech() -> None:
    trimmed = trim(np.concatenate([quiet(500), tone(300), quiet(700)]), hz=HZ)
    assert len(trimmed) == (30 + 300 + 80) * 8
    assert not trimmed[: 29 * 8].any()


def test_pauses_within_speech_stay() -> None:
    trimmed = trim(np.concatenate([quiet(100), tone(200), quiet(400), tone(200), quiet(100)]), hz=HZ)
    assert len(trimmed) == (30 + 800 + 80) * 8


def test_a_soft_last_sound_is_not_trimmed_away() -> None:
    trimmed = trim(np.concatenate([tone(300), tone(100, amplitude=0.004), quiet(500)]), hz=HZ)
    assert len(trimmed) == (400 + 80) * 8


@pytest.mark.parametrize("samples", [quiet(0), quiet(1), quiet(500)])
def test_silence_becomes_nothing(samples: Samples) -> None:
    assert to_mulaw(samples, hz=22050) == b""


@given(st.floats(0.005, 1.0))
def test_loud_and_soft_speech_come_out_equally_loud(amplitude: float) -> None:
    speech = np.concatenate([tone(300, amplitude=amplitude), quiet(200), tone(300, amplitude=amplitude)])
    assert speech_dbfs(level(speech, hz=HZ), hz=HZ) == pytest.approx(SPEECH_DBFS, abs=0.3)


@given(st.integers(0, 2**32 - 1))
def test_no_peak_passes_the_ceiling(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spiky = (rng.standard_normal(4000) ** 3 * 0.05).astype(np.float32)
    assert np.max(np.abs(level(spiky, hz=HZ))) <= 10 ** (PEAK_DBFS / 20) + 1e-6


def test_a_peak_is_turned_down_without_bending_the_wave() -> None:
    burst = np.concatenate([tone(2000, amplitude=0.02), tone(50, amplitude=0.9), tone(2000, amplitude=0.02)])
    limited = level(burst, hz=HZ)[2010 * 8 : 2040 * 8]
    spectrum = np.abs(np.fft.rfft(limited * np.hanning(len(limited)))) ** 2
    fundamental = int(np.argmax(spectrum))
    assert spectrum[fundamental - 4 : fundamental + 5].sum() / spectrum.sum() > 0.999


def test_what_the_telephone_cannot_carry_is_gone_and_the_rest_keeps_its_pitch() -> None:
    heard = decode_mulaw(to_mulaw(tone(500, hz=22050) + tone(500, hz=22050, pitch_hz=6000), hz=22050))
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)))) ** 2
    frequencies = np.fft.rfftfreq(len(heard), 1 / HZ)
    near = np.abs(frequencies - 440) < 20
    assert spectrum[near].sum() / spectrum.sum() > 0.98
