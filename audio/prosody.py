"""How a caller sounds against the same caller's first seconds: louder, higher, brighter, faster. Pure, one per call.

The value is evidence beside the words and never alone a reason for anything: a bad line, a second person at the
telephone or a step nearer to it change these as well as anger does. A caller who is already loud in the first
seconds has a loud baseline, and is then found calm.

Pitch is the period of the sound, by autocorrelation, and not its lowest partial: the telephone carries nothing below
300 Hz, and the period is still there in the partials above. The autocorrelation of each frame is divided by that of
its window (Boersma 1993, "Accurate short-term analysis of the fundamental frequency").
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from audio.endpointing import CHUNK_MS
from audio.signal import EAR_HZ, Samples16k

BASELINE_MS: Final = 5_000
"""So much speech is the caller's own measure; it is not changed afterwards."""

MIN_SPEECH_MS: Final = 250
"""A turn with less speech says nothing about the voice."""

MIN_WORDS: Final = 3
"""The rate of fewer words is that of the words, not of the speaker."""

SPEECH_FROM: Final = 0.35
"""Chunks with at least this probability of speech are listened to: shouted words have no more than that. From 0.5 on,
10 of 240 short sentences had too little speech to judge, and from 0.35 on, 4."""

CHUNK_SAMPLES: Final = CHUNK_MS * EAR_HZ // 1000
"""Of 16 kHz, for each probability: 32 ms."""

MIN_HZ: Final = 70
MAX_HZ: Final = 450
PERIODIC_FROM: Final = 0.5
"""The autocorrelation of a frame that counts as pitch; noise and consonants lie below."""

OCTAVE_COST: Final = 0.02
"""Taken off for each octave a period is longer, because two periods repeat as well as one. With 0.08 the second
partial was often taken for the first; with 0.02 the pitch of a speaker varied least."""

MAX_FRAMES: Final = 120
"""A longer turn is looked at in so many places, evenly spread, so that its cost has a bound."""

STEP_DB: Final = 6.0
STEP_OCTAVES: Final = 0.4
STEP_BRIGHTNESS_DB: Final = 4.0
STEP_RATE_OCTAVES: Final = 0.5
"""How far each part must rise to count 1: chosen beforehand, as usual differences between calm and raised voices;
`bench.prosody` shows what each gives alone."""

WEIGHTS: Final = (1.0, 1.0, 0.5, 0.1)
"""Of loudness, pitch, brightness and rate. Rate counts little: on acted anger it told nothing (area under the curve
.5), for who shouts draws out the vowels, and it depends on the recogniser's words."""

_FRAME: Final = 320  # of 8 kHz, 40 ms: two periods of 70 Hz and a half
_HOP: Final = 128
_FFT: Final = 512  # the frame and the longest lag fit: no lag wraps round
_EAR_HALF_HZ: Final = EAR_HZ // 2
_SPLIT_HZ: Final = 1_000
_FLOOR: Final = 1e-10

_Array = NDArray[np.float64]


@dataclass(frozen=True)
class Arousal:
    """One utterance's voice, rounded for the log.

    `value` is 0..1: 0.5 is as in the caller's first seconds, more is more aroused. It is None when there is no
    evidence: the baseline is not complete, or the turn has too little speech. The parts are as measured: `loudness_db`
    of the speech below full scale, `pitch_hz` its median, `brightness_db` its power above 1 kHz against that below,
    `words_per_s` of speech; each None when it could not be measured. `speech_ms` is what they were measured on.
    """

    value: float | None
    loudness_db: float | None
    pitch_hz: float | None
    brightness_db: float | None
    words_per_s: float | None
    speech_ms: int


@dataclass(frozen=True)
class Voice:
    """What a stretch of speech sounds like. Pitch and rate are octaves (log2), so that differences are ratios."""

    loudness_db: float
    brightness_db: float
    pitch_octaves: float | None
    rate_octaves: float | None
    speech_ms: int


class Prosody:
    """The voice of one caller. `baseline_ms` is how much speech makes the caller's own measure."""

    def __init__(self, *, baseline_ms: int = BASELINE_MS) -> None:
        self._baseline_ms = baseline_ms
        self._first: list[Voice] = []
        self._baseline: Voice | None = None

    @property
    def has_baseline(self) -> bool:
        """Whether the caller's own measure is complete."""
        return self._baseline is not None

    def arousal(self, samples: Samples16k, *, probabilities: Sequence[float], words: int) -> Arousal:
        """The arousal of a turn. Call it once for each finished turn, in order: the first ones make the baseline.

        `probabilities` has the probability of speech in each 32 ms of `samples`, from their beginning; `words` is
        how many words were heard. A turn that completes the baseline is part of it and has no value.
        """
        voice = voice_of(samples, probabilities=probabilities, words=words)
        if voice is None:
            return Arousal(None, None, None, None, None, 0)
        value = None if self._baseline is None else arousal_of(voice, baseline=self._baseline)
        if self._baseline is None:
            self._first.append(voice)
            if sum(first.speech_ms for first in self._first) >= self._baseline_ms:
                self._baseline, self._first = mean_voice(self._first), []
        return Arousal(
            value=None if value is None else round(value, 2),
            loudness_db=round(voice.loudness_db, 1),
            pitch_hz=None if voice.pitch_octaves is None else round(2**voice.pitch_octaves, 1),
            brightness_db=round(voice.brightness_db, 1),
            words_per_s=None if voice.rate_octaves is None else round(2**voice.rate_octaves, 2),
            speech_ms=voice.speech_ms,
        )


def arousal_of(voice: Voice, *, baseline: Voice) -> float:
    """0..1 from the differences to the baseline; never less for a voice that is louder, higher, brighter or faster.

    Each part counts up to 2 steps either way, so that none decides alone. What could not be measured counts nothing.
    """
    steps = (
        (voice.loudness_db - baseline.loudness_db) / STEP_DB,
        _difference(voice.pitch_octaves, baseline.pitch_octaves) / STEP_OCTAVES,
        (voice.brightness_db - baseline.brightness_db) / STEP_BRIGHTNESS_DB,
        _difference(voice.rate_octaves, baseline.rate_octaves) / STEP_RATE_OCTAVES,
    )
    total = sum(weight * min(max(step, -2.0), 2.0) for weight, step in zip(WEIGHTS, steps, strict=True))
    return 1 / (1 + math.exp(-total))


def voice_of(samples: Samples16k, *, probabilities: Sequence[float], words: int) -> Voice | None:
    """What the speech in `samples` sounds like; None when there is too little of it."""
    count = min(len(probabilities), len(samples) // CHUNK_SAMPLES)
    spoken = np.asarray(probabilities[:count]) >= SPEECH_FROM
    speech_ms = int(spoken.sum()) * CHUNK_MS
    if speech_ms < MIN_SPEECH_MS:
        return None
    half = samples[: count * CHUNK_SAMPLES : 2]  # made of 8 kHz, it holds nothing above 4 kHz that could fold
    starts = np.arange(0, len(half) - _FRAME + 1, _HOP)
    starts = starts[spoken[(starts + _FRAME // 2) * 2 // CHUNK_SAMPLES]]
    if len(starts) > MAX_FRAMES:
        starts = starts[np.linspace(0, len(starts) - 1, MAX_FRAMES).astype(int)]
    frames = sliding_window_view(half, _FRAME)[starts].astype(np.float32)
    spectra = np.fft.rfft(frames * _WINDOW, n=_FFT)
    power = np.square(spectra.real) + np.square(spectra.imag)
    mean_power = power.mean(axis=0)
    low, high = mean_power[_LOW_BINS].sum(), mean_power[_HIGH_BINS].sum()
    rate = words / speech_ms * 1000
    return Voice(
        loudness_db=10 * math.log10(float(np.mean(np.square(frames))) + _FLOOR),
        brightness_db=10 * math.log10((float(high) + _FLOOR) / (float(low) + _FLOOR)),
        pitch_octaves=_pitch_octaves(power),
        rate_octaves=math.log2(rate) if words >= MIN_WORDS else None,
        speech_ms=speech_ms,
    )


def _pitch_octaves(power: NDArray[np.float32]) -> float | None:
    """The median pitch of the periodic ones among frames with these spectra, as log2 of Hz; None when none is."""
    repeats = np.fft.irfft(power, n=2 * _FFT)[:, : _MAX_LAG + 2]  # twice as fine as the samples: at 16 kHz
    repeats = repeats / (repeats[:, :1] + _FLOOR) / _WINDOW_REPEATS
    # A peak is no lower than its neighbours; at the ends of the range there may be only a slope.
    inner = repeats[:, _MIN_LAG : _MAX_LAG + 1]
    peaks = (inner >= repeats[:, _MIN_LAG - 1 : _MAX_LAG]) & (
        inner >= repeats[:, _MIN_LAG + 1 : _MAX_LAG + 2]
    )
    scores = np.where(peaks, inner - _LAG_COST, -1.0)
    best = scores.argmax(axis=1)
    rows = np.arange(len(best))
    periodic = peaks[rows, best] & (inner[rows, best] >= PERIODIC_FROM)
    if not periodic.any():
        return None
    lags = _between(repeats, rows=rows[periodic], lags=best[periodic] + _MIN_LAG)
    return float(np.median(np.log2(EAR_HZ / lags)))


def _between(repeats: _Array, *, rows: NDArray[np.intp], lags: NDArray[np.intp]) -> _Array:
    """The places of peaks between the samples, by a parabola through three of them."""
    before, at, after = (repeats[rows, lags + n] for n in (-1, 0, 1))
    bend = before - 2 * at + after
    shift: _Array = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, -1.0), 0.0)
    places: _Array = lags.astype(np.float64) + np.clip(shift, -0.5, 0.5)
    return places


def _difference(value: float | None, baseline: float | None) -> float:
    return 0.0 if value is None or baseline is None else value - baseline


def mean_voice(voices: Sequence[Voice]) -> Voice:
    """The mean of one or more stretches of speech, weighted by length; of a part that some lack, over the others."""

    def mean(pairs: Sequence[tuple[float | None, int]]) -> float | None:
        known = [(value, weight) for value, weight in pairs if value is not None]
        total = sum(weight for _, weight in known)
        return sum(value * weight for value, weight in known) / total if known else None

    total_ms = sum(voice.speech_ms for voice in voices)
    return Voice(
        loudness_db=sum(voice.loudness_db * voice.speech_ms for voice in voices) / total_ms,
        brightness_db=sum(voice.brightness_db * voice.speech_ms for voice in voices) / total_ms,
        pitch_octaves=mean([(voice.pitch_octaves, voice.speech_ms) for voice in voices]),
        rate_octaves=mean([(voice.rate_octaves, voice.speech_ms) for voice in voices]),
        speech_ms=total_ms,
    )


_MIN_LAG: Final = EAR_HZ // MAX_HZ
_MAX_LAG: Final = EAR_HZ // MIN_HZ
_LAG_COST: Final = OCTAVE_COST * np.log2(np.arange(_MIN_LAG, _MAX_LAG + 1) / _MIN_LAG)
_WINDOW: Final = np.hanning(_FRAME).astype(np.float32)
_WINDOW_POWER: Final = np.square(np.abs(np.fft.rfft(_WINDOW, n=_FFT)))
_WINDOW_AT_LAGS: Final = np.fft.irfft(_WINDOW_POWER, n=2 * _FFT)[: _MAX_LAG + 2]
_WINDOW_REPEATS: Final = _WINDOW_AT_LAGS / _WINDOW_AT_LAGS[0]
_BIN_HZ: Final = _EAR_HALF_HZ / _FFT
_LOW_BINS: Final = slice(round(300 / _BIN_HZ), round(_SPLIT_HZ / _BIN_HZ))
_HIGH_BINS: Final = slice(round(_SPLIT_HZ / _BIN_HZ), round(3_400 / _BIN_HZ))
