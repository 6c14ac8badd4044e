"""Sounds that are no words."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.signal import Samples8k
from bench.noise_streams import at_level, background, clips, filled, made, recorded


def rms_db(samples: Samples8k) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one bark of half a second and one word."""
    bark = np.random.default_rng(1).standard_normal(4_000) * 0.1
    for name in ("bark", "word"):
        soundfile.write(tmp_path / f"{name}.flac", bark, 8_000)
    rows = ("set\taudio\tlabel", "noise_x\tbark.flac\tdog", "en_words\tword.flac\tsingle word")
    (tmp_path / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def test_made_sounds_are_as_long_as_asked_and_the_same_every_time() -> None:
    first, second = made(ms=2_000), made(ms=2_000)
    assert {len(samples) for samples in first.values()} == {16_000}
    assert all(np.array_equal(first[kind], second[kind]) for kind in first)


@pytest.mark.parametrize("kind", ["white noise", "pink noise", "hum 50 Hz", "engine (made)"])
def test_noise_is_30_db_below_full_scale(kind: str) -> None:
    assert rms_db(made(ms=2_000)[kind]) == pytest.approx(-30, abs=0.1)


def test_silence_has_no_level_to_bring_it_to() -> None:
    assert not at_level(np.zeros(80), dbfs=-30).any()


def test_clips_are_repeated_until_the_time_is_filled() -> None:
    stream = filled([Samples8k(np.full(800, 0.5, dtype=np.float32))], ms=2_000)
    assert len(stream) == 16_000
    assert stream[:800] == pytest.approx(0.5)
    assert stream[3_200:4_000] == pytest.approx(0.158, abs=0.001)  # 10 dB quieter the second time


def test_without_clips_there_is_silence() -> None:
    assert not filled([], ms=100).any()


def test_a_folder_gives_its_kinds_of_noise_and_no_speech(folder: Path) -> None:
    assert list(recorded(folder, ms=1_000)) == ["dogs"]
    assert len(clips(folder)) == 1


def test_background_speech_is_30_db_below_full_scale() -> None:
    speech = [Samples8k(np.random.default_rng(n).standard_normal(8_000).astype(np.float32)) for n in range(3)]
    found = background(speech, ms=2_000, music=Samples8k(speech[0].repeat(2)))
    assert [round(rms_db(samples)) for samples in found.values()] == [-30, -30]
