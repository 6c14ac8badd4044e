"""Is there speech? One probability for every 32 ms of a call, by Silero VAD.

The model is the ONNX file that faster-whisper ships (Silero VAD v6, MIT). Its inputs: `input` [n, 576],
that is n chunks of 512 samples at 16 kHz, each after the 64 samples before it; `h` and `c` [1, 1, 128], the
state of the recurrent layer. Its outputs: n probabilities, and the new `h` and `c`.
"""

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from faster_whisper.utils import get_assets_path
from numpy.typing import NDArray

from audio.endpointing import CHUNK_MS
from audio.errors import ModelMissing
from audio.signal import EAR_HZ, Samples16k

CHUNK_SAMPLES: Final = CHUNK_MS * EAR_HZ // 1000
"""512: the model was trained on chunks of this length and knows no other."""

CONTEXT_SAMPLES: Final = 64

QUIET: Final = 1e-3
"""Root mean square, -60 dBFS: no voice on a telephone is as quiet. A line without noise lies at -72 or below."""

SETTLED_CHUNKS: Final = 32
"""So much quiet (a second) the model hears before it is left out: fresh, it would miss a first "Hello?"."""

_MODEL_FILE: Final = "silero_vad_v6.onnx"
_STATE_SHAPE: Final = (1, 1, 128)

_Array = NDArray[np.float32]


class ActivityModel:
    """The model of all calls of a process. It keeps no state; any thread may run it.

    `path` is for a model elsewhere than in faster-whisper. Raises ModelMissing when there is none.
    """

    def __init__(self, path: Path | None = None) -> None:
        path = path or Path(get_assets_path()) / _MODEL_FILE
        if not path.is_file():
            raise ModelMissing("Silero VAD v6", tried=f"looked for {path.name} in {path.parent.name}")
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path), providers=["CPUExecutionProvider"], sess_options=options
        )

    def run(self, chunks: _Array, *, h: _Array, c: _Array) -> tuple[_Array, _Array, _Array]:
        """Probabilities (n,) and the new h and c, from `chunks` (n, 576) and the state before them."""
        probabilities, h_after, c_after = self._session.run(None, {"input": chunks, "h": h, "c": c})
        return probabilities, h_after, c_after


class Activity:
    """The detector of one call: the model's state, the last 64 samples and the unfinished chunk."""

    def __init__(self, model: ActivityModel) -> None:
        self._model = model
        self._h: _Array = np.zeros(_STATE_SHAPE, dtype=np.float32)
        self._c: _Array = np.zeros(_STATE_SHAPE, dtype=np.float32)
        self._quiet_chunks = 0  # in a row, up to now
        self._held: _Array = np.zeros(CONTEXT_SAMPLES, dtype=np.float32)  # context, then the leftover

    def feed(self, samples: Samples16k, *, expecting_speech: bool = True) -> list[float]:
        """The probability of speech, 0..1, in each chunk that `samples` completed, in order.

        While no speech is expected, quiet after a second of quiet has a probability of 0 without asking the model: most
        of an idle call costs nothing.
        """
        signal = np.concatenate((self._held, samples))
        count = (len(signal) - CONTEXT_SAMPLES) // CHUNK_SAMPLES
        self._held = signal[count * CHUNK_SAMPLES :]
        if count == 0:
            return []
        quiet = _is_quiet(signal[CONTEXT_SAMPLES : CONTEXT_SAMPLES + count * CHUNK_SAMPLES])
        if quiet and not expecting_speech and self._quiet_chunks >= SETTLED_CHUNKS:
            return [0.0] * count
        self._quiet_chunks = self._quiet_chunks + count if quiet else 0
        length = CONTEXT_SAMPLES + CHUNK_SAMPLES
        begins = range(0, count * CHUNK_SAMPLES, CHUNK_SAMPLES)
        chunks = np.array([signal[begin : begin + length] for begin in begins], dtype=np.float32)
        probabilities, self._h, self._c = self._model.run(chunks, h=self._h, c=self._c)
        return [float(p) for p in probabilities]


def _is_quiet(samples: _Array) -> bool:
    """Whether every chunk of `samples`, a whole number of chunks, is quiet."""
    chunks = samples.reshape(-1, CHUNK_SAMPLES)
    return all(float(chunk @ chunk) < QUIET**2 * CHUNK_SAMPLES for chunk in chunks)
