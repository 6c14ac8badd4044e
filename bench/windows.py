"""What a shorter window costs in words and saves in time, for each language.

python -m bench.windows [--speech FOLDER] [--languages en el tr zh] [--clips 24] [--markdown]

Without --speech, English sentences are spoken by the Piper voice `joe`. Each clip is decoded under every policy
before the next clip, so that a busy moment of the machine falls on all policies alike.
"""

import argparse
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from audio.models import fetch_model
from audio.transcript import Transcript
from audio.whisper import Whisper
from audio.windows import FULL_WINDOW_MS, WindowPolicy
from bench.clips import Clip, recorded, spoken
from bench.cost import cpu_ms_of
from bench.wer import word_error_rate

_FINE: Final = WindowPolicy(
    word_floor_ms=0, buckets_ms=(*range(4_000, 10_001, 1_000), 12_000, 15_000, 20_000, FULL_WINDOW_MS)
)
"""Buckets that change a policy's windows by less than a second."""


def _policy(floor_s: float, margin_s: float) -> WindowPolicy:
    return replace(_FINE, floor_ms=round(floor_s * 1000), margin_ms=round(margin_s * 1000))


POLICIES: Final[dict[str, WindowPolicy]] = {
    "30 s": _policy(30, 2),
    "max(15, d + 2)": _policy(15, 2),
    "max(10, d + 2)": _policy(10, 2),
    "max(8, d + 2)": _policy(8, 2),
    "max(6, d + 2)": _policy(6, 2),
    "max(5, d + 1.5)": _policy(5, 1.5),
    "the line's": WindowPolicy(),
}


@dataclass(frozen=True)
class Heard:
    """One decoding: what was said, what came, and the CPU time of the process that it took."""

    clip: Clip
    transcript: Transcript
    cpu_ms: float


def groups(folder: Path | None, *, languages: Sequence[str], count: int) -> dict[str, list[Clip]]:
    """Clips by language and kind; sets that are not there are left out."""
    if folder is None:
        return {"en, spoken by a voice": spoken(count=count)}
    kinds = {"sentences": True, "words": False}
    found = {
        f"{language} {kind}": recorded(folder, language=language, count=count, sentences=wanted)
        for language in languages
        for kind, wanted in kinds.items()
    }
    return {name: clips for name, clips in found.items() if clips}


def measure(whispers: dict[str, Whisper], clips: Sequence[Clip]) -> dict[str, list[Heard]]:
    """Every clip under every policy."""
    heard: dict[str, list[Heard]] = {name: [] for name in whispers}
    for clip in clips:
        for name, whisper in whispers.items():
            decode = partial(whisper.transcribe, clip.samples, language=clip.language)
            transcript, cpu_ms = cpu_ms_of(decode)
            heard[name].append(Heard(clip, transcript, cpu_ms))
    return heard


def row(name: str, policy: str, heard: Sequence[Heard]) -> tuple[str, ...]:
    """A line of the table."""
    language = heard[0].clip.language
    pairs = [(one.clip.said, one.transcript.text) for one in heard]
    return (
        f"{name} ({len(heard)})",
        policy,
        f"{word_error_rate(pairs, language=language):.3f}",
        f"{statistics.median(one.cpu_ms for one in heard):.0f}",
        f"{statistics.mean(one.cpu_ms for one in heard):.0f}",
        str(sum(one.transcript.retries for one in heard)),
        str(sum(not one.transcript.text for one in heard)),
    )


COLUMNS: Final = ("clips", "window", "WER (CER in zh)", "median CPU ms", "mean CPU ms", "retries", "no words")


def show(rows: Sequence[tuple[str, ...]], *, columns: Sequence[str], title: str, markdown: bool) -> None:
    """Print a table, for the terminal or as Markdown."""
    if markdown:
        lines = [columns, ["---"] * len(columns), *rows]
        print("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
        return
    table = Table(title=title)
    for n, column in enumerate(columns):
        table.add_column(column, justify="left" if n < 2 else "right")
    for cells in rows:
        table.add_row(*cells)
    Console(width=120).print(table)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--languages", nargs="+", default=["en", "el", "tr", "zh"])
    parser.add_argument("--clips", type=int, default=24, help="of each language and kind")
    parser.add_argument("--model", default="base")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--policies", nargs="+", choices=list(POLICIES), default=list(POLICIES))
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    folder = fetch_model(asked.model, cache=home / "models", report=print)
    loaded = Whisper.load(folder, threads=asked.threads)
    whispers = {name: loaded.with_policy(POLICIES[name]) for name in asked.policies}
    rows = []
    for name, clips in groups(asked.speech, languages=asked.languages, count=asked.clips).items():
        measured = measure(whispers, clips)
        rows += [row(name, policy, heard) for policy, heard in measured.items()]
    title = f"Whisper {asked.model} int8, {asked.threads} thread(s), {os.cpu_count()} cores"
    show(rows, columns=COLUMNS, title=title, markdown=asked.markdown)


if __name__ == "__main__":
    main()
