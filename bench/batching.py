"""Whether decoding several utterances at once pays on a CPU, against one at a time on several workers.

python -m bench.batching [--waiting 1 2 4 8] [--rounds 5] [--markdown]

So many utterances of 3 s arrive at once, each in a window of 8 s. Three ways to serve them: all in one batch on
two threads; one after the other on two threads; one after the other on two workers of one thread each. The
tokens are counted out, so that every way does the same work.
"""

import argparse
import os
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from audio.models import fetch_model
from audio.signal import EAR_HZ
from bench.clips import spoken
from bench.cost import cost_of
from bench.windows import show

SPEECH_S: Final = 3
WINDOW_S: Final = 8
MAX_TOKENS: Final = 24
CORES: Final = 2

Features = NDArray[np.float32]


@dataclass(frozen=True)
class Served:
    """One round: the CPU time of the process in ms, and how long each utterance waited for its words."""

    cpu_ms: float
    waited_ms: tuple[float, ...]


class Model:
    """Whisper without the parts that do not matter here."""

    def __init__(self, folder: Path, *, threads: int, workers: int) -> None:
        self._model = ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=workers
        )
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        names = ("startoftranscript", "en", "transcribe")
        self._prompt = [tokenizer.token_to_id(f"<|{name}|>") for name in names]
        self.workers = workers

    def decode(self, features: Sequence[Features]) -> None:
        """Encode and decode a batch."""
        encoded = self._model.encode(ctranslate2.StorageView.from_array(np.stack(features)))
        self._model.generate(encoded, [self._prompt] * len(features), beam_size=1, max_length=2 * MAX_TOKENS)


def utterances(count: int) -> list[Features]:
    """The log-mels of sentences by a voice, each cut to 3 s and followed by silence."""
    log_mel = FeatureExtractor()
    made = []
    for clip in spoken(count=min(count, 16)):
        samples = clip.samples[: SPEECH_S * EAR_HZ]
        window = np.pad(samples, (0, WINDOW_S * EAR_HZ - len(samples)))
        made.append(np.ascontiguousarray(log_mel(window, padding=0), dtype=np.float32))
    return [made[n % len(made)] for n in range(count)]


def in_one_batch(model: Model, waiting: Sequence[Features]) -> Served:
    """All at once: everybody waits for all."""
    _, cpu_ms, wall_ms = cost_of(partial(model.decode, waiting))
    return Served(cpu_ms, (wall_ms,) * len(waiting))


def one_by_one(model: Model, waiting: Sequence[Features]) -> Served:
    """Each alone, as many at a time as there are workers, in the order of arrival."""

    def serve() -> list[float]:
        began_s = time.perf_counter()

        def answer(features: Features) -> float:
            model.decode([features])
            return (time.perf_counter() - began_s) * 1000

        with ThreadPoolExecutor(model.workers) as pool:
            return list(pool.map(answer, waiting))

    waited_ms, cpu_ms, _ = cost_of(serve)
    return Served(cpu_ms, tuple(waited_ms))


COLUMNS: Final = ("waiting", "served", "CPU ms each", "mean wait ms", "last wait ms")


def row(count: int, name: str, rounds: Sequence[Served]) -> tuple[str, ...]:
    """A line of the table: medians over the rounds."""
    return (
        str(count),
        name,
        f"{statistics.median(served.cpu_ms for served in rounds) / count:.0f}",
        f"{statistics.median(statistics.mean(served.waited_ms) for served in rounds):.0f}",
        f"{statistics.median(max(served.waited_ms) for served in rounds):.0f}",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    folder = fetch_model("base", cache=home / "models", report=print)
    wide = Model(folder, threads=CORES, workers=1)
    narrow = Model(folder, threads=1, workers=CORES)
    ways = {
        "one batch, 2 threads": partial(in_one_batch, wide),
        "one by one, 2 threads": partial(one_by_one, wide),
        "one by one, 2 workers of 1 thread": partial(one_by_one, narrow),
    }
    rows = []
    for count in asked.waiting:
        waiting = utterances(count)
        rounds: dict[str, list[Served]] = {name: [] for name in ways}
        for n in range(asked.rounds + 1):
            for name, serve in ways.items():
                served = serve(waiting)
                if n:  # the first round lays out memory
                    rounds[name].append(served)
        rows += [row(count, name, served) for name, served in rounds.items()]
    title = f"utterances of {SPEECH_S} s in a window of {WINDOW_S} s, {os.cpu_count()} cores"
    show(rows, columns=COLUMNS, title=title, markdown=asked.markdown)


if __name__ == "__main__":
    main()
