from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.signal import EAR_HZ, Samples16k
from bench.clips import noises, recorded, spoken, telephoned

ROWS = (
    ("words", "a.flac", "en", "yes", "1.0", ""),
    ("words", "a.flac", "en", "q", "1.0", ""),
    ("calls", "a.flac", "en", "I want my money back", "1.0", ""),
    ("calls", "a.flac", "en", "A film that is too long", "60.0", ""),
    ("overlap_calls", "a.flac", "en", "Two people speak here", "1.0", ""),
    ("calls", "a.flac", "en", "Maybe this was said", "1.0", "PROBABLE transcript"),
    ("calls", "a.flac", "en", "", "1.0", ""),
    ("words", "a.flac", "zh", "十", "1.0", ""),
    ("words", "a.flac", "zh", "a", "1.0", ""),
    ("noise_street", "a.flac", "none", "", "12.0", ""),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "a.flac", np.zeros(8 * 12_000), 8_000)
    columns = ("set", "audio", "language", "transcript", "duration_s", "note")
    lines = ["\t".join(cells) for cells in (columns, *ROWS)]
    (tmp_path / "manifest.tsv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_clips_have_one_speaker_a_trusted_transcript_and_a_fit_length(folder: Path) -> None:
    assert {clip.said for clip in recorded(folder, language="en", count=9)} == {"yes", "I want my money back"}


def test_sentences_and_words_can_be_told_apart(folder: Path) -> None:
    assert [clip.said for clip in recorded(folder, language="en", count=9, sentences=False)] == ["yes"]
    assert [clip.said for clip in recorded(folder, language="zh", count=9)] == ["十"]


def test_noise_is_cut_to_ten_seconds_at_the_rate_of_the_ear(folder: Path) -> None:
    assert [len(samples) for samples in noises(folder, count=3)] == [10 * EAR_HZ]


def test_the_telephone_keeps_the_length_and_takes_the_highs_away() -> None:
    seconds = np.arange(EAR_HZ) / EAR_HZ
    low, high = (Samples16k(np.sin(2 * np.pi * hz * seconds).astype(np.float32)) for hz in (1_000, 6_000))
    assert len(telephoned(low)) == EAR_HZ
    assert np.abs(telephoned(low)).max() > 0.9
    assert np.abs(telephoned(high)[1000:-1000]).max() < 0.05


def test_sentences_can_be_spoken_without_recordings() -> None:
    (clip,) = spoken(count=1, lines=("Stop it.", "Yes."))
    assert clip.said == "Stop it."
    assert 0.3 < clip.seconds < 3.0
