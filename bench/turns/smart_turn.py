"""smart-turn v3 (BSD-2-Clause, Daily): the probability that a turn is complete, from the sound of its last 8 s.

The model is the ONNX file in the wheel of `pipecat-ai`. Its input is Whisper's log-mel (80 bands, 800 frames) of
exactly 8 s at 16 kHz that end where the silence stands, zeros before them, normalised to mean 0 and variance 1.
"""

import time
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from faster_whisper.feature_extractor import FeatureExtractor

from audio.signal import EAR_HZ, Samples16k

WINDOW: Final = 8 * EAR_HZ


class SmartTurn:
    """The model with one thread. `cpu_ms` is the processor time of all judgements so far, `count` their number."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path), providers=["CPUExecutionProvider"], sess_options=options
        )
        self._log_mel = FeatureExtractor(feature_size=80)
        self.cpu_ms, self.count = 0.0, 0

    def complete(self, samples: Samples16k) -> float:
        """The probability, 0..1."""
        began_s = time.thread_time()
        window = np.zeros(WINDOW, dtype=np.float32)
        recent = samples[-WINDOW:]
        window[WINDOW - len(recent) :] = recent
        normal = (window - window.mean()) / np.sqrt(window.var() + 1e-7)
        features = self._log_mel(normal.astype(np.float32), padding=0)[np.newaxis, :, : WINDOW // 160]
        probability = self._session.run(None, {"input_features": np.ascontiguousarray(features, np.float32)})
        self.cpu_ms += (time.thread_time() - began_s) * 1000
        self.count += 1
        return float(np.asarray(probability[0]).reshape(-1)[0])
