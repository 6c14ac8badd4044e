"""Calmline beside Pipecat: `python -m bench.peers [--calls 1 2 4 8] [--runs 3] [--venv FOLDER] [--json FILE]`.

Both are servers in processes of their own; this process is the callers of both. They dial over HTTP, talk over the
media WebSocket and measure on what was really played. Every figure is explained in bench/README.md.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # it ships no types
from rich.console import Console

from audio.models import fetch_model
from bench.calls import SETTLE_S, with_peak
from bench.heard import gaps_ms
from bench.peers.callers import LeavingCaller, Script, read_scripts
from bench.peers.environment import locked_version, peer_python
from bench.peers.figures import Run, failures, table
from bench.peers.heard import heard_turns
from bench.peers.sides import VOICE, Side, calmline, pipecat, running
from bench.serving import MB, cpu_s, home_with, machine, machine_cpu_s
from bot.line_config import LineConfig
from bot.simulator.phone import PhoneResult
from bot.warming import warm_voice
from calmline import __version__
from flows.phrases import phrases, split_sentences

SIDES: Final = ("Calmline", "Pipecat")
WIDTH: Final = 120

MakeSide = Callable[[Path, int], Side]
"""A side for a home folder and so many calls."""


def tell(step: str) -> None:
    """Say on the terminal what is going on."""
    print(step, file=sys.stderr)


def holding_sentences(cache: Path) -> list[bytes]:
    """What Calmline says while an answer is not ready, as it is sent; all fixed sentences are rendered with it."""
    config = LineConfig(voice=VOICE)
    voice = warm_voice(config, cache, report=tell)
    wordings = phrases(config.language)["bridge.moment"].variants
    return [voice.render(sentence) for wording in wordings for sentence in split_sentences(wording)]


def measure(
    make: MakeSide,
    scripts: Sequence[Script],
    *,
    turn: int,
    caches: Path,
    bytecode: Path,
    holding: Sequence[bytes],
) -> Run:
    """Start a server, let the callers of `scripts` call it at once, and read every figure."""
    count, myself = len(scripts), psutil.Process()
    callers = [LeavingCaller(script) for script in scripts]
    with home_with(caches) as home:
        side = make(home, count)
        with running(side, home=home, bytecode=bytecode) as (server, url, ready_s):
            time.sleep(SETTLE_S)
            rest_mb = server.memory_info().rss / MB
            before = (cpu_s(server), cpu_s(myself), machine_cpu_s(), time.perf_counter())
            ended, peak_mb = asyncio.run(with_peak(server, url, callers))
            time.sleep(SETTLE_S)
            after = (cpu_s(server), cpu_s(myself), machine_cpu_s(), time.perf_counter())
    server_s, mine_s, machine_s, elapsed_s = (b - a for a, b in zip(before, after, strict=True))
    made = [
        (result, script)
        for result, script in zip(ended, scripts, strict=True)
        if isinstance(result, PhoneResult)
    ]
    streams = [stream for result, _ in made for stream in result.streams]
    return Run(
        side=side.name,
        calls=count,
        round=turn,
        ready_s=ready_s,
        setup_ms=[result.setup_ms for result, _ in made if result.setup_ms is not None],
        greeting_ms=[stream.greeting_ms for stream in streams if stream.greeting_ms is not None],
        turns=[
            heard
            for result, script in made
            for heard in heard_turns(result.streams, script.hesitates, holding=holding)
        ],
        unsaid=sum(caller.turns_left for caller in callers),
        gaps_ms=[gap for stream in streams for gap in gaps_ms(stream.heard_by_caller)],
        violations=sum(len(stream.violations) for stream in streams),
        failed=[str(result) for result in ended if not isinstance(result, PhoneResult)],
        call_minutes=sum(stream.closed_at_ms for stream in streams) / 60_000,
        cpu_s=server_s,
        rest_mb=rest_mb,
        peak_mb=peak_mb,
        late_ms=max((stream.late_ms for stream in streams), default=0),
        others_cores=max(0.0, machine_s - server_s - mine_s) / elapsed_s,
    )


def compare(counts: Sequence[int], rounds: int, *, caches: Path, python: Path) -> list[Run]:
    """All runs. Within a round the sides take turns, and who is first changes with every run."""
    model = fetch_model("base", cache=caches / "models", report=tell)
    scripts, holding = read_scripts(caches / "callers"), holding_sentences(caches / "voice")
    makers: list[MakeSide] = [
        lambda home, calls: calmline(home, max_calls=calls),
        lambda _home, _calls: pipecat(python, model=model),
    ]
    runs: list[Run] = []
    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        bytecode = Path(folder)
        tell("one start of each that is not measured fills the caches")
        for make in makers:
            with home_with(caches) as home, running(make(home, 1), home=home, bytecode=bytecode):
                pass
        for turn in range(rounds):
            for calls in counts:
                chosen = [scripts[(turn + number) % len(scripts)] for number in range(calls)]
                for make in makers:
                    run = measure(make, chosen, turn=turn, caches=caches, bytecode=bytecode, holding=holding)
                    tell(f"round {turn + 1} of {rounds}: calls {calls}: {run.side} is measured")
                    runs.append(run)
                makers.reverse()
    return runs


def main() -> None:
    """Read the arguments, measure, and print the table."""
    parser = argparse.ArgumentParser(description="Calmline beside Pipecat; see bench/README.md.")
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 2, 4, 8], help="how many calls at once")
    parser.add_argument(
        "--runs", type=int, default=3, help="rounds; each starts a server a side for every --calls"
    )
    parser.add_argument(
        "--venv", type=Path, help="the peer's virtual environment (CALMLINE_HOME/peers/pipecat)"
    )
    parser.add_argument("--json", type=Path, help="also write every run into this file")
    asked = parser.parse_args()
    if asked.runs < 1 or min(asked.calls) < 1:
        parser.error("--runs and --calls are 1 or more")
    caches, where = Path(os.environ.get("CALMLINE_HOME", "var")), machine()
    where |= {"calmline": __version__, "pipecat": locked_version("pipecat-ai")}
    python = peer_python((asked.venv or caches / "peers" / "pipecat").absolute(), report=tell)
    runs = compare(sorted(set(asked.calls)), asked.runs, caches=caches, python=python)
    print(", ".join(f"{name} {value}" for name, value in where.items()))
    Console(width=WIDTH, highlight=False).print(table(runs, SIDES))
    for failure, calls in failures(runs).items():
        print(f"failed: {failure} ({calls} calls)")
    if asked.json is not None:
        written = {"machine": where, "runs": [asdict(run) for run in runs]}
        asked.json.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
