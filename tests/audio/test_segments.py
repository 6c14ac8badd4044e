from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.activity import ActivityModel
from audio.endpointing import CHUNK_MS
from audio.segments import MAX_PIECE_MS, Piece, pieces, transcribe_long
from audio.signal import EAR_HZ, Samples16k
from audio.whisper import Whisper
from tests.conftest import Speak

SECOND = 1000 // CHUNK_MS


def silence(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.zeros(int(seconds * EAR_HZ), np.float32)


def cut(probabilities: list[float], *, max_ms: int = MAX_PIECE_MS) -> list[Piece]:
    return pieces(probabilities, length_ms=len(probabilities) * CHUNK_MS, max_ms=max_ms)


def test_silence_has_no_pieces() -> None:
    assert cut([0.1] * 100) == []
    assert cut([]) == []


def test_speech_is_kept_with_a_little_before_and_after() -> None:
    assert cut([0.0] * 50 + [0.9] * 50 + [0.0] * 50) == [Piece(50 * 32 - 192, 100 * 32 + 192)]


def test_a_pause_within_a_sentence_does_not_cut_it() -> None:
    assert len(cut([0.9] * 30 + [0.0] * 10 + [0.9] * 30)) == 1


def test_a_long_pause_cuts() -> None:
    assert len(cut([0.9] * 30 + [0.0] * 40 + [0.9] * 30)) == 2


def test_speech_without_a_pause_is_cut_where_it_is_weakest() -> None:
    probabilities = [0.9] * (40 * SECOND)
    probabilities[20 * SECOND] = 0.6
    first, second = cut(probabilities)
    assert first.end_ms == second.start_ms == (20 * SECOND + 1) * CHUNK_MS


@given(st.lists(st.floats(0, 1), max_size=400), st.integers(2_000, 10_000))
def test_pieces_are_in_order_apart_short_enough_and_hold_all_speech(values: list[float], max_ms: int) -> None:
    found = cut(values, max_ms=max_ms)
    assert all(piece.start_ms < piece.end_ms <= len(values) * CHUNK_MS for piece in found)
    assert all(piece.end_ms - piece.start_ms <= max_ms for piece in found)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(found))
    for n, value in enumerate(values):
        middle_ms = n * CHUNK_MS + CHUNK_MS // 2
        assert value < 0.5 or any(piece.start_ms <= middle_ms < piece.end_ms for piece in found)


@pytest.fixture(scope="module")
def recording(speak: Speak) -> Samples16k:
    first, second = speak("My parcel is late."), speak("Please send my money back.")
    return Samples16k(np.concatenate([silence(2), first, silence(35), second, silence(1)]))


def test_a_recording_longer_than_a_window_is_transcribed_with_its_times(
    whisper: Whisper, activity_model: ActivityModel, recording: Samples16k
) -> None:
    first, second = transcribe_long(whisper, activity_model, recording, language=None)
    assert "parcel" in first.transcript.text.lower()
    assert "money back" in second.transcript.text.lower()
    assert 1_500 <= first.start_ms <= 2_300
    assert second.start_ms > 37_000


def test_a_recording_of_silence_has_no_segments(whisper: Whisper, activity_model: ActivityModel) -> None:
    assert transcribe_long(whisper, activity_model, Samples16k(silence(40))) == []
