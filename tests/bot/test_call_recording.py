"""The recording of one stream, on a real disk."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bot.call_recording import BATCH_MS, CallRecording
from bot.metrics import Metrics
from tests.bot.simulator.signals import tone

CALLER, LINE = 0, 1


def record(
    path: Path, work: Callable[[CallRecording], Awaitable[None]], *, offset_ms: int = 0
) -> tuple[NDArray[np.float64], float]:
    """Record with `work` and close: the file's channels, shape (n, 2), and how many recordings failed."""
    metrics = Metrics()

    async def drive() -> None:
        recording = CallRecording(path, thread=thread, metrics=metrics, offset_ms=offset_ms)
        await work(recording)
        await recording.close()

    with ThreadPoolExecutor(1) as thread:
        asyncio.run(drive())
    failed = metrics.registry.get_sample_value("calmline_recordings_failed_total") or 0.0
    return (soundfile.read(path)[0] if path.is_file() else np.zeros((0, 2))), failed


def sounds(channel: NDArray[np.float64]) -> tuple[int, int]:
    """From when to when a channel sounds, in ms."""
    loud = np.flatnonzero(np.abs(channel) > 0.05)
    return int(loud[0]) // 8, int(loud[-1]) // 8 + 1


def test_caller_and_line_have_a_channel_each_and_every_sound_is_at_its_time(tmp_path: Path) -> None:
    async def work(recording: CallRecording) -> None:
        recording.caller(tone(200), start_ms=100)
        recording.line(tone(300), start_ms=400)

    audio, _ = record(tmp_path / "call.flac", work)
    assert sounds(audio[:, CALLER]) == pytest.approx((100, 300), abs=2)
    assert sounds(audio[:, LINE]) == pytest.approx((400, 700), abs=2)


def test_a_later_stream_of_a_call_begins_at_its_own_start(tmp_path: Path) -> None:
    async def work(recording: CallRecording) -> None:
        recording.caller(tone(200), start_ms=60_100)

    audio, _ = record(tmp_path / "call.flac", work, offset_ms=60_000)
    assert sounds(audio[:, CALLER]) == pytest.approx((100, 300), abs=2)


def test_what_was_taken_back_is_not_in_it(tmp_path: Path) -> None:
    async def work(recording: CallRecording) -> None:
        recording.line(tone(400), start_ms=60_000)
        recording.cut(at_ms=60_250)

    audio, _ = record(tmp_path / "call.flac", work, offset_ms=60_000)
    assert sounds(audio[:, LINE]) == pytest.approx((0, 250), abs=2)


def test_the_disk_is_troubled_once_in_a_while_and_not_for_every_frame(tmp_path: Path) -> None:
    path = tmp_path / "call.flac"
    there: list[bool] = []

    async def work(recording: CallRecording) -> None:
        for start_ms in range(0, BATCH_MS, 20):
            there.append(path.exists())
            recording.caller(tone(20), start_ms=start_ms)

    audio, _ = record(path, work)
    assert not any(there)
    assert len(audio) == BATCH_MS * 8


def test_a_long_call_is_recorded_whole(tmp_path: Path) -> None:
    async def work(recording: CallRecording) -> None:
        for start_ms in range(0, 20_000, 100):
            recording.caller(tone(100), start_ms=start_ms)

    audio, failed = record(tmp_path / "call.flac", work)
    assert sounds(audio[:, CALLER]) == pytest.approx((0, 20_000), abs=2)
    assert failed == 0


def test_a_stream_in_which_nothing_sounded_leaves_a_file_that_opens(tmp_path: Path) -> None:
    async def work(recording: CallRecording) -> None:
        """Nothing happens."""

    audio, failed = record(tmp_path / "call.flac", work)
    assert len(audio) > 0
    assert failed == 0


def test_a_disk_that_fails_costs_the_recording_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(recording: CallRecording) -> None:
        for start_ms in range(0, 5 * BATCH_MS, 100):
            recording.caller(tone(100), start_ms=start_ms)

    with caplog.at_level(logging.ERROR):
        _, failed = record(tmp_path / "no such folder" / "call.flac", work)
    assert failed == 1
    assert [entry.getMessage()[:14] for entry in caplog.records] == ["the recording "]
