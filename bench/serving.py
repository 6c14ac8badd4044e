"""A real server as a process of its own, and what the system tells about it and about the machine."""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # it ships no types

from bot.settings import Settings

STOP_WITHIN_S: Final = 30.0
MB: Final = 1_000_000


@contextmanager
def serving(home: Path, *, bytecode: Path, max_calls: int) -> Iterator[tuple[psutil.Process, str, float]]:
    """A server with its own database in `home`: the process, its address, and the seconds it took to be ready.

    The environment's settings do not reach it, except WHISPER_MODEL. Raises SystemExit when it does not start.
    """
    settings = {name.upper() for name in Settings.model_fields} - {"WHISPER_MODEL"}
    environment = {name: value for name, value in os.environ.items() if name not in settings}
    environment |= {"PORT": "0", "CALMLINE_HOME": str(home), "MAX_CALLS": str(max_calls)}
    environment["LOG_LEVEL"] = "WARNING"
    command = [str(Path(sys.executable).with_name("calmline")), "serve"]
    log = home / "server.log"
    with started(command, name="The server", environment=environment, bytecode=bytecode, log=log) as running:
        yield running


@contextmanager
def started(
    command: Sequence[str], *, name: str, environment: Mapping[str, str], bytecode: Path, log: Path
) -> Iterator[tuple[psutil.Process, str, float]]:
    """A server's process, the address that it prints, and the seconds it took to do so. Its errors go into `log`.

    Raises SystemExit when it ends without an address.
    """
    # Bytecode is kept for the next start whatever the environment says, as where a server is installed.
    kept = {"PYTHONPYCACHEPREFIX": str(bytecode), "PYTHONDONTWRITEBYTECODE": ""}
    began_s = time.perf_counter()
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, env={**environment, **kept}, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as server,
    ):
        try:
            assert server.stdout is not None, "its output is piped"
            said = next((line for line in server.stdout if "http://" in line), "")
            ready_s = time.perf_counter() - began_s
            if not said:
                sys.exit(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")
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


def cpu_s(process: psutil.Process) -> float:
    """The CPU time that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def machine_cpu_s() -> float:
    """The CPU time that this machine has used, or was kept from using by its host."""
    times = psutil.cpu_times()
    kinds = ("user", "nice", "system", "irq", "softirq", "steal")
    return sum(float(getattr(times, kind, 0.0)) for kind in kinds)


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
