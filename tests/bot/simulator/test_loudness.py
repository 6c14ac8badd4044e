"""Levels of telephone audio, and two signals on one wire."""

import math

import pytest

from audio.mulaw import SILENCE as SILENT_BYTE
from bot.simulator.loudness import FRAME_BYTES, SILENCE, audible_frames, frames, is_audible, level_dbfs, mix
from tests.bot.simulator.signals import tone


@pytest.mark.parametrize(("level", "dbfs"), [(0.5, -9.0), (0.1, -23.0), (0.01, -43.0)])
def test_the_level_of_a_sine_is_its_rms(level: float, dbfs: float) -> None:
    assert level_dbfs(tone(200, level=level)) == pytest.approx(dbfs, abs=0.3)


def test_silence_and_nothing_have_no_level() -> None:
    assert level_dbfs(SILENCE) == level_dbfs(b"") == -math.inf


def test_speech_is_audible_and_comfort_noise_is_not() -> None:
    assert is_audible(tone(20, level=0.02))
    assert not is_audible(tone(20, level=0.001))


def test_an_echo_is_quieter_by_its_gain() -> None:
    assert level_dbfs(mix(SILENT_BYTE * 1600, tone(200), gain_db=-20)) == pytest.approx(
        level_dbfs(tone(200)) - 20, abs=0.3
    )


def test_the_last_frame_is_filled_up_with_silence() -> None:
    whole = list(frames(tone(50)))
    assert [len(frame) for frame in whole] == [FRAME_BYTES] * 3
    assert whole[-1].endswith(SILENT_BYTE * 80)


def test_frames_are_told_apart_by_what_is_heard() -> None:
    assert audible_frames(tone(40) + SILENCE + tone(20)) == (True, True, False, True)
