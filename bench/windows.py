"""What a shorter window costs in words and saves in time: `python -m bench.windows [--speech FOLDER]`.

FOLDER holds a manifest.tsv with the columns set, audio, language and transcript, and the audio files that it
names. Without it, sentences are spoken by the Piper voice `joe`.
"""

import argparse
import csv
import os
import random
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Final

import soundfile
import soxr
from rich.console import Console
from rich.table import Table

from audio.models import fetch_model
from audio.mulaw import decode_mulaw
from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples16k
from audio.voice.piper import PiperVoice
from audio.whisper import Whisper
from audio.windows import FULL_WINDOW_MS, WindowPolicy
from bench.wer import word_error_rate

Clip = tuple[str, Samples16k]
"""What was said, and how the telephone carried it."""

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

BUCKETS_MS: Final = (3_000, 4_000, 6_000, 8_000, 10_000, 12_000, 15_000, 20_000, FULL_WINDOW_MS)


def recorded(folder: Path, *, language: str, count: int) -> list[Clip]:
    """`count` clips with a transcript and no longer than 25 s, taken in turn from the sets of the manifest.

    Sets with "overlap" in their name are left out: two people speak, and the transcript is of one.
    """
    sets: dict[str, list[dict[str, str]]] = {}
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            short = float(row["duration_s"] or 99) <= 25
            alone = row["transcript"] and "overlap" not in row["set"]
            if row["language"] == language and short and alone:
                sets.setdefault(row["set"], []).append(row)
    shuffled = random.Random(0)
    for rows in sets.values():
        shuffled.shuffle(rows)
    rows = [rows[n] for n in range(count) for rows in sets.values() if n < len(rows)][:count]
    return [(row["transcript"], _read(folder / row["audio"])) for row in rows]


def spoken(*, count: int) -> list[Clip]:
    """Up to 16 sentences by `joe`, as mu-law at 8 kHz."""
    voice = PiperVoice("joe")
    return [
        (line, _upsampled(decode_mulaw(voice.render(line)), hz=TELEPHONE_HZ)) for line in SENTENCES[:count]
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--language", default="en")
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--floors", type=float, nargs="+", default=[30, 15, 10, 8, 6], help="in seconds")
    asked = parser.parse_args()
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    folder = fetch_model("auto", cache=home / "models", report=print)
    if asked.speech is None:
        clips = spoken(count=asked.clips)
    else:
        clips = recorded(asked.speech, language=asked.language, count=asked.clips)
    table = Table(title=f"{len(clips)} clips, Whisper base int8, {os.cpu_count()} cores")
    for column in ("window", "WER", "median ms", "mean ms", "retries", "no words"):
        table.add_column(column, justify="right")
    for floor_s in asked.floors:
        policy = replace(WindowPolicy(buckets_ms=BUCKETS_MS), floor_ms=round(floor_s * 1000))
        whisper = Whisper.load(folder, policy=policy)
        whisper.transcribe(clips[0][1], language=asked.language)
        heard = [whisper.transcribe(samples, language=asked.language) for _, samples in clips]
        pairs = [(said, transcript.text) for (said, _), transcript in zip(clips, heard, strict=True)]
        times_ms = [transcript.cpu_ms for transcript in heard]
        table.add_row(
            f"max({floor_s:g} s, d + {policy.margin_ms / 1000:g} s)",
            f"{word_error_rate(pairs):.3f}",
            f"{statistics.median(times_ms):.0f}",
            f"{statistics.mean(times_ms):.0f}",
            str(sum(transcript.retries for transcript in heard)),
            str(sum(not transcript.text for transcript in heard)),
        )
    Console().print(table)


def _read(path: Path) -> Samples16k:
    samples, hz = soundfile.read(path, dtype="float32", always_2d=True)
    return _upsampled(samples[:, 0], hz=hz)


def _upsampled(samples: object, *, hz: int) -> Samples16k:
    return Samples16k(soxr.resample(samples, hz, EAR_HZ).astype("float32"))


if __name__ == "__main__":
    main()
