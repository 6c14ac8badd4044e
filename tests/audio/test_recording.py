import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.errors import RecordingFailed
from audio.mulaw import decode_mulaw
from audio.recording import AHEAD_MS, HORIZON_MS, LONGEST_MS, CallRecorder
from audio.signal import MuLaw

Pcm = NDArray[np.int16]


def sound(ms: int, *, seed: int = 1) -> MuLaw:
    return MuLaw(np.random.default_rng(seed).integers(0, 256, ms * 8, dtype=np.uint8).tobytes())


def pcm(audio: MuLaw) -> Pcm:
    return (decode_mulaw(audio) * 32768).astype(np.int16)


def read(path: Path) -> tuple[Pcm, Pcm]:
    both, hz = soundfile.read(path, dtype="int16", always_2d=True)
    assert (hz, both.shape[1]) == (8000, 2)
    return both[:, 0], both[:, 1]


def test_the_file_is_flac_of_16_bits(tmp_path: Path) -> None:
    CallRecorder(tmp_path / "call.flac").close()
    info = soundfile.info(tmp_path / "call.flac")
    assert (info.format, info.subtype, info.channels, info.samplerate) == ("FLAC", "PCM_16", 2, 8000)


def test_the_caller_is_left_and_the_line_is_right_each_at_its_time(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.write_caller(sound(20, seed=1), start_ms=100)
    recorder.write_line(sound(30, seed=2), start_ms=250)
    recorder.close()
    caller, line = read(tmp_path / "call.flac")
    assert np.array_equal(caller[800:960], pcm(sound(20, seed=1)))
    assert np.array_equal(line[2000:2240], pcm(sound(30, seed=2)))
    assert not np.concatenate([caller[:800], caller[960:], line[:2000]]).any()
    assert len(line) == 2240


def test_silence_reaches_to_the_last_advance(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.advance(12_345)
    recorder.close()
    assert len(read(tmp_path / "call.flac")[0]) == 12_345 * 8


def test_of_overlapping_pieces_the_later_wins(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.write_caller(sound(40, seed=1), start_ms=0)
    recorder.write_caller(sound(20, seed=2), start_ms=10)
    recorder.close()
    expected = pcm(sound(40, seed=1))
    expected[80:240] = pcm(sound(20, seed=2))
    assert np.array_equal(read(tmp_path / "call.flac")[0], expected)


def test_what_the_line_sent_but_nobody_heard_is_cut(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.write_caller(sound(400, seed=1), start_ms=0)
    recorder.write_line(sound(400, seed=2), start_ms=0)
    recorder.cut_line(at_ms=150)
    recorder.close()
    caller, line = read(tmp_path / "call.flac")
    assert np.array_equal(line[:1200], pcm(sound(400, seed=2))[:1200])
    assert not line[1200:].any()
    assert np.array_equal(caller, pcm(sound(400, seed=1)))


def test_cut_audio_does_not_lengthen_the_recording(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.advance(1000)
    recorder.write_line(sound(400), start_ms=1000)
    recorder.cut_line(at_ms=1100)
    recorder.close()
    assert len(read(tmp_path / "call.flac")[0]) == 1100 * 8


def test_after_a_cut_the_line_may_speak_again(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.write_line(sound(400, seed=1), start_ms=0)
    recorder.cut_line(at_ms=100)
    recorder.write_line(sound(50, seed=2), start_ms=200)
    recorder.close()
    line = read(tmp_path / "call.flac")[1]
    assert np.array_equal(line[1600:], pcm(sound(50, seed=2)))
    assert not line[800:1600].any()


def test_what_is_older_than_the_horizon_is_on_disk_and_not_in_memory(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    for start_ms in range(0, 60_000, 20):
        recorder.write_caller(sound(20, seed=start_ms), start_ms=start_ms)
        recorder.advance(start_ms + 20)
    assert (tmp_path / "call.flac").stat().st_size > 50 * 8000
    assert recorder._pending.nbytes < (HORIZON_MS + 2000) * 8 * 4
    recorder.close()
    assert np.array_equal(read(tmp_path / "call.flac")[0][-160:], pcm(sound(20, seed=59_980)))


def test_audio_from_before_what_is_written_is_dropped_and_counted(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.advance(10_000)
    recorder.write_caller(sound(100), start_ms=6_950)
    recorder.write_caller(sound(100), start_ms=-500)
    recorder.close()
    caller = read(tmp_path / "call.flac")[0]
    assert recorder.dropped_ms == 150
    assert np.array_equal(caller[7000 * 8 : 7050 * 8], pcm(sound(100))[400:])


@pytest.mark.parametrize("start_ms", [AHEAD_MS + 1, 10**12, LONGEST_MS])
def test_a_broken_timestamp_costs_no_memory(tmp_path: Path, start_ms: int) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.write_caller(sound(100), start_ms=start_ms)
    assert (recorder.dropped_ms, recorder._pending.nbytes) == (100, 0)
    recorder.close()


def test_time_never_goes_back(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.advance(5000)
    recorder.advance(1000)
    recorder.close()
    assert len(read(tmp_path / "call.flac")[0]) == 5000 * 8


def test_closing_twice_and_writing_after_it_do_nothing(tmp_path: Path) -> None:
    recorder = CallRecorder(tmp_path / "call.flac")
    recorder.write_caller(sound(20), start_ms=0)
    recorder.close()
    recorder.write_line(sound(20), start_ms=20)
    recorder.advance(9000)
    recorder.cut_line(at_ms=0)
    recorder.close()
    assert (len(read(tmp_path / "call.flac")[0]), recorder.failed) == (160, False)


@pytest.mark.parametrize("place", ["missing/call.flac", ".", "file/call.flac"])
def test_a_path_that_cannot_be_written_is_refused_at_once(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingFailed, match="could not be written"):
        CallRecorder(tmp_path / place)


def test_a_full_disk_is_told_once_and_then_nothing_happens() -> None:
    recorder = CallRecorder(Path("/dev/full"))
    recorder.write_caller(sound(2000), start_ms=0)
    with pytest.raises(RecordingFailed, match="/dev/full"):
        recorder.advance(5000)
    recorder.write_line(sound(20), start_ms=5000)
    recorder.cut_line(at_ms=5000)
    recorder.advance(60_000)
    recorder.close()
    assert recorder.failed


def test_a_disk_that_fills_on_closing_is_told() -> None:
    recorder = CallRecorder(Path("/dev/full"))
    recorder.write_caller(sound(200), start_ms=0)
    with pytest.raises(RecordingFailed, match="/dev/full"):
        recorder.close()
    assert recorder.failed


def test_a_disk_that_fills_during_the_call_keeps_what_it_took(tmp_path: Path) -> None:
    """The process may write files of 100,000 bytes, as little as a nearly full disk would take."""
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(tmp_path / "call.flac")], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["told", "once", "failed"]
    assert 50_000 < (tmp_path / "call.flac").stat().st_size <= 100_000


_FILL = """
import os, resource, sys
from pathlib import Path
from audio.errors import RecordingFailed
from audio.recording import CallRecorder
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
recorder = CallRecorder(Path(sys.argv[1]))
for start_ms in range(0, 60_000, 20):
    try:
        recorder.write_caller(os.urandom(160), start_ms=start_ms)
        recorder.advance(start_ms)
    except RecordingFailed:
        print("told once")
recorder.close()
print("failed" if recorder.failed else "whole")
"""

Step = tuple[str, int, int]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["caller", "line", "cut", "advance"]), st.integers(-400, 400), st.integers(0, 300)
        ),
        max_size=40,
    )
)
def test_what_was_written_and_not_cut_is_what_is_read(steps: list[Step]) -> None:
    """Each step lies within 400 ms of a clock that runs on, as on a call."""
    now, clock = 500, 0
    expected: Pcm = np.zeros((60_000 * 8, 2), np.int16)
    ends = [0, 0]
    with tempfile.TemporaryDirectory() as folder:
        recorder = CallRecorder(Path(folder) / "call.flac")
        for number, (kind, offset_ms, length_ms) in enumerate(steps):
            at = now + offset_ms
            audio = sound(length_ms, seed=number)
            if kind == "cut":
                recorder.cut_line(at_ms=at)
                expected[at * 8 :, 1] = 0
                ends[1] = min(ends[1], at * 8)
            elif kind == "advance":
                now += 4 * length_ms
                clock = now
                recorder.advance(now)
            else:
                side = 0 if kind == "caller" else 1
                (recorder.write_line if side else recorder.write_caller)(audio, start_ms=at)
                expected[at * 8 : at * 8 + len(audio), side] = pcm(audio)
                ends[side] = max(ends[side], at * 8 + len(audio) if audio else 0)
        recorder.close()
        caller, line = read(Path(folder) / "call.flac")
    length = max(clock * 8, *ends, 8)
    assert np.array_equal(np.stack([caller, line], axis=1), expected[:length])
    assert recorder.dropped_ms == 0
