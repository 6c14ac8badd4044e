"""G.711 mu-law, the code of the telephone, by table: 256 bytes to samples, 65,536 samples to bytes.

Levels and decision values are those of ITU-T G.711, table 2a: a 14-bit value is stored as a sign, a segment
of three bits and a step of four bits, all inverted. Here the 14 bits are the upper ones of a 16-bit sample.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from audio.signal import MULAW_BYTES_PER_MS, MuLaw, Samples8k

SILENCE: Final = b"\xff"
"""One byte of silence, the positive zero. 0x7F, the negative zero, sounds the same and is never encoded."""

_FULL_SCALE: Final = 32768
_BIAS: Final = 132  # 33 in 14 bits: added, every segment begins at a power of two
_CLIP: Final = 32767 - _BIAS


def decode_mulaw(payload: bytes) -> Samples8k:
    """The samples of `payload`, one a byte, within -0.981..0.981. An empty payload gives no samples."""
    return Samples8k(_LEVELS[np.frombuffer(payload, dtype=np.uint8)])


def encode_mulaw(samples: Samples8k) -> MuLaw:
    """The bytes of `samples`, one a sample.

    What lies outside -1..1 is clipped, and a sample that is not a number becomes silence.
    """
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    scaled = np.clip(np.rint(finite * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    return MuLaw(_CODES[scaled.astype(np.int32) + _FULL_SCALE].tobytes())


def silence(ms: int) -> MuLaw:
    """`ms` milliseconds of silence; none when `ms` is not positive."""
    return MuLaw(SILENCE * (ms * MULAW_BYTES_PER_MS))


def _levels() -> NDArray[np.float32]:
    """The output level of each of the 256 codes."""
    code = ~np.arange(256, dtype=np.uint8)
    segment, step = (code >> 4) & 7, code & 15
    magnitude = ((step.astype(np.int32) * 8 + _BIAS) << segment) - _BIAS
    return (np.where(code & 0x80, -magnitude, magnitude) / _FULL_SCALE).astype(np.float32)


def _codes() -> NDArray[np.uint8]:
    """The code of each 16-bit sample, from -32,768 up."""
    sample = np.arange(-_FULL_SCALE, _FULL_SCALE, dtype=np.int32)
    biased: NDArray[np.int32] = np.minimum(np.abs(sample), _CLIP) + _BIAS
    segment = np.frexp(biased)[1].astype(np.int32) - 8  # the place of the leading one, from 128 up
    step = (biased >> (segment + 3)) & 15
    sign = np.where(sample < 0, 0x80, 0)
    code: NDArray[np.uint8] = (~(sign | (segment << 4) | step) & 0xFF).astype(np.uint8)
    return code


_LEVELS: Final = _levels()
_CODES: Final = _codes()
