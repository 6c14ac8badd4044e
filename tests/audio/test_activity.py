from pathlib import Path

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from audio.activity import CHUNK_SAMPLES, SETTLED_CHUNKS, Activity, ActivityModel
from audio.errors import ModelMissing
from audio.resample import Upsampler
from audio.signal import Samples16k
from tests.audio.spoken import spoken


@pytest.fixture(scope="module")
def speech() -> Samples16k:
    return Upsampler().feed(spoken("My parcel has not arrived and nobody can tell me where it is."))


def test_speech_is_found_and_silence_is_not(activity_model: ActivityModel, speech: Samples16k) -> None:
    quiet = Samples16k(np.zeros(16000, dtype=np.float32))
    detector = Activity(activity_model)
    assert max(detector.feed(quiet)) < 0.1
    assert np.median(detector.feed(speech)) > 0.5


def test_the_probabilities_are_those_of_the_wrapper_that_ships_with_the_model(
    activity_model: ActivityModel, speech: Samples16k
) -> None:
    whole = speech[: len(speech) // CHUNK_SAMPLES * CHUNK_SAMPLES]
    ours = Activity(activity_model).feed(Samples16k(whole))
    theirs = get_vad_model()(whole.copy())  # it silences the end of what it is given
    np.testing.assert_allclose(ours[:-1], theirs[:-1], atol=1e-4)


@pytest.mark.parametrize("size", [1, 320, 511, 512, 700, 5000])
def test_pieces_of_any_size_give_the_same_probabilities(
    activity_model: ActivityModel, speech: Samples16k, size: int
) -> None:
    short = speech[:20000]
    pieces = Activity(activity_model)
    streamed: list[float] = []
    for begin in range(0, len(short), size):
        streamed += pieces.feed(Samples16k(short[begin : begin + size]))
    np.testing.assert_allclose(streamed, Activity(activity_model).feed(Samples16k(short)), atol=1e-4)


def test_calls_that_share_the_model_do_not_hear_each_other(
    activity_model: ActivityModel, speech: Samples16k
) -> None:
    alone = Activity(activity_model).feed(speech)
    one, other = Activity(activity_model), Activity(activity_model)
    together = []
    for begin in range(0, len(speech), CHUNK_SAMPLES):
        together += one.feed(Samples16k(speech[begin : begin + CHUNK_SAMPLES]))
        other.feed(Samples16k(-speech[::-1][begin : begin + CHUNK_SAMPLES]))
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_less_than_a_chunk_is_kept_for_later(activity_model: ActivityModel) -> None:
    detector = Activity(activity_model)
    assert detector.feed(Samples16k(np.zeros(511, dtype=np.float32))) == []
    assert len(detector.feed(Samples16k(np.zeros(1, dtype=np.float32)))) == 1


def test_a_missing_model_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"Silero VAD v6.*another\.onnx"):
        ActivityModel(tmp_path / "another.onnx")


class CountingModel(ActivityModel):
    """The real model, and how many chunks it was asked about."""

    chunks = 0

    def run(
        self, chunks: NDArray[np.float32], *, h: NDArray[np.float32], c: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        self.chunks += len(chunks)
        return super().run(chunks, h=h, c=c)


def fed_by_chunks(detector: Activity, samples: Samples16k, *, expecting_speech: bool) -> list[float]:
    pieces = samples[: len(samples) // CHUNK_SAMPLES * CHUNK_SAMPLES].reshape(-1, CHUNK_SAMPLES)
    return [
        p for piece in pieces for p in detector.feed(Samples16k(piece), expecting_speech=expecting_speech)
    ]


def test_a_long_quiet_is_not_asked_about() -> None:
    model = CountingModel()
    fed_by_chunks(Activity(model), Samples16k(np.zeros(16_000 * 10, np.float32)), expecting_speech=False)
    assert model.chunks == SETTLED_CHUNKS


def test_a_quiet_that_may_hold_speech_is_asked_about() -> None:
    model = CountingModel()
    fed_by_chunks(Activity(model), Samples16k(np.zeros(16_000 * 10, np.float32)), expecting_speech=True)
    assert model.chunks == 312


def test_noise_on_the_line_is_asked_about() -> None:
    model, rng = CountingModel(), np.random.default_rng(1)
    noise = Samples16k(rng.normal(0, 3e-3, 16_000 * 10).astype(np.float32))
    fed_by_chunks(Activity(model), noise, expecting_speech=False)
    assert model.chunks == 312


def test_speech_after_a_long_quiet_is_found_as_well_as_without_it(
    activity_model: ActivityModel, speech: Samples16k
) -> None:
    after = np.concatenate([np.zeros(CHUNK_SAMPLES * 300, np.float32), speech]).astype(np.float32)
    skipping = fed_by_chunks(Activity(activity_model), Samples16k(after), expecting_speech=False)
    asking = fed_by_chunks(Activity(activity_model), Samples16k(after), expecting_speech=True)
    assert min(np.array(skipping[300:]) - np.array(asking[300:])) > -0.1
