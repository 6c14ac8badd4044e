"""One way that a line's voice takes back to it: what was sent, which part of it comes back, and after what delay.

`Track` keeps the newest samples of one side, `likeness` finds the delay of an echo by the phases of the two sides
(GCC-PHAT; Knapp and Carter, 1976), and `EchoPath` learns 160 ms of response and predicts the echo, by a Kalman filter
over blocks of frequencies (Enzner and Vary, 2006; in parts: Kuech, Mabande and Enzner, 2014).

All times are in samples of the call at 8 kHz.
"""

import copy
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from audio.signal import MULAW_BYTES_PER_MS, TELEPHONE_HZ, Samples

PER_MS: Final = MULAW_BYTES_PER_MS
BLOCK: Final = 20 * PER_MS
PARTS: Final = 8
EARLY: Final = 100 * PER_MS
LATE: Final = 700 * PER_MS
"""An echo comes at most `EARLY` before, or `LATE` after, the time that the reference names."""

REACH: Final = LATE + PARTS * BLOCK
"""So long after a sound of the line its echo may still be heard."""

LOOK: Final = 200 * PER_MS
"""The caller's audio in which a delay is looked for."""

_BINS: Final = BLOCK + 1
_BEFORE: Final = 10 * PER_MS  # of the response lies before the delay that was found
_POWER_FRAME: Final = 10 * PER_MS
_FFT: Final = LOOK + EARLY + LATE
_HERTZ: Final = np.fft.rfftfreq(_FFT, 1 / TELEPHONE_HZ)
_BAND: Final = (_HERTZ > 250) & (_HERTZ < 3400)
_KEPT: Final = 0.998**2  # of what is known of the path outlasts a block
_YOUNG: Final = 50  # blocks; an older path learns from every other one, for half the cost

_Reals = NDArray[np.float32]
_Spectra = NDArray[np.complexfloating[Any, Any]]


class Track:
    """The newest samples of one side, by their number in the call; what was not written is silence."""

    def __init__(self, *, behind: int, ahead: int) -> None:
        self._behind = behind
        self._first = -behind
        slack = TELEPHONE_HZ  # so that it is moved once a second, not with every block
        self._samples = np.zeros(behind + ahead + slack + -(behind + ahead) % _POWER_FRAME, dtype=np.float32)
        self._powers = np.zeros(len(self._samples) // _POWER_FRAME, dtype=np.float32)

    def move(self, now: int) -> None:
        """Forget what lies too far before `now`. A `now` before what is kept empties the track."""
        away = now - self._behind - self._first
        if 0 <= away < TELEPHONE_HZ:
            return
        away -= away % _POWER_FRAME
        self._first += away
        if 0 < away < len(self._samples):
            for array, step in ((self._samples, away), (self._powers, away // _POWER_FRAME)):
                array[:-step] = array[step:].copy()
                array[-step:] = 0
        else:
            self._samples[:] = 0
            self._powers[:] = 0

    def write(self, samples: Samples, *, at: int) -> bool:
        """Put `samples` there, as far as there is room; whether any of them found some."""
        begin, end = self._inside(at), self._inside(at + len(samples))
        if begin >= end:
            return False
        offset = self._first + begin - at
        self._samples[begin:end] = samples[offset : offset + end - begin]
        self._weigh(begin, end)
        return True

    def clear(self, at: int) -> None:
        """Silence from `at` on."""
        begin = self._inside(at)
        self._samples[begin:] = 0
        self._weigh(begin, len(self._samples))

    def read(self, begin: int, end: int) -> Samples:
        """The samples from `begin` to before `end`; of use until the track is written or moved."""
        low, high = self._inside(begin), self._inside(end)
        if high - low == end - begin:
            return self._samples[low:high]
        out = np.zeros(end - begin, dtype=np.float32)
        if high > low:
            out[self._first + low - begin : self._first + high - begin] = self._samples[low:high]
        return out

    def loudest(self, begin: int, end: int) -> float:
        """The mean power of the loudest 10 ms from `begin` to `end`, rounded outwards to 10 ms."""
        low, high = self._inside(begin) // _POWER_FRAME, -(-self._inside(end) // _POWER_FRAME)
        return float(self._powers[low:high].max(initial=0.0))

    def _inside(self, at: int) -> int:
        return min(max(at - self._first, 0), len(self._samples))

    def _weigh(self, begin: int, end: int) -> None:
        low, high = begin // _POWER_FRAME, -(-end // _POWER_FRAME)
        frames = self._samples[low * _POWER_FRAME : high * _POWER_FRAME].reshape(-1, _POWER_FRAME)
        self._powers[low:high] = np.einsum("fs,fs->f", frames, frames) / _POWER_FRAME


class EchoPath:
    """One echo path: its delay in samples, and 160 ms of response as `PARTS` spectra of 20 ms."""

    def __init__(self, delay: int) -> None:
        self.delay = delay
        self.leak = 1.0
        """How much of the predicted echo's power is left of it after cancelling, by experience."""
        self.power = self.recent = 0.0
        """Of the echo that was predicted last, and the highest of late (in a rehearsal: of all of it)."""
        self._response: _Spectra = np.zeros((PARTS, _BINS), dtype=np.complex64)
        self._doubt: _Reals = np.ones((PARTS, _BINS), dtype=np.float32)
        self._other: _Reals = np.zeros(_BINS, dtype=np.float32)  # power spectrum of what is no echo
        self._blocks = 0

    def moved(self, delay: int) -> Self:
        """The same response after another delay."""
        path = copy.deepcopy(self)
        path.delay = delay
        return path

    def cancel(self, heard: Samples, line: Track, *, now: int, power: float) -> tuple[Samples, float]:
        """`heard` (up to 20 ms, until `now`) less the predicted echo, or as it was if that is less; and its power."""
        self._blocks += 1
        left = self._step(heard, line, now=now, learn=self._blocks < _YOUNG or self._blocks % 2 == 0)
        self.recent = max(self.power, 0.6 * self.recent)
        remaining = power_of(left)
        return (left, remaining) if remaining <= power else (heard, power)

    def rehearse(self, caller: Track, line: Track, *, now: int, blocks: int, learn: bool) -> float:
        """Go through the last `blocks` until `now`; what share of the power is left in the last ten."""
        before = after = 1e-9
        self.recent = 0.0
        for back in range(blocks - 1, -1, -1):
            end = now - back * BLOCK
            heard = caller.read(end - BLOCK, end)
            left = self._step(heard, line, now=end, learn=learn)
            self.recent = max(self.power, self.recent)
            if back < 10:
                before += power_of(heard)
                after += power_of(left)
        return after / before

    def learn_leak(self, remaining: float) -> None:
        """Take it in that so much power is left of a block that was all echo."""
        self.leak += 0.1 * (min(remaining / (self.power + 1e-12), 1.0) - self.leak)

    def _step(self, heard: Samples, line: Track, *, now: int, learn: bool) -> Samples:
        end = now - self.delay + _BEFORE
        blocks = line.read(end - (PARTS + 1) * BLOCK, end).reshape(-1, BLOCK)
        frames = np.concatenate((blocks[:-1], blocks[1:]), axis=1)[
            ::-1
        ]  # the newest first, each half over the next
        spectra: _Spectra = np.fft.rfft(frames)
        echo = np.fft.irfft((spectra * self._response).sum(axis=0))[2 * BLOCK - len(heard) :]
        left: Samples = heard - echo.astype(np.float32, copy=False)
        self.power = power_of(heard - left)
        if learn:
            self._learn(spectra, left)
        return left

    def _learn(self, spectra: _Spectra, left: Samples) -> None:
        """One step of the Kalman filter: the less the sound that is no echo, the larger the step."""
        padded = np.zeros(2 * BLOCK, dtype=np.float32)
        padded[2 * BLOCK - len(left) :] = left
        error = np.fft.rfft(padded)
        self._other += 0.3 * (_power_spectrum(error) - self._other)
        powers = _power_spectrum(spectra)
        step = self._doubt / ((powers * self._doubt).sum(axis=0) + 2 * self._other + 1e-6)
        change = np.fft.irfft(step * spectra.conj() * error)
        change[:, BLOCK:] = 0  # a part is 20 ms long; the rest is the circle of the transform
        self._response += np.fft.rfft(change)
        self._doubt *= _KEPT * np.maximum(1 - 0.5 * step * powers, 0)
        self._doubt += (1 - _KEPT) * _power_spectrum(self._response) + 1e-9


def likeness(left: Samples, line: Samples) -> tuple[float, int]:
    """The highest peak of the phase correlation over its standard deviation, and its delay in samples.

    `line` begins `LATE` before `left` and ends `EARLY` after it.
    """
    cross = np.fft.rfft(line, _FFT) * np.fft.rfft(left, _FFT).conj()
    size = np.abs(cross)
    phases = np.where(_BAND & (size > 1e-12), cross / (size + 1e-12), 0)
    correlation = np.fft.irfft(phases, _FFT)[: EARLY + LATE]
    spread, best = float(correlation.std()), int(np.argmax(correlation))
    return (float(correlation[best]) / spread if spread > 0 else 0.0), LATE - best


def effective_blocks(samples: Samples) -> float:
    """Over how many blocks of 20 ms the power is spread: 1 if one has it all, all of them if it is even."""
    powers = (samples.reshape(-1, BLOCK) ** 2).sum(axis=1)
    return float(powers.sum() ** 2 / (np.sum(powers**2) + 1e-20))


def power_of(samples: Samples) -> float:
    """The mean square; 0 of nothing."""
    return float(samples @ samples) / len(samples) if len(samples) else 0.0


def _power_spectrum(spectra: _Spectra) -> _Reals:
    return np.asarray(spectra.real**2 + spectra.imag**2, dtype=np.float32)
