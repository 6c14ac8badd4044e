"""Answer times, CPU and memory, measured from outside: `python -m bench.calls [--calls 1 8] [--runs 3] [--json FILE]`.

The server is a process of its own (`calmline serve`). This process is the callers: a simulated telephone that
dials over HTTP, talks over the media WebSocket and measures on the two tracks of what was really played. Every
figure is explained in bench/README.md.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psutil  # type: ignore[import-untyped]  # it ships no types
import yaml
from rich.console import Console

from audio.signal import MULAW_BYTES_PER_MS, MuLaw, mulaw_ms
from audio.voice.cache import VoiceCache
from audio.voice.piper import PiperVoice
from bench.figures import Run, compare, table
from bot.errors import PhoneFailed
from bot.line_config import load_line_config
from bot.settings import Settings
from bot.simulator.caller import PlayedCaller, Turn
from bot.simulator.loudness import FRAME_MS
from bot.simulator.measures import greeting_ms
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

SURELY_MS: Final = 200
"""So much of a recording must be found in what was played before it is taken for it."""

STOP_WITHIN_S: Final = 30.0
MB: Final = 1_000_000


@dataclass(frozen=True)
class Reply:
    """What followed a turn, in ms since the caller stopped; None when it did not before the caller's next turn."""

    wait_ms: int | None  # to anything that the caller heard
    answer_ms: int | None  # to more than a holding sentence


def replies_on(stream: StreamRecord, holding: Sequence[bytes]) -> list[Reply]:
    """What followed each turn of a stream. `holding` are the recordings of "one moment, please", as they are sent."""
    untils_ms = [turn.starts_ms for turn in stream.turns[1:]] + [mulaw_ms(MuLaw(stream.line_track))]
    replies = []
    for turn, until_ms in zip(stream.turns, untils_ms, strict=True):
        heard_ms = turn.hears_ms
        if heard_ms is not None:
            heard_ms = answered_at_ms(stream.line_track, heard_ms, until_ms=until_ms, holding=holding)
        replies.append(Reply(turn.wait_ms, None if heard_ms is None else heard_ms - turn.stops_ms))
    return replies


def answered_at_ms(line_track: bytes, at_ms: int, *, until_ms: int, holding: Sequence[bytes]) -> int | None:
    """The first loud frame from the loud one at `at_ms` on that is not of a holding sentence; None without one."""
    while (end_ms := _holding_until(line_track, at_ms, holding)) is not None:
        silent_ms = greeting_ms(line_track[end_ms * MULAW_BYTES_PER_MS : until_ms * MULAW_BYTES_PER_MS])
        if silent_ms is None:
            return None
        at_ms = end_ms + silent_ms
    return at_ms


def _holding_until(line_track: bytes, at_ms: int, holding: Sequence[bytes]) -> int | None:
    """The end of the frame up to which one of `holding` is played whose first loud frame is at `at_ms`, or None."""
    for sentence in holding:
        lead_ms = greeting_ms(sentence) or 0
        played = line_track[max(0, at_ms - lead_ms) * MULAW_BYTES_PER_MS :]
        pairs = enumerate(zip(played, sentence, strict=False))
        same = next((n for n, (one, other) in pairs if one != other), min(len(played), len(sentence)))
        same_ms = same // MULAW_BYTES_PER_MS
        if same_ms >= lead_ms + SURELY_MS:
            return at_ms - lead_ms + -(-same_ms // FRAME_MS) * FRAME_MS
    return None


@contextmanager
def serving(home: Path, *, bytecode: Path, max_calls: int) -> Iterator[tuple[psutil.Process, str, float]]:
    """A server with its own database in `home`: the process, its address, and the seconds it took to be ready.

    The environment's settings do not reach it, except WHISPER_MODEL. Raises SystemExit when it does not start.
    """
    settings = {name.upper() for name in Settings.model_fields} - {"WHISPER_MODEL"}
    environment = {name: value for name, value in os.environ.items() if name not in settings}
    environment |= {"PORT": "0", "CALMLINE_HOME": str(home), "MAX_CALLS": str(max_calls)}
    # Bytecode is kept for the next start whatever the environment says, as where the line is installed.
    environment |= {
        "PYTHONPYCACHEPREFIX": str(bytecode),
        "PYTHONDONTWRITEBYTECODE": "",
        "LOG_LEVEL": "WARNING",
    }
    command = [str(Path(sys.executable).with_name("calmline")), "serve"]
    log = home / "server.log"
    began_s = time.perf_counter()
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None, "its output is piped"
            said = server.stdout.readline()
            ready_s = time.perf_counter() - began_s
            if "http://" not in said:
                sys.exit(f"The server did not start: {log.read_text(errors='replace')[-2000:]}")
            yield psutil.Process(server.pid), said.split()[-1], ready_s
        finally:
            server.terminate()
            try:
                server.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                server.kill()


@contextmanager
def home_with(caches: Path) -> Iterator[Path]:
    """A new CALMLINE_HOME whose models and voice are those of `caches`."""
    with tempfile.TemporaryDirectory(prefix="calmline-bench-") as folder:
        for name in ("models", "voice"):
            (caches / name).mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).symlink_to((caches / name).resolve())
        yield Path(folder)


@dataclass(frozen=True)
class Script:
    """One caller: what is said, as telephone audio, and how long the caller listens before answering."""

    turns: tuple[Turn, ...]
    wait_ms: int


def scripts(cache: Path) -> list[Script]:
    """The callers of `callers.yaml`, their speech rendered by Piper or taken from `cache`."""
    made = []
    for entry in yaml.safe_load(CALLERS.read_text(encoding="utf-8")):
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


def cpu_s(process: psutil.Process) -> float:
    """The CPU time that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def machine_cpu_s() -> float:
    """The CPU time that this machine has used, or was kept from using by its host."""
    times = psutil.cpu_times()
    kinds = ("user", "nice", "system", "irq", "softirq", "steal")
    return sum(float(getattr(times, kind, 0.0)) for kind in kinds)


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
        ended, peak_mb = asyncio.run(with_peak(server, url, callers))
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


def machine() -> dict[str, str | int | float]:
    """What this was measured on."""
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": psutil.cpu_count() or 0,
        "memory_mb": round(psutil.virtual_memory().total / MB),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    """The processor's name; Linux keeps it in a file."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def main() -> None:
    """Read the arguments, measure, and print the table."""
    parser = argparse.ArgumentParser(description="Answer times, CPU and memory; see bench/README.md.")
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 8], help="how many calls at once")
    parser.add_argument("--runs", type=int, default=3, help="rounds; each starts a server for every --calls")
    parser.add_argument("--json", type=Path, help="also write every run into this file")
    asked = parser.parse_args()
    if asked.runs < 1 or min(asked.calls) < 1:
        parser.error("--runs and --calls are 1 or more")
    caches = Path(os.environ.get("CALMLINE_HOME", "var"))
    people, holding, where = scripts(caches / "callers"), holding_sentences(caches / "voice"), machine()
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
