from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.errors import BadAudio, RecordingFailed
from audio.recordings import read_recording, write_wav
from audio.signal import Samples


def tone(hz: float, *, rate: int, ms: int) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(rate * ms // 1000) / rate)).astype(np.float32)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    signal = tone(440, rate=8000, ms=300)
    write_wav(tmp_path / "a.wav", signal, hz=8000)
    back = read_recording(tmp_path / "a.wav", target_hz=8000)
    np.testing.assert_allclose(back, signal, atol=1e-4)


@pytest.mark.parametrize(("suffix", "hz"), [("wav", 8000), ("flac", 44100), ("ogg", 48000)])
def test_a_file_of_any_rate_and_kind_is_read_at_the_rate_asked_for(
    tmp_path: Path, suffix: str, hz: int
) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(440, rate=hz, ms=500), hz)
    out = read_recording(path, target_hz=16000)
    assert out.dtype == np.float32
    assert np.abs(out - tone(440, rate=16000, ms=500))[1000:-1000].max() < 0.05


def test_channels_are_averaged(tmp_path: Path) -> None:
    left = tone(440, rate=16000, ms=200)
    soundfile.write(tmp_path / "a.wav", np.stack([left, np.zeros_like(left)], axis=1), 16000)
    np.testing.assert_allclose(read_recording(tmp_path / "a.wav", target_hz=16000), left / 2, atol=1e-3)


def test_a_file_longer_than_one_block_is_read_whole(tmp_path: Path) -> None:
    signal = tone(300, rate=8000, ms=25_000)
    write_wav(tmp_path / "a.wav", signal, hz=8000)
    out = read_recording(tmp_path / "a.wav", target_hz=16000)
    assert np.abs(out - tone(300, rate=16000, ms=25_000))[1000:-1000].max() < 1e-3


def test_what_is_written_too_loud_is_clipped(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.array([3.0, -3.0] * 50, dtype=np.float32), hz=8000)
    assert np.abs(read_recording(tmp_path / "a.wav", target_hz=8000)).max() <= 1.0


def test_values_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(800, np.nan, dtype=np.float32), 8000, subtype="FLOAT")
    assert not read_recording(tmp_path / "a.wav", target_hz=8000).any()


def test_a_file_that_is_no_sound_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "letter.wav"
    path.write_bytes(b"Dear Sir or Madam, " * 20)
    with pytest.raises(BadAudio, match=r"letter\.wav"):
        read_recording(path, target_hz=16000)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match=r"gone\.wav.*no such file"):
        read_recording(tmp_path / "gone.wav", target_hz=16000)


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.zeros(0, dtype=np.float32), hz=8000)
    with pytest.raises(BadAudio, match=r"a\.wav.*it is empty"):
        read_recording(tmp_path / "a.wav", target_hz=16000)


def test_a_file_of_more_than_four_hours_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.zeros(4001 * 3600 * 4, dtype=np.int16), 4000)
    with pytest.raises(BadAudio, match="longer than 4 hours"):
        read_recording(tmp_path / "a.flac", target_hz=16000)


def test_a_rate_that_no_recording_has_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(100, dtype=np.float32), 50)
    with pytest.raises(BadAudio, match="50 Hz"):
        read_recording(tmp_path / "a.wav", target_hz=16000)


def test_a_file_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(RecordingFailed, match="nowhere"):
        write_wav(tmp_path / "nowhere" / "a.wav", tone(440, rate=8000, ms=10), hz=8000)
