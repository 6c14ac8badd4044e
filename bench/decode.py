"""What a decoding costs here and in faster-whisper's own `WhisperModel.transcribe`, on the same clips.

python -m bench.decode [--speech FOLDER] [--clips 40] [--threads 1] [--language en] [--markdown]

Each clip is decoded by every way before the next clip. CPU time is that of the process, with all threads.
"""

import argparse
import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from faster_whisper import WhisperModel

from audio.models import fetch_model
from audio.signal import Samples16k
from audio.whisper import Whisper
from bench.clips import Clip, recorded, spoken
from bench.cost import cost_of
from bench.wer import word_error_rate
from bench.windows import show

Decode = Callable[[Samples16k], str]
"""Words from speech."""


@dataclass(frozen=True)
class Cost:
    """One decoding."""

    said: str
    heard: str
    cpu_ms: float
    wall_ms: float


def ways(folder: Path, *, threads: int, language: str) -> dict[str, Decode]:
    """Our decoding first, then the stock ones: with its defaults, and greedy at one temperature."""
    ours = Whisper.load(folder, threads=threads)
    stock = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def here(samples: Samples16k) -> str:
        return ours.transcribe(samples, language=language).text

    def stock_with(samples: Samples16k, **options: object) -> str:
        segments, _ = stock.transcribe(samples, language=language, **options)
        return " ".join(segment.text.strip() for segment in segments)

    return {
        "here": here,
        "stock, defaults (beam 5)": stock_with,
        "stock, beam 1, temperature 0": partial(stock_with, beam_size=1, temperature=[0.0]),
    }


def measure(ways_: dict[str, Decode], clips: Sequence[Clip]) -> dict[str, list[Cost]]:
    """Every clip by every way; the first clip is decoded once before, unmeasured."""
    for decode in ways_.values():
        decode(clips[0].samples)
    costs: dict[str, list[Cost]] = {name: [] for name in ways_}
    for clip in clips:
        for name, decode in ways_.items():
            heard, cpu_ms, wall_ms = cost_of(partial(decode, clip.samples))
            costs[name].append(Cost(clip.said, heard, cpu_ms, wall_ms))
    return costs


def ratio(ours: Sequence[Cost], others: Sequence[Cost]) -> float:
    """How many times cheaper ours are in CPU time, all clips together."""
    return sum(cost.cpu_ms for cost in others) / sum(cost.cpu_ms for cost in ours)


COLUMNS: Final = ("decoding", "WER", "CPU ms", "wall ms, median", "wall ms, p95", "times the CPU")


def rows(costs: dict[str, list[Cost]], *, language: str) -> list[tuple[str, ...]]:
    """The lines of the table; the first way is the one that the others are compared with."""
    ours = next(iter(costs.values()))
    lines: list[tuple[str, ...]] = []
    for name, made in costs.items():
        walls = sorted(cost.wall_ms for cost in made)
        rate = word_error_rate([(cost.said, cost.heard) for cost in made], language=language)
        lines.append(
            (
                name,
                f"{rate:.3f}",
                f"{statistics.mean(cost.cpu_ms for cost in made):.0f}",
                f"{statistics.median(walls):.0f}",
                f"{walls[min(len(walls) - 1, len(walls) * 95 // 100)]:.0f}",
                f"{ratio(ours, made):.1f}",
            )
        )
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--language", default="en")
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--model", default="base")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    folder = fetch_model(asked.model, cache=home / "models", report=print)
    if asked.speech is None:
        clips = spoken(count=asked.clips)
    else:
        clips = recorded(asked.speech, language=asked.language, count=asked.clips)
    costs = measure(ways(folder, threads=asked.threads, language=asked.language), clips)
    lengths = statistics.median(clip.seconds for clip in clips)
    title = f"{len(clips)} clips, median {lengths:.1f} s, {asked.threads} thread(s)"
    table = rows(costs, language=asked.language)
    show(table, columns=COLUMNS, title=title, markdown=asked.markdown)


if __name__ == "__main__":
    main()
