"""Changing the rate of a signal, by libsoxr."""

import numpy as np
import soxr

from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples, Samples8k, Samples16k


class Upsampler:
    """The telephone's 8 kHz made 16 kHz, piece by piece; one for each call.

    Fed in pieces of any size it gives the same samples as for the whole signal at once, and they lie in
    time where the input lies (no group delay). At most `MAX_HELD_MS` of the newest input are held back
    until more comes.
    """

    MAX_HELD_MS = 32

    def __init__(self) -> None:
        # The constant-rate engine gives its output in blocks of over 100 ms. The variable-rate engine, at a
        # fixed ratio, gives it in blocks of 30 ms, with images 130 dB down.
        self._stream = soxr.ResampleStream(TELEPHONE_HZ, EAR_HZ, 1, dtype="float32", quality="HQ", vr=True)

    def feed(self, samples: Samples8k) -> Samples16k:
        """The 16 kHz samples that `samples` completed, shape (n,); n may be zero."""
        return Samples16k(self._stream.resample_chunk(np.asarray(samples, dtype=np.float32)))


def resample(samples: Samples, *, orig_hz: int, target_hz: int) -> Samples:
    """`samples` of `orig_hz` at `target_hz`, at high quality; the length changes by the same ratio."""
    if orig_hz == target_hz:
        return samples
    resampled: Samples = soxr.resample(
        samples.astype(np.float32, copy=False), orig_hz, target_hz, quality="HQ"
    )
    return resampled
