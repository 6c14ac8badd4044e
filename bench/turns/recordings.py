"""Real whole turns, from a folder with a manifest.tsv: the sets that hold one speaker and one turn a clip."""

import csv
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import soundfile

from audio.resample import resample
from audio.signal import TELEPHONE_HZ, Samples8k
from bench.turns.spoken import SpokenTurn, on_the_line

SETS: Final = ("en_commands_picovoice_barista", "en_samples_misc", "el_sentences_tuxpaint")
MAX_S: Final = 12.0
"""Longer clips of these sets are lists of sentences, not turns."""


def recorded(folder: Path, *, name: str, most: int) -> Iterator[SpokenTurn]:
    """Up to `most` turns of one set. Every clip counts as a caller of its own who was asked an open question."""
    with (folder / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = [
            row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["set"] == name
        ]
    rows = [row for row in rows if float(row["duration_s"] or 99) <= MAX_S][:most]
    for row in rows:
        samples, hz = soundfile.read(folder / row["audio"], dtype="float32", always_2d=True)
        narrow = Samples8k(resample(samples[:, 0], orig_hz=hz, target_hz=TELEPHONE_HZ))
        audio, end_ms = on_the_line([narrow], [], seed=zlib.crc32(row["id"].encode()))
        yield SpokenTurn(row["id"], row["id"], name, "issue", False, row["language"], audio, end_ms)
