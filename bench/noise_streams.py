"""Sounds that are not the caller's words, for `bench.noise`: recorded ones laid end to end, and made ones.

Levels are in dB below full scale of the root mean square. Everything is 8 kHz, and the same on every run.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.resample import resample
from audio.signal import TELEPHONE_HZ, Samples8k

BACKGROUND_DBFS: Final = -30.0
GAP_MS: Final = 300
"""Between two recorded clips."""

LEVELS_DB: Final = (0.0, -10.0, -20.0, 6.0)
"""When the clips of a kind do not fill the time they are heard again, at these levels in turn."""

RECORDED: Final[Mapping[str, tuple[str, ...]]] = {
    "hold music": ("hold music", "music"),
    "typing": ("keyboard typing", "mouse click"),
    "coughs": ("coughing",),
    "laughter": ("laughing",),
    "sneezing": ("sneezing",),
    "traffic and engines": ("engine", "train", "car horn", "car_horn", "airplane", "siren"),
    "door knocks": ("door wood knock", "door wood creaks"),
    "dogs": ("dog",),
    "crying baby": ("crying baby",),
    "cats": ("cat", "dude miaowing"),
    "rain, wind, water": ("rain", "wind", "water", "running tap", "thunderstorm", "forest 1", "forest 2"),
    "household": ("vacuum cleaner", "washing machine", "doing the dishes", "kitchen noise", "clock alarm"),
    "breath and snoring": ("breathing", "snoring", "drinking sipping"),
}
"""Kinds, and the labels of the manifest that belong to them."""

_Array = NDArray[np.float64]
_DTMF_HZ: Final = {
    key: (low, high)
    for low, keys in zip((697, 770, 852, 941), ("123", "456", "789", "*0#"), strict=True)
    for high, key in zip((1209, 1336, 1477), keys, strict=True)
}


def at_level(samples: _Array, *, dbfs: float) -> Samples8k:
    """`samples` at a level, clipped to -1..1; silence stays silence."""
    rms = float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
    scaled = samples * (10 ** (dbfs / 20) / rms) if rms else samples
    return Samples8k(np.clip(scaled, -1, 1).astype(np.float32))


def amplified(samples: Samples8k, *, db: float) -> Samples8k:
    """`samples` with a gain, clipped to -1..1."""
    return Samples8k(np.clip(samples * np.float32(10 ** (db / 20)), -1, 1))


def filled(clips: Sequence[Samples8k], *, ms: int) -> Samples8k:
    """`clips` end to end, again and again at other levels, cut to `ms`; silence when there are none."""
    gap = np.zeros(GAP_MS * 8, dtype=np.float32)
    parts: list[NDArray[np.float32]] = []
    length, round_ = 0, 0
    while any(len(clip) for clip in clips) and length < ms * 8:
        for clip in clips:
            parts += [amplified(clip, db=LEVELS_DB[round_ % len(LEVELS_DB)]), gap]
            length += len(clip) + len(gap)
        round_ += 1
    whole = np.concatenate([*parts, np.zeros(ms * 8, dtype=np.float32)])
    return Samples8k(whole[: ms * 8])


def recorded(folder: Path, *, ms: int) -> dict[str, Samples8k]:
    """A stream of `ms` for each kind that the folder's noise sets hold."""
    by_label: dict[str, list[Samples8k]] = {}
    for row in manifest(folder):
        if row["set"].startswith("noise"):
            by_label.setdefault(row["label"], []).append(read(folder / row["audio"]))
    streams = {}
    for kind, labels in RECORDED.items():
        if of_kind := [clip for label in labels for clip in by_label.get(label, [])]:
            streams[kind] = filled(of_kind, ms=ms)
    return streams


def clips(folder: Path) -> list[Samples8k]:
    """Every recording of the folder's noise sets."""
    return [read(folder / row["audio"]) for row in manifest(folder) if row["set"].startswith("noise")]


def made(*, ms: int) -> dict[str, Samples8k]:
    """A stream of `ms` for each kind that is made here."""
    makers: dict[str, Callable[[_Array, np.random.Generator], _Array]] = {
        "white noise": lambda t, rng: rng.standard_normal(len(t)),
        "pink noise": _pink,
        "hum 50 Hz": lambda t, _rng: _hum(t, hz=50),
        "hum 60 Hz": lambda t, _rng: _hum(t, hz=60),
        "keystrokes (made)": _keystrokes,
        "music (made)": _music,
        "engine (made)": _engine,
        "DTMF": _dtmf,
        "ringback": lambda t, _rng: _beeps(t, hz=(440, 480), on_s=2.0, every_s=6.0),
        "busy": lambda t, _rng: _beeps(t, hz=(480, 620), on_s=0.5, every_s=1.0),
    }
    levels = {"DTMF": -12.0, "ringback": -16.0, "busy": -16.0, "music (made)": -20.0}
    t = np.arange(ms * 8) / TELEPHONE_HZ
    streams = {"silence": Samples8k(np.zeros(len(t), dtype=np.float32))}
    for n, (kind, make) in enumerate(makers.items()):
        signal = make(t, np.random.default_rng(n))
        streams[kind] = at_level(signal, dbfs=levels.get(kind, BACKGROUND_DBFS))
    return streams


def background(speech: Sequence[Samples8k], *, ms: int, music: Samples8k) -> dict[str, Samples8k]:
    """Other people's speech at -30 dB: several at once, and one with music, as from a television."""
    lanes = [filled(speech[n::6], ms=ms).astype(np.float64) for n in range(6)]
    babble = np.sum([lane / (np.sqrt(np.mean(lane**2)) or 1) for lane in lanes], axis=0)
    speaker = filled(speech, ms=ms).astype(np.float64)
    television = speaker / (np.sqrt(np.mean(speaker**2)) or 1) + 0.3 * music / (
        np.sqrt(np.mean(music**2)) or 1
    )
    return {
        "babble": at_level(babble, dbfs=BACKGROUND_DBFS),
        "television": at_level(television, dbfs=BACKGROUND_DBFS),
    }


def manifest(folder: Path) -> list[dict[str, str]]:
    """The rows of the folder's manifest.tsv."""
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read(path: Path) -> Samples8k:
    """A recording's first channel at 8 kHz."""
    samples, hz = soundfile.read(path, dtype="float32", always_2d=True)
    return Samples8k(resample(samples[:, 0], orig_hz=hz, target_hz=TELEPHONE_HZ))


def _pink(t: _Array, rng: np.random.Generator) -> _Array:
    """Power that falls by 3 dB an octave: white noise whose spectrum is divided by the root of the frequency."""
    spectrum = np.fft.rfft(rng.standard_normal(len(t)))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    pink: _Array = np.fft.irfft(spectrum, n=len(t))
    return pink


def _hum(t: _Array, *, hz: int) -> _Array:
    """The mains and its odd harmonics."""
    hum: _Array = np.sum([np.sin(2 * np.pi * hz * n * t) / n for n in (1, 2, 3, 5, 7)], axis=0)
    return hum


def _keystrokes(t: _Array, rng: np.random.Generator) -> _Array:
    """Clicks of 15 ms, in bursts of some seconds, about six a second."""
    signal = rng.standard_normal(len(t)) * 0.01
    fading = np.exp(-np.arange(120) / 24)
    begins = (rng.random(len(t)) < 6 / TELEPHONE_HZ) & (t % 9 < 6)
    for at in np.flatnonzero(begins[: -len(fading)]):
        signal[at : at + len(fading)] += rng.uniform(0.4, 1.0) * fading * rng.standard_normal(len(fading))
    return signal


def _music(t: _Array, rng: np.random.Generator) -> _Array:
    """Chords that change every second under a melody of two notes a second, each with six partials."""
    signal = np.zeros(len(t))
    for beat in range(int(t[-1] * 2) + 1 if len(t) else 0):
        notes = [
            rng.integers(60, 84),
            *(rng.choice([48, 53, 55]) + np.array([0, 4, 7]) if beat % 2 == 0 else ()),
        ]
        for note in notes:
            begin, end = beat * 4000, min(len(t), beat * 4000 + (8000 if note < 60 else 4000))
            tone = np.arange(max(0, end - begin)) / TELEPHONE_HZ
            hz = 440 * 2 ** ((int(note) - 69) / 12)
            partials = [np.sin(2 * np.pi * hz * n * tone) / n**1.5 for n in range(1, 7) if hz * n < 3400]
            signal[begin:end] += np.sum(partials, axis=0) * np.exp(-1.5 * tone)
    return signal


def _engine(t: _Array, rng: np.random.Generator) -> _Array:
    """A motor whose speed goes up and down, with road noise."""
    turns = np.cumsum(40 + 20 * np.sin(2 * np.pi * t / 17)) / TELEPHONE_HZ
    motor: _Array = np.sum([np.sin(2 * np.pi * n * turns) / n for n in range(1, 20)], axis=0)
    return motor + _pink(t, rng) * 20


def _dtmf(t: _Array, rng: np.random.Generator) -> _Array:
    """Keys of 60 to 250 ms with pauses of 50 to 400 ms."""
    signal = np.zeros(len(t))
    at = 0
    while at < len(t):
        low, high = _DTMF_HZ[str(rng.choice(list(_DTMF_HZ)))]
        end = min(len(t), at + int(rng.integers(480, 2000)))
        signal[at:end] = np.sin(2 * np.pi * low * t[at:end]) + np.sin(2 * np.pi * high * t[at:end])
        at = end + int(rng.integers(400, 3200))
    return signal


def _beeps(t: _Array, *, hz: tuple[int, int], on_s: float, every_s: float) -> _Array:
    """Two tones together, on and off: the sounds of a telephone exchange."""
    return np.where(t % every_s < on_s, sum(np.sin(2 * np.pi * f * t) for f in hz), 0.0)
