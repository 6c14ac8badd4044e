"""How well a caller's voice tells anger from calm: `python -m bench.prosody [--speech FOLDER] [--set NAME]`.

FOLDER holds a manifest.tsv with recordings of acted emotions, several of each speaker. A speaker's neutral ones are
the baseline, and every other one is judged by `audio.prosody` against it. The table shows the area under the curve: how
often an angry clip has the higher value of an angry and another clip of any speakers; 0.5 is chance. Beside the
whole value are the four parts alone. Without FOLDER sentences by the Piper voice `joe` are raised by hand.
"""

import argparse
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from audio.activity import Activity, ActivityModel
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.prosody import Voice, arousal_of, mean_voice, voice_of
from audio.resample import resample
from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples8k, Samples16k
from audio.voice.piper import PiperVoice
from bench import noise_streams
from bench.noise import SENTENCES
from bench.wer import words

BASELINE: Final = "neutral"
ANGRY: Final = "angry"
OTHERS: Final = (("calm",), ("neutral", "calm"), ("sad",), ("happy",))
PARTS: Final = ("loudness", "pitch", "brightness", "rate")
SILENCE_MS: Final = 500


@dataclass(frozen=True)
class Clip:
    """A recording as it is judged."""

    speaker: str
    emotion: str
    voice: Voice | None  # None: too little speech


def area(higher: Sequence[float], lower: Sequence[float]) -> float:
    """How often one of `higher` exceeds one of `lower`, ties counted half (Mann and Whitney); NaN without pairs."""
    if not higher or not lower:
        return float("nan")
    one, other = np.asarray(higher)[:, np.newaxis], np.asarray(lower)
    return float(np.mean((one > other) + 0.5 * (one == other)))


def scores(clips: Sequence[Clip]) -> dict[str, list[tuple[float, ...]]]:
    """By emotion, the arousal and then the four parts of each clip, against the baseline of its speaker.

    The baseline of a neutral clip is the mean of the speaker's other neutral ones. A part that could not be measured
    counts as no difference. Clips without a baseline are left out.
    """
    found: dict[str, list[tuple[float, ...]]] = {}
    for clip in clips:
        neutral = [
            other.voice
            for other in clips
            if other.speaker == clip.speaker
            and other.emotion == BASELINE
            and other.voice
            and other is not clip
        ]
        if clip.voice is None or not neutral:
            continue
        baseline = mean_voice(neutral)
        rises = _rises(clip.voice, baseline)
        found.setdefault(clip.emotion, []).append((arousal_of(clip.voice, baseline=baseline), *rises))
    return found


def areas(found: Mapping[str, Sequence[tuple[float, ...]]], *, others: Sequence[str]) -> list[float]:
    """The areas of anger against `others`: of the arousal and of each part."""
    angry = found.get(ANGRY, [])
    rest = [score for emotion in others for score in found.get(emotion, [])]
    return [area([a[n] for a in angry], [b[n] for b in rest]) for n in range(1 + len(PARTS))]


def _rises(voice: Voice, baseline: Voice) -> tuple[float, ...]:
    pairs = (
        (voice.loudness_db, baseline.loudness_db),
        (voice.pitch_octaves, baseline.pitch_octaves),
        (voice.brightness_db, baseline.brightness_db),
        (voice.rate_octaves, baseline.rate_octaves),
    )
    return tuple(0.0 if one is None or other is None else one - other for one, other in pairs)


def _recorded(folder: Path, *, name: str) -> list[tuple[str, str, str, Samples8k]]:
    """Speaker, emotion, words and sound of each clip of a set."""
    return [
        (row["speaker"], row["label"], row["transcript"], noise_streams.read(folder / row["audio"]))
        for row in noise_streams.manifest(folder)
        if row["set"] == name
    ]


def _spoken() -> list[tuple[str, str, str, Samples8k]]:
    """Sentences by `joe`: as they are, 6 dB softer, and as anger might be: 6 dB louder, higher and faster."""
    calm, raised = PiperVoice("joe"), PiperVoice("joe", length_scale=0.9, pitch=1.12)
    clips = []
    for line in SENTENCES[3:]:
        plain = decode_mulaw(calm.render(line)) * np.float32(0.3)
        clips += [("joe", "neutral", line, Samples8k(plain)), ("joe", "calm", line, Samples8k(plain * 0.5))]
        clips.append(("joe", ANGRY, line, Samples8k(decode_mulaw(raised.render(line)) * np.float32(0.6))))
    return clips


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--set", default="en_emotion_ravdess", help="the set of the manifest with emotions")
    asked = parser.parse_args()
    model = ActivityModel()
    clips, times_ms = [], []
    for speaker, emotion, said, samples in (
        _recorded(asked.speech, name=asked.set) if asked.speech else _spoken()
    ):
        padded = np.pad(samples, SILENCE_MS * TELEPHONE_HZ // 1000)
        heard = decode_mulaw(encode_mulaw(Samples8k(padded)))
        sound = Samples16k(resample(heard, orig_hz=TELEPHONE_HZ, target_hz=EAR_HZ))
        probabilities = Activity(model).feed(sound)
        began = time.perf_counter()
        voice = voice_of(sound, probabilities=probabilities, words=len(words(said)))
        times_ms.append((time.perf_counter() - began) * 1000)
        clips.append(Clip(speaker, emotion, voice))
    found = scores(clips)
    table = Table(title=f"anger against other emotions, area under the curve, {len(clips)} clips")
    for column in ("anger against", "clips", "arousal", *PARTS):
        table.add_column(column, justify="left" if column == "anger against" else "right")
    for others in OTHERS:
        count = sum(len(found.get(emotion, [])) for emotion in others)
        cells = [f"{value:.3f}" for value in areas(found, others=others)]
        table.add_row(" + ".join(others), str(count), *cells)
    console = Console(width=120)
    console.print(table)
    for emotion in sorted(found):
        values = [score[0] for score in found[emotion]]
        console.print(f"{emotion}: {len(values)} clips, median arousal {statistics.median(values):.2f}")
    speechless = sum(clip.voice is None for clip in clips)
    console.print(f"too little speech: {speechless}; median {statistics.median(times_ms):.1f} ms for a clip")


if __name__ == "__main__":
    main()
