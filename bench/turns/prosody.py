"""Cheap prosody at a pause: how pitch and level moved in the last 300 ms of voice before it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from audio.signal import EAR_HZ, Samples16k

SPAN_MS: Final = 300
LOOK_BACK_MS: Final = 600
"""Where the last 300 ms of voice are looked for."""

FRAME: Final = 640
HOP: Final = 160
LOWEST_HZ, HIGHEST_HZ = 70, 350
VOICED: Final = 0.45
"""The normalised autocorrelation above which a frame of 40 ms has a pitch."""

_Array = NDArray[np.float32]


def slopes(samples: Samples16k) -> tuple[float, float]:
    """The slopes of pitch, in semitones a second, and of level, in dB a second; 0 where there is too little voice."""
    recent = np.asarray(samples[-LOOK_BACK_MS * EAR_HZ // 1000 :], dtype=np.float32)
    if len(recent) < FRAME:
        return 0.0, 0.0
    frames = np.lib.stride_tricks.sliding_window_view(recent, FRAME)[::HOP]
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-10)
    found = [(n, hz) for n, frame in enumerate(frames) if (hz := pitch_hz(frame)) > 0]
    found = found[-SPAN_MS * EAR_HZ // 1000 // HOP :]
    if len(found) < 5:
        return 0.0, 0.0
    at_s = np.array([n for n, _ in found]) * HOP / EAR_HZ
    semitones = 12 * np.log2(np.array([hz for _, hz in found]))
    levels = level[[n for n, _ in found]]
    return float(np.polyfit(at_s, semitones, 1)[0]), float(np.polyfit(at_s, levels, 1)[0])


def pitch_hz(frame: _Array) -> float:
    """The pitch of a frame by autocorrelation; 0 when it has none."""
    centred = frame - frame.mean()
    spectrum = np.fft.rfft(centred, 2 * len(frame))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: len(frame)]
    if correlation[0] <= 1e-6:
        return 0.0
    lags = slice(EAR_HZ // HIGHEST_HZ, EAR_HZ // LOWEST_HZ)
    best = int(np.argmax(correlation[lags])) + EAR_HZ // HIGHEST_HZ
    return EAR_HZ / best if correlation[best] / correlation[0] >= VOICED else 0.0
