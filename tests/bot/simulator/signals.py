"""Small signals and a virtual wire for the tests of the simulator."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from audio.mulaw import encode_mulaw
from audio.signal import TELEPHONE_HZ, MuLaw, Samples8k
from bot.simulator.carrier import SimulatedCarrier


def tone(ms: int, *, hz: float = 440.0, level: float = 0.3) -> MuLaw:
    """A sine of `ms` milliseconds: loud enough to be heard."""
    times = np.arange(ms * TELEPHONE_HZ // 1000) / TELEPHONE_HZ
    return encode_mulaw(Samples8k((level * np.sin(2 * np.pi * hz * times)).astype(np.float32)))


def run(
    carrier: SimulatedCarrier,
    until_ms: int,
    answer: Callable[[dict[str, Any], int], list[str]] = lambda _message, _now_ms: [],
) -> list[dict[str, Any]]:
    """Step a carrier in virtual time from where it is; `answer` is the server. Returns all it sent."""
    sent: list[dict[str, Any]] = []
    for now_ms in range(carrier.now_ms + 20, until_ms + 1, 20):
        for text in carrier.step(now_ms):
            sent.append(json.loads(text))
            for reply in answer(sent[-1], now_ms):
                carrier.receive(reply, now_ms)
    return sent


def of(event: str, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages of one kind."""
    return [message for message in sent if message["event"] == event]
