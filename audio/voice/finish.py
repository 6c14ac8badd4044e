"""From what a speech engine gives to what the telephone takes: trimmed, at one loudness, 8 kHz mu-law."""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from audio.mulaw import encode_mulaw
from audio.resample import resample
from audio.signal import TELEPHONE_HZ, MuLaw, Samples, Samples8k

FINISH: Final = "finish 1"
"""Part of every voice's identity; counted up when this module makes other audio, so that caches render anew."""

HEAD_MS: Final = 30
TAIL_MS: Final = 80
"""What stays before and after speech: enough for a soft first or last sound, too short to be heard as a wait."""

SPEECH_DBFS: Final = -20.0
"""The loudness of speech. About what a telephone network brings from a person who speaks up."""

PEAK_DBFS: Final = -3.0

_FRAME_MS: Final = 10
_SILENCE_BELOW_LOUDEST_DB: Final = 45.0  # a final "f" or "th" within the telephone band lies about 35 dB down
_ACTIVE_BELOW_LOUDEST_DB: Final = 25.0
_INAUDIBLE_DBFS: Final = -60.0
_LIMITER_REACH_MS: Final = 5


def trim(samples: Samples, *, hz: int) -> Samples:
    """`samples` without the silence at both ends, but for `HEAD_MS` and `TAIL_MS`. Empty if there is no sound."""
    loudness = _frames_dbfs(samples, hz=hz)
    heard = np.flatnonzero(loudness > _floor(loudness, below_loudest_db=_SILENCE_BELOW_LOUDEST_DB))
    if heard.size == 0:
        return samples[:0]
    frame = hz * _FRAME_MS // 1000
    start = int(heard[0]) * frame - hz * HEAD_MS // 1000
    end = (int(heard[-1]) + 1) * frame + hz * TAIL_MS // 1000
    return samples[max(0, start) : end]


def level(samples: Samples, *, hz: int) -> Samples:
    """`samples` with their active speech at `SPEECH_DBFS` and no peak above `PEAK_DBFS`; silence stays as it is."""
    loudness = speech_dbfs(samples, hz=hz)
    if loudness == -np.inf:
        return samples
    return _limit(samples * np.float32(_amplitude(SPEECH_DBFS - loudness)), hz=hz)


def speech_dbfs(samples: Samples, *, hz: int) -> float:
    """The RMS level of the frames of `samples` that hold speech, pauses left out; -inf if none does."""
    loudness = _frames_dbfs(samples, hz=hz)
    active = loudness[loudness > _floor(loudness, below_loudest_db=_ACTIVE_BELOW_LOUDEST_DB)]
    return _dbfs(np.sqrt(np.mean(10 ** (active / 10)))) if active.size else -np.inf


def to_mulaw(samples: Samples, *, hz: int) -> MuLaw:
    """`samples` of `hz` as the telephone carries them. Empty if there is no sound in them."""
    narrow = resample(samples, orig_hz=hz, target_hz=TELEPHONE_HZ)
    speech = trim(narrow - np.float32(np.mean(narrow)) if narrow.size else narrow, hz=TELEPHONE_HZ)
    return encode_mulaw(Samples8k(level(speech, hz=TELEPHONE_HZ)))


def _limit(samples: Samples, *, hz: int) -> Samples:
    """`samples` turned down smoothly around each peak above `PEAK_DBFS`, so that no wave is clipped.

    The gain at a sample is the mean, over 5 ms each side, of the least gain needed within 5 ms: never more than that
    sample itself allows.
    """
    reach = hz * _LIMITER_REACH_MS // 1000
    needed = np.minimum(1.0, _amplitude(PEAK_DBFS) / np.maximum(np.abs(samples), 1e-9))
    windows = sliding_window_view(np.pad(needed, 2 * reach, constant_values=1.0), 2 * reach + 1)
    gain: NDArray[np.float64] = np.mean(sliding_window_view(windows.min(axis=1), 2 * reach + 1), axis=1)
    limited: Samples = (samples * gain).astype(np.float32)
    return limited


def _frames_dbfs(samples: Samples, *, hz: int) -> NDArray[np.float64]:
    """The RMS level of each whole frame of 10 ms, in dBFS; a last part of a frame counts as one."""
    frame = hz * _FRAME_MS // 1000
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % frame))
    power = np.mean(padded.reshape(-1, frame) ** 2, axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12)))


def _floor(loudness: NDArray[np.float64], *, below_loudest_db: float) -> float:
    """The level above which a frame counts: so far below the loudest one, and never inaudible."""
    return max(_INAUDIBLE_DBFS, float(np.max(loudness, initial=-np.inf)) - below_loudest_db)


def _dbfs(amplitude: float) -> float:
    return float(20 * np.log10(max(amplitude, 1e-12)))


def _amplitude(dbfs: float) -> float:
    return float(10 ** (dbfs / 20))
