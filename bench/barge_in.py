"""How soon the line falls silent when it is spoken over, and how often for nothing.

python -m bench.barge_in [--speech FOLDER] [--clips FOLDER] [--each N] [--times-ms SHORT LONG]

Callers speak over a line: the Piper voice `joe` says what is in `barge_in.yaml`; FOLDER of --speech holds recorded
speech and noises with a manifest.tsv; FOLDER of --clips holds clips of other voices in `stop` and `keep`. Every clip
goes through the real mu-law, upsampler, Silero and Whisper; the clock is the audio's, and a decoding takes as long
as it took on this machine, or as --times-ms says. Delays are counted from the first loud sound of the caller to the
`clear`; the way to the caller's telephone comes on top.
"""

import argparse
import hashlib
import os
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from rich.console import Console
from rich.table import Table

from audio.activity import CHUNK_SAMPLES, Activity, ActivityModel
from audio.barge_in import (
    HOLD_AFTER_MS,
    BargeIn,
    HoldWanted,
    PartialWanted,
    Release,
    Said,
    Sign,
    StopWanted,
    said_in,
)
from audio.endpointing import CHUNK_MS, ENTER, PRE_ROLL_MS, Endpointing, Onset, Pause, Resumed
from audio.models import fetch_model
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.resample import Upsampler
from audio.signal import EAR_HZ, Samples8k, Samples16k
from audio.whisper import GLANCE_MS, Whisper
from audio.windows import WindowPolicy
from bench.barge_in_material import Clip, Kind, recorded, rendered, spoken
from flows.meaning import understand

LONG_WINDOW_MS: Final = 8_000
QUIET_BEFORE_MS: Final = 1_000
QUIET_AFTER_MS: Final = 2_000
_FRAME_MS: Final = 20


class Policy(Protocol):
    """A way to decide; `audio.barge_in.BargeIn` is one."""

    def feed(self, probability: float, *, start_ms: int) -> list[Sign]:
        """Take 32 ms."""

    def answered(self, said: Said, *, final: bool = False) -> list[Sign]:
        """Take what was decoded."""


class OnWords:
    """Stop the line at the first decoding that holds words; ask after `first_ms` of speech, then every `every_ms`."""

    def __init__(self, first_ms: int, every_ms: int) -> None:
        self._due_ms, self._every_ms = first_ms, every_ms
        self._now_ms = self._speech_ms = self._since_ms = 0
        self._asked = self._stopped = False

    def feed(self, probability: float, *, start_ms: int) -> list[Sign]:
        """See Policy."""
        self._now_ms = start_ms + CHUNK_MS
        if self._speech_ms == 0:
            self._since_ms = start_ms
        self._speech_ms += CHUNK_MS if probability >= ENTER else 0
        if self._stopped or self._asked or self._speech_ms < self._due_ms:
            return []
        self._asked, self._due_ms = True, self._speech_ms + self._every_ms
        return [PartialWanted(self._now_ms, self._since_ms)]

    def answered(self, said: Said, *, final: bool = False) -> list[Sign]:
        """See Policy."""
        self._asked = self._asked and final
        if self._stopped or said not in (Said.WORD, Said.WORDS):
            return []
        self._stopped = True
        return [StopWanted(self._now_ms)]


class OnSound:
    """Stop the line after so much speech, whatever it is."""

    def __init__(self, after_ms: int) -> None:
        self._left_ms = after_ms

    def feed(self, probability: float, *, start_ms: int) -> list[Sign]:
        """See Policy."""
        before_ms = self._left_ms
        self._left_ms -= CHUNK_MS if probability >= ENTER else 0
        return [StopWanted(start_ms + CHUNK_MS)] if before_ms > 0 >= self._left_ms else []

    def answered(self, said: Said, *, final: bool = False) -> list[Sign]:  # noqa: ARG002 - as Policy has it
        """See Policy."""
        return []


@dataclass(frozen=True)
class Heard:
    """A clip as the ear has it: when each chunk was there, in ms from the first loud sound, and its probability."""

    clip: Clip
    samples: Samples16k
    probabilities: list[float]
    there_ms: list[int]


@dataclass
class Result:
    """What a policy did about one clip. Times in ms from the first loud sound, None for never."""

    silent_ms: float | None = None
    stopped_ms: float | None = None
    gaps_ms: list[float] = field(default_factory=list)
    text: str = ""
    cpu_ms: float = 0.0


class Words:
    """The recogniser: the words of a pause as the ear has them decoded, and glances, asked once for each audio."""

    def __init__(self, folder: Path, *, times_ms: tuple[float, float] | None = None) -> None:
        self._whisper = Whisper.load(folder, threads=1)
        self._long = self._whisper.with_policy(WindowPolicy(floor_ms=LONG_WINDOW_MS))
        self._times_ms = times_ms
        self._known: dict[tuple[str, int], tuple[str, float]] = {}
        self.took_ms: dict[int, list[float]] = {}

    def of(self, samples: Samples16k, *, window_ms: int) -> tuple[str, float]:
        """The words, and how long they took in ms: a glance in GLANCE_MS, all words in another window.

        A window of 0 means: as the ear has the words of a pause.
        """
        key = hashlib.sha256(samples.tobytes()).hexdigest(), window_ms
        if key not in self._known:
            began_s = time.perf_counter()
            text = self._decode(samples, window_ms)
            took_ms = (time.perf_counter() - began_s) * 1000
            self.took_ms.setdefault(window_ms, []).append(took_ms)
            if self._times_ms is not None:
                took_ms = self._times_ms[window_ms != GLANCE_MS]
            self._known[key] = text, took_ms
        return self._known[key]

    def _decode(self, samples: Samples16k, window_ms: int) -> str:
        if window_ms == GLANCE_MS:
            return self._whisper.glance(samples).text
        return (self._long if window_ms else self._whisper).transcribe(samples).text


def hear(clip: Clip, model: ActivityModel, *, seed: int) -> Heard:
    """Send a clip over a quiet telephone line (-66 dB of hiss) and through the ear's own parts."""
    quiet = [np.zeros(ms * 8, dtype=np.float32) for ms in (QUIET_BEFORE_MS, QUIET_AFTER_MS)]
    signal = np.concatenate((quiet[0], clip.samples, quiet[1]))
    signal += np.random.default_rng(seed).standard_normal(len(signal)).astype(np.float32) * np.float32(5e-4)
    line = decode_mulaw(encode_mulaw(Samples8k(signal)))
    upsampler, activity = Upsampler(), Activity(model)
    pieces: list[Samples16k] = []
    probabilities: list[float] = []
    there_ms: list[int] = []
    for begin in range(0, len(line), _FRAME_MS * 8):
        pieces.append(upsampler.feed(Samples8k(line[begin : begin + _FRAME_MS * 8])))
        fresh = activity.feed(pieces[-1])
        probabilities += fresh
        there_ms += [begin // 8 + _FRAME_MS - QUIET_BEFORE_MS - clip.onset_ms] * len(fresh)
    return Heard(clip, Samples16k(np.concatenate(pieces)), probabilities, there_ms)


def run(heard: Heard, policy: Policy, words: Words, *, window_ms: int) -> Result:
    """What `policy` does about a clip, with its partials decoded in `window_ms`, the words of a pause in 8 s."""
    result, endpointing = Result(), Endpointing()
    answers: list[tuple[float, str, bool]] = []
    turn_from = 0
    for n, (probability, now_ms) in enumerate(zip(heard.probabilities, heard.there_ms, strict=True)):
        for answer in sorted(answer for answer in answers if answer[0] <= now_ms):
            answers.remove(answer)
            _answer(policy, answer, result)
        signs = endpointing.feed(probability, start_ms=n * CHUNK_MS)
        for sign in signs:
            if isinstance(sign, Onset):
                turn_from = sign.start_ms
            elif isinstance(sign, Resumed):
                answers = [answer for answer in answers if not answer[2]]
        wanted = [(0, turn_from, True)] if any(isinstance(sign, Pause) for sign in signs) else []
        done = policy.feed(probability, start_ms=n * CHUNK_MS)
        _note(done, now_ms, result)
        asked = [sign for sign in done if isinstance(sign, PartialWanted)]
        wanted += [(window_ms, max(0, sign.since_ms - PRE_ROLL_MS), False) for sign in asked]
        for window, begin_ms, final in wanted:
            samples = heard.samples[begin_ms * EAR_HZ // 1000 : (n + 1) * CHUNK_SAMPLES]
            text, took_ms = words.of(Samples16k(samples), window_ms=window)
            result.cpu_ms += 0 if final else took_ms  # that of a pause is decoded anyway
            answers.append((now_ms + took_ms, text, final))
    for answer in sorted(answers):
        _answer(policy, answer, result)
    return result


def _answer(policy: Policy, answer: tuple[float, str, bool], result: Result) -> None:
    at_ms, text, final = answer
    signs = policy.answered(said_in(text, listening=understand(text).backchannel), final=final)
    _note(signs, at_ms, result)
    if result.stopped_ms is None or any(isinstance(sign, StopWanted) for sign in signs):
        result.text = text


def _note(signs: Iterable[Sign], at_ms: float, result: Result) -> None:
    """Write down what is done at a time that may lie after the sign's own, when words took their time."""
    for sign in signs:
        match sign:
            case HoldWanted():
                result.gaps_ms.append(at_ms)  # replaced by its length when it is over
                result.silent_ms = at_ms if result.silent_ms is None else result.silent_ms
            case Release():
                result.gaps_ms[-1] = at_ms - result.gaps_ms[-1]
            case StopWanted():
                result.stopped_ms = at_ms
                result.silent_ms = at_ms if result.silent_ms is None else result.silent_ms


def figures(results: list[tuple[Clip, Result]]) -> list[str]:
    """One row of the table: silence within 300 and 500 ms, delays, false stops and holds, gaps and cost."""
    words = [result for clip, result in results if clip.kind is Kind.WORDS]
    delays = sorted(result.silent_ms for result in words if result.silent_ms is not None)
    row = [_share(delays, len(words), within_ms=limit) for limit in (300, 500)]
    row += [f"{_rank(delays, 0.5):.0f} / {_rank(delays, 0.9):.0f}"]
    row += [_percent(sum(result.stopped_ms is None for result in words), len(words))]
    for kind in (Kind.BACKCHANNEL, Kind.NOISE):
        false = [result for clip, result in results if clip.kind is kind]
        row += [_percent(sum(result.stopped_ms is not None for result in false), len(false))]
        row += [
            _percent(
                sum(result.silent_ms is not None and result.stopped_ms is None for result in false),
                len(false),
            )
        ]
    gaps = sorted(
        sum(result.gaps_ms)
        for clip, result in results
        if clip.kind is not Kind.WORDS and result.gaps_ms and result.stopped_ms is None
    )
    row += [f"{_rank(gaps, 0.5):.0f} / {_rank(gaps, 0.9):.0f}" if gaps else "-"]
    cost = [result.cpu_ms for _, result in results if result.cpu_ms]
    return [*row, f"{statistics.mean(cost):.0f}" if cost else "0"]


def _share(delays: list[float], total: int, *, within_ms: int) -> str:
    return _percent(sum(delay <= within_ms for delay in delays), total)


def _percent(count: int, total: int) -> str:
    return f"{100 * count / total:.0f} %" if total else "-"


def _rank(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile; 0 of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


POLICIES: Final[tuple[tuple[str, int, Callable[[], Policy]], ...]] = (
    ("words: 400 ms of speech, then every 600, 8 s", LONG_WINDOW_MS, lambda: OnWords(400, 600)),
    ("words: 350, then every 160, 3 s", GLANCE_MS, lambda: OnWords(350, 160)),
    ("words: 280, then every 160, 3 s", GLANCE_MS, lambda: OnWords(280, 160)),
    ("words: 220, then every 160, 3 s", GLANCE_MS, lambda: OnWords(220, 160)),
    ("sound alone: 224", GLANCE_MS, lambda: OnSound(HOLD_AFTER_MS)),
    ("two stages: hold at 160", GLANCE_MS, lambda: BargeIn(hold_after_ms=160)),
    ("two stages: hold at 224", GLANCE_MS, BargeIn),
)
"""What is compared: a name, the window of its partials, and a fresh policy for each clip."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--clips", type=Path, help="a folder with stop/*.flac and keep/*.flac")
    parser.add_argument("--each", type=int, default=20, help="clips of every set of speech (default 20)")
    parser.add_argument("--times-ms", type=float, nargs=2, metavar=("SHORT", "LONG"), help="of one decoding")
    parser.add_argument("--policies", type=int, nargs="*", help="their numbers, from 0")
    parser.add_argument("--verbose", action="store_true", help="print every clip of the last policy")
    asked = parser.parse_args()
    folder = fetch_model("auto", cache=Path(os.environ.get("CALMLINE_HOME", "var")) / "models", report=print)
    clips = spoken() + (recorded(asked.speech, each=asked.each) if asked.speech else [])
    clips += rendered(asked.clips) if asked.clips else []
    model, words = ActivityModel(), Words(folder, times_ms=asked.times_ms)
    heard = [hear(clip, model, seed=n) for n, clip in enumerate(clips)]
    chosen = [POLICIES[n] for n in asked.policies] if asked.policies else POLICIES
    table = Table(title=f"{len(clips)} clips, Whisper base int8, one thread")
    for column in (
        *(
            "policy",
            "silent <= 300",
            "<= 500 ms",
            "p50 / p90 ms",
            "not stopped",
            "backchannel: stopped",
            "held",
        ),
        *("noise: stopped", "held", "gap p50 / p90 ms", "CPU ms an event"),
    ):
        table.add_column(column)
    for name, window_ms, make in chosen:
        results = [(item.clip, run(item, make(), words, window_ms=window_ms)) for item in heard]
        table.add_row(name, *figures(results))
    Console(width=200).print(table)
    for window_ms, took_ms in words.took_ms.items():
        if took_ms:
            print(
                f"window of {window_ms} ms: {statistics.median(took_ms):.0f} ms a decoding, {len(took_ms)} of them"
            )
    if asked.verbose:
        for clip, result in results:
            print(clip.kind, clip.source, clip.name[:30], result, sep="\t")


if __name__ == "__main__":
    main()
