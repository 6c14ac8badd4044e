"""Answer times, CPU and memory, measured from outside: `python -m bench.calls [--calls 1 8] [--runs 3] [--json FILE]`.

The server is a process of its own (`calmline serve`). This process is the callers: a simulated telephone that
dials over HTTP, talks over the media WebSocket and measures on the two tracks of what was really played. Every
figure is explained in bench/README.md.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]  # it ships no types
import requests
import uvloop
import yaml
from rich.console import Console

from audio.signal import MULAW_BYTES_PER_MS
from audio.voice.cache import VoiceCache
from audio.voice.piper import PiperVoice
from bench.figures import Run, compare, table
from bench.heard import gaps_ms, replies_on
from bench.serving import MB, cpu_s, home_with, machine, machine_cpu_s, serving
from bot.errors import PhoneFailed
from bot.line_config import load_line_config
from bot.simulator.caller import PlayedCaller, Turn
from bot.simulator.phone import Phone, PhoneResult, StreamRecord
from bot.warming import warm_voice
from flows.phrases import phrases, split_sentences

CALLERS: Final = Path(__file__).with_name("callers.yaml")
STAGGER_S: Final = 1.3
"""Each caller dials so long after the one before."""

SAMPLE_S: Final = 0.25
"""The server's memory is read so often while calls are on."""

SETTLE_S: Final = 1.0
"""What a call leaves to do when it is over, such as closing its recording, belongs to it."""

IDLE_S: Final = 2.0
"""After that the server is watched for so long: nobody is calling, and it should use no CPU."""


@dataclass(frozen=True)
class Script:
    """One caller: what is said, as telephone audio, and how long the caller listens before answering."""

    turns: tuple[Turn, ...]
    wait_ms: int


def scripts(cache: Path, people: Path = CALLERS) -> list[Script]:
    """The callers of a file, their speech rendered by Piper or taken from `cache`."""
    made = []
    for entry in yaml.safe_load(people.read_text(encoding="utf-8")):
        voice = VoiceCache(PiperVoice(pitch=entry["pitch"], length_scale=entry["pace"]), cache)
        made.append(Script(tuple(Turn(voice.render(text)) for text in entry["says"]), entry["wait_ms"]))
    return made


def holding_sentences(cache: Path) -> list[bytes]:
    """What the line says while the answer is not ready, as it is sent."""
    config = load_line_config(None)
    voice = warm_voice(config, cache, report=lambda step: print(step, file=sys.stderr))
    wordings = phrases(config.language)["bridge.moment"].variants
    return [voice.render(sentence) for wording in wordings for sentence in split_sentences(wording)]


async def call_all(url: str, callers: Sequence[PlayedCaller]) -> list[PhoneResult | PhoneFailed]:
    """All calls at once, one after the other begun."""
    phone = Phone(url)

    async def one(number: int, caller: PlayedCaller) -> PhoneResult | PhoneFailed:
        await asyncio.sleep(number * STAGGER_S)
        try:
            return await phone.call(caller)
        except PhoneFailed as error:
            return error

    return await asyncio.gather(*(one(number, caller) for number, caller in enumerate(callers)))


async def with_peak(
    server: psutil.Process, url: str, callers: Sequence[PlayedCaller]
) -> tuple[list[PhoneResult | PhoneFailed], float]:
    """What became of the calls, and the most memory that the server held meanwhile, in MB."""
    peak_mb = 0.0
    calls = asyncio.create_task(call_all(url, callers))
    while not calls.done():
        peak_mb = max(peak_mb, server.memory_info().rss / MB)
        await asyncio.wait({calls}, timeout=SAMPLE_S)
    return await calls, peak_mb


def loop_delay_p99_ms(metrics: str) -> float:
    """The bound that 99 of 100 delays of the server's event loop did not exceed, from its own histogram."""
    found = re.findall(r'^calmline_event_loop_delay_ms_bucket\{le="([^"]+)"\} (\S+)$', metrics, re.MULTILINE)
    counts = [(float(bound), float(count)) for bound, count in found]
    return next((bound for bound, count in counts if count >= 0.99 * counts[-1][1]), float("nan"))


def share_of_time(streams: Sequence[StreamRecord]) -> float:
    """The part of the streams' time that the callers were in a turn."""
    turns_ms = sum(turn.stops_ms - turn.starts_ms for stream in streams for turn in stream.turns)
    return turns_ms / max(1, sum(stream.closed_at_ms for stream in streams))


def measure(
    callers: Sequence[PlayedCaller], *, caches: Path, bytecode: Path, holding: Sequence[bytes]
) -> Run:
    """Start a server, make the calls, and read every figure."""
    load_before, count = os.getloadavg()[0], len(callers)
    myself = psutil.Process()
    with (
        home_with(caches) as home,
        serving(home, bytecode=bytecode, max_calls=count) as (server, url, ready_s),
    ):
        time.sleep(SETTLE_S)
        rest_mb = server.memory_info().rss / MB
        before = (cpu_s(server), cpu_s(myself), machine_cpu_s(), time.perf_counter())
        ended, peak_mb = uvloop.run(with_peak(server, url, callers))
        loop_delay_ms = loop_delay_p99_ms(requests.get(f"{url}/metrics", timeout=10).text)
        time.sleep(SETTLE_S)
        after = (cpu_s(server), cpu_s(myself), machine_cpu_s(), time.perf_counter())
        time.sleep(IDLE_S)
        idle_cores = (cpu_s(server) - after[0]) / IDLE_S
    server_s, mine_s, machine_s, elapsed_s = (b - a for a, b in zip(before, after, strict=True))
    made = [result for result in ended if isinstance(result, PhoneResult)]
    streams = [stream for result in made for stream in result.streams]
    replies = [reply for stream in streams for reply in replies_on(stream, holding)]
    return Run(
        calls=count,
        ready_s=ready_s,
        setup_ms=[result.setup_ms for result in made if result.setup_ms is not None],
        greeting_ms=[stream.greeting_ms for stream in streams if stream.greeting_ms is not None],
        waits_ms=[reply.wait_ms for reply in replies if reply.wait_ms is not None],
        answers_ms=[reply.answer_ms for reply in replies if reply.answer_ms is not None],
        held=sum(reply.wait_ms is not None and reply.wait_ms != reply.answer_ms for reply in replies),
        unanswered=sum(reply.answer_ms is None for reply in replies),
        unsaid=sum(caller.turns_left for caller in callers),
        talked_over=sum(turn.line_was_talking for stream in streams for turn in stream.turns),
        gaps=sum(len(gaps_ms(stream.heard_by_caller)) for stream in streams),
        speaking_share=share_of_time(streams),
        loop_delay_ms=loop_delay_ms,
        cut_off_ms=sum(stream.truncated_bytes for stream in streams) // MULAW_BYTES_PER_MS,
        violations=sum(len(stream.violations) for stream in streams),
        failed=[str(result) for result in ended if isinstance(result, PhoneFailed)],
        call_minutes=sum(stream.closed_at_ms for stream in streams) / 60_000,
        server_cpu_s=server_s,
        callers_cpu_s=mine_s,
        others_cores=max(0.0, machine_s - server_s - mine_s) / elapsed_s,
        idle_cores=idle_cores,
        rest_mb=rest_mb,
        peak_mb=peak_mb,
        late_ms=max((stream.late_ms for stream in streams), default=0),
        load_before=load_before,
    )


def main() -> None:
    """Read the arguments, measure, and print the table."""
    parser = argparse.ArgumentParser(description="Answer times, CPU and memory; see bench/README.md.")
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 8], help="how many calls at once")
    parser.add_argument("--runs", type=int, default=3, help="rounds; each starts a server for every --calls")
    parser.add_argument(
        "--people", type=Path, default=CALLERS, help="who calls (default: bench/callers.yaml)"
    )
    parser.add_argument("--json", type=Path, help="also write every run into this file")
    asked = parser.parse_args()
    if asked.runs < 1 or min(asked.calls) < 1:
        parser.error("--runs and --calls are 1 or more")
    caches = Path(os.environ.get("CALMLINE_HOME", "var"))
    people, holding, where = (
        scripts(caches / "callers", asked.people),
        holding_sentences(caches / "voice"),
        machine(),
    )
    by_calls: dict[int, list[Run]] = {calls: [] for calls in sorted(set(asked.calls))}
    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        bytecode = Path(folder)
        print("one start that is not measured fills the caches", file=sys.stderr)
        with home_with(caches) as home, serving(home, bytecode=bytecode, max_calls=1):
            pass
        for turn in range(asked.runs):
            for calls, runs in by_calls.items():
                print(f"round {turn + 1} of {asked.runs}: calls {calls}", file=sys.stderr)
                chosen = [people[(turn + number) % len(people)] for number in range(calls)]
                callers = [PlayedCaller(person.turns, wait_ms=person.wait_ms) for person in chosen]
                runs.append(measure(callers, caches=caches, bytecode=bytecode, holding=holding))
    groups = list(by_calls.values())
    report(where, by_calls, compare(groups[0], groups[-1]) if len(groups) > 1 else {}, asked.json)


def report(
    where: dict[str, Any], by_calls: dict[int, list[Run]], compared: dict[str, float], file: Path | None
) -> None:
    """Print the figures, and write all runs into `file`."""
    print(", ".join(f"{name} {value}" for name, value in where.items()))
    Console(width=110, highlight=False).print(table(by_calls))
    for name, value in compared.items():
        print(f"{min(by_calls)} to {max(by_calls)} calls: {name} {value:.2f}")
    for failure in {failure for runs in by_calls.values() for run in runs for failure in run.failed}:
        print(f"failed: {failure}")
    if file is not None:
        runs = [asdict(run) for runs in by_calls.values() for run in runs]
        file.write_text(json.dumps({"machine": where, "compared": compared, "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
