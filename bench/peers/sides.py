"""The two servers that are compared, each a process of its own."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]  # it ships no types

from bench.serving import started
from bot.settings import Settings

VOICE: Final = "piper/joe"
"""Both sides speak with it."""

ANSWERS: Final = Path(__file__).with_name("answers.yaml")
PEER: Final = Path(__file__).with_name("pipecat_line.py")
LOG: Final = "server.log"


@dataclass(frozen=True)
class Side:
    """How a server is started. The first line that it prints with an address in it says that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def calmline(home: Path, *, max_calls: int) -> Side:
    """`calmline serve` with its database in `home`, as it is but for the voice."""
    config = home / "line.yaml"
    config.write_text(f"voice: {VOICE}\n", encoding="utf-8")
    environment = {
        "PORT": "0",
        "CALMLINE_HOME": str(home),
        "LINE_CONFIG": str(config),
        "MAX_CALLS": str(max_calls),
        "LOG_LEVEL": "WARNING",
    }
    return Side("Calmline", (str(Path(sys.executable).with_name("calmline")), "serve"), environment)


def pipecat(python: Path, *, model: Path) -> Side:
    """The Pipecat bot in its own environment, on the model in the folder `model`."""
    command = (str(python), str(PEER), "--model", str(model.resolve()), "--answers", str(ANSWERS))
    return Side("Pipecat", command, {})


@contextmanager
def running(side: Side, *, home: Path, bytecode: Path) -> Iterator[tuple[psutil.Process, str, float]]:
    """The server's process, its address, and the seconds it took to be ready. Its errors go into `home`.

    Calmline's settings in this environment reach neither side. Raises SystemExit when the server does not start.
    """
    settings = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in settings}
    environment |= side.environment
    with started(
        side.command, name=side.name, environment=environment, bytecode=bytecode, log=home / LOG
    ) as server:
        yield server
