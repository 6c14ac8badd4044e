"""The callers of `turns.yaml`: their words, with pauses drawn for each mark, spoken by a voice."""

import math
import random
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from audio.mulaw import decode_mulaw
from audio.signal import MuLaw
from bench.turns.spoken import SpokenTurn, on_the_line

FILE: Final = Path(__file__).with_name("turns.yaml")
HALVES: Final = ("development", "held_out")

KINDS: Final = {
    "complaint": ("issue", False),
    "question": ("issue", False),
    "order": ("issue", False),
    "vent": ("issue", True),
    "answer": ("yes_no", False),
    "choice": ("choice", False),
    "phone": ("phone_number", False),
    "name": ("name", False),
    "spelled": ("name", False),
}
"""What the line asked for before a turn of this kind, and whether the caller is upset."""

MARKS: Final = {"/": (330.0, 0.40), "//": (560.0, 0.50)}
"""Median in ms and standard deviation of the logarithm: pauses in speech are log-normal (Campione and Véronis, 2002).
Between clauses most last 200 to 600 ms; of those in which the caller thinks, a sixth lasts more than 900 ms."""

PAUSE_MS: Final = (150, 1_500)
PACES: Final = {"quick": 0.8, "usual": 1.0, "slow": 1.3}

Speak = Callable[[str, float], MuLaw]
"""Renders a text in a pitch."""


@dataclass(frozen=True)
class WrittenTurn:
    """A turn before it is spoken: its parts, and the pause after each but the last."""

    name: str
    caller: str
    kind: str
    pitch: float
    parts: tuple[str, ...]
    pauses_ms: tuple[int, ...]


def written(half: str, *, draw: int = 0) -> Iterator[WrittenTurn]:
    """The turns of a half. `draw` chooses the lengths of the pauses: the same number, the same lengths."""
    callers: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))[half]
    for number, caller in enumerate(callers):
        for at, turn in enumerate(caller["turns"]):
            ((kind, text),) = turn.items()
            name = f"{half}-{number}-{at}"
            pieces = re.split(r" (//?) ", text)
            chance = random.Random(f"{name}-{draw}")
            pauses = tuple(_drawn(mark, pace=PACES[caller["pace"]], chance=chance) for mark in pieces[1::2])
            parts = tuple(_as_spoken(part) for part in pieces[::2])
            yield WrittenTurn(name, f"{half}-{number}", kind, caller["voice"], parts, pauses)


def spoken(turn: WrittenTurn, *, speak: Speak) -> SpokenTurn:
    """The turn on the line."""
    parts = [decode_mulaw(speak(part, turn.pitch)) for part in turn.parts]
    audio, end_ms = on_the_line(parts, turn.pauses_ms, seed=zlib.crc32(turn.name.encode()))
    expecting, upset = KINDS[turn.kind]
    return SpokenTurn(turn.name, turn.caller, turn.kind, expecting, upset, "en", audio, end_ms)


def _drawn(mark: str, *, pace: float, chance: random.Random) -> int:
    median_ms, spread = MARKS[mark]
    drawn_ms = round(pace * chance.lognormvariate(math.log(median_ms), spread))
    return min(max(drawn_ms, PAUSE_MS[0]), PAUSE_MS[1])


def _as_spoken(part: str) -> str:
    """A part that goes on ends in a comma, which a voice speaks as such."""
    return part if part[-1] in ".,?!" else f"{part},"
