"""Speech for measurements: recordings with a manifest, or sentences spoken by a voice.

A folder of recordings holds a manifest.tsv with the columns set, audio, language, transcript, duration_s and
note, and the audio files that it names. Sets whose names begin with noise hold no speech, and a note that begins
with PROBABLE marks a transcript that nobody has compared with the audio.
"""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import soundfile
import soxr

from audio.mulaw import decode_mulaw, encode_mulaw
from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples8k, Samples16k
from audio.voice.piper import PiperVoice

LONGEST_S: Final = 25
SENTENCE_UNITS: Final = 4
"""From so many words (characters in Mandarin) on, a clip is a sentence."""

SENTENCES: Final = (
    "I have been waiting for three weeks and I want my money back.",
    "My order has not come.",
    "Nobody ever calls me back.",
    "This is the third time that I explain it.",
    "Please send me a new invoice.",
    "Stop it.",
    "I want to speak to a manager right now.",
    "The engineer came, but the heating still does not work.",
    "You charged my card twice.",
    "Yes, please.",
    "No, that is not what I said.",
    "Cancel my contract at the end of the month.",
    "The parcel was open when it came and half of it was missing.",
    "What are your opening hours on Saturday?",
    "I am sorry that I shouted, it has been a long day.",
    "Thank you, goodbye.",
)


@dataclass(frozen=True)
class Clip:
    """What was said, in which language, and how the telephone carried it."""

    said: str
    samples: Samples16k
    language: str = "en"

    @property
    def seconds(self) -> float:
        """The length."""
        return len(self.samples) / EAR_HZ


def recorded(folder: Path, *, language: str, count: int, sentences: bool | None = None) -> list[Clip]:
    """`count` clips of a language with a transcript, no longer than 25 s, taken in turn from the sets.

    `sentences` True or False takes sentences or single words alone. Sets with "overlap" in their name are left
    out (two people speak, and the transcript is of one), and so are single letters of an alphabet and probable
    transcripts.
    """
    sets: dict[str, list[dict[str, str]]] = {}
    for row in _manifest(folder):
        if row["language"] == language and _fits(row, sentences=sentences):
            sets.setdefault(row["set"], []).append(row)
    return [
        Clip(row["transcript"], read(folder / row["audio"]), language)
        for row in _in_turn(list(sets.values()), count=count)
    ]


def noises(folder: Path, *, count: int) -> list[Samples16k]:
    """`count` clips without speech, up to 10 s of each."""
    sets: dict[str, list[dict[str, str]]] = {}
    for row in _manifest(folder):
        if row["set"].startswith("noise"):
            sets.setdefault(row["set"], []).append(row)
    return [
        Samples16k(read(folder / row["audio"])[: 10 * EAR_HZ])
        for row in _in_turn(list(sets.values()), count=count)
    ]


def spoken(*, count: int, lines: Sequence[str] = SENTENCES) -> list[Clip]:
    """Up to `count` lines by the Piper voice `joe`, as mu-law at 8 kHz."""
    voice = PiperVoice("joe")
    return [
        Clip(line, resampled(decode_mulaw(voice.render(line)), hz=TELEPHONE_HZ)) for line in lines[:count]
    ]


def read(path: Path) -> Samples16k:
    """The first channel of an audio file."""
    samples, hz = soundfile.read(path, dtype="float32", always_2d=True)
    return resampled(samples[:, 0], hz=hz)


def telephoned(samples: Samples16k) -> Samples16k:
    """The samples after mu-law at 8 kHz."""
    narrow = Samples8k(soxr.resample(samples, EAR_HZ, TELEPHONE_HZ).astype("float32"))
    return resampled(decode_mulaw(encode_mulaw(narrow)), hz=TELEPHONE_HZ)


def resampled(samples: object, *, hz: int) -> Samples16k:
    """Samples of another rate at the ear's rate."""
    return Samples16k(soxr.resample(samples, hz, EAR_HZ).astype("float32"))


def _manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _fits(row: dict[str, str], *, sentences: bool | None) -> bool:
    """Whether a clip is of use: speech with a transcript, of the wanted kind."""
    said = row["transcript"]
    units = len(said) if row["language"] == "zh" else len(said.split())
    letter = len(said) == 1 and (row["language"] != "zh" or said.isascii())
    doubtful = "overlap" in row["set"] or row["note"].startswith("PROBABLE")
    if not said or letter or doubtful or float(row["duration_s"] or 99) > LONGEST_S:
        return False
    return sentences is None or sentences == (units >= SENTENCE_UNITS)


def _in_turn(sets: list[list[dict[str, str]]], *, count: int) -> list[dict[str, str]]:
    """Rows taken from each set in turn, each set in a random order that is always the same."""
    shuffled = random.Random(0)
    for rows in sets:
        shuffled.shuffle(rows)
    longest = max((len(rows) for rows in sets), default=0)
    return [rows[n] for n in range(longest) for rows in sets if n < len(rows)][:count]
