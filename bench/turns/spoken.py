"""Whole turns as the telephone carries them, with the truth of where each ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from audio.mulaw import encode_mulaw
from audio.signal import TELEPHONE_HZ, MuLaw, Samples8k

LEAD_MS: Final = 600
TAIL_MS: Final = 4_000
"""Silence before and after a turn; the tail is longer than any patience."""

HISS: Final = 5e-4
"""-66 dBFS of white noise: a quiet line."""

LOUD_DBFS: Final = -50.0
BELOW_SPEECH_DB: Final = 30.0
"""A frame of 10 ms is loud above both: -50 dBFS, and 30 dB under the louder frames (95th percentile) of the turn."""

_FRAME: Final = TELEPHONE_HZ // 100
_PER_MS: Final = TELEPHONE_HZ // 1000


@dataclass(frozen=True)
class SpokenTurn:
    """One turn of a caller, alone on the line. `end_ms` is the end of the last loud sound."""

    name: str
    caller: str
    kind: str
    expecting: str
    upset: bool
    language: str
    audio: MuLaw
    end_ms: int


def loud_span(samples: Samples8k) -> tuple[int, int]:
    """Where the loud part begins and ends, in samples; (0, 0) when nothing is loud."""
    count = len(samples) // _FRAME
    if not count:
        return 0, 0
    frames = samples[: count * _FRAME].reshape(count, _FRAME)
    level = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    loud = np.nonzero(level > max(LOUD_DBFS, float(np.percentile(level, 95)) - BELOW_SPEECH_DB))[0]
    return (int(loud[0]) * _FRAME, (int(loud[-1]) + 1) * _FRAME) if len(loud) else (0, 0)


def on_the_line(parts: Sequence[Samples8k], pauses_ms: Sequence[int], *, seed: int) -> tuple[MuLaw, int]:
    """Parts with a pause after each but the last, on a quiet line: the audio, and the end of the last loud sound.

    Each part is cut to its loud span, so that a pause has the length that is asked for.
    """
    signals: list[NDArray[np.float32]] = []
    for part, before_ms in zip(parts, (LEAD_MS, *pauses_ms), strict=True):
        begin, end = loud_span(part)
        signals += [_silence(before_ms), part[begin:end]]
    end_ms = sum(len(signal) for signal in signals) // _PER_MS
    signal = np.concatenate([*signals, _silence(TAIL_MS)])
    noise = np.random.default_rng(seed).standard_normal(len(signal)).astype(np.float32) * np.float32(HISS)
    return encode_mulaw(Samples8k(signal + noise)), end_ms


def _silence(ms: int) -> NDArray[np.float32]:
    return np.zeros(ms * _PER_MS, dtype=np.float32)
