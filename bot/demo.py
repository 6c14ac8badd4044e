"""The demo: two callers with natural voices, as data, and the telephone audio of what they say."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import yaml

from audio.voice.cache import VoiceCache
from audio.voice.piper import PiperVoice
from bot.simulator.caller import PlayedCaller, Turn

WAIT_MS: Final = 900
"""A caller who has listened answers after about so long."""


@dataclass(frozen=True)
class DemoCall:
    """One caller: who it is, how they sound, what they say."""

    title: str
    pitch: float
    pace: float
    says: tuple[str, ...]


def demo_calls() -> tuple[DemoCall, ...]:
    """The calls of `bot/demo_calls.yaml`."""
    text = (resources.files("bot") / "demo_calls.yaml").read_text(encoding="utf-8")
    return tuple(
        DemoCall(entry["title"], entry["pitch"], entry["pace"], tuple(entry["says"]))
        for entry in yaml.safe_load(text)
    )


def demo_caller(call: DemoCall, *, cache: Path) -> PlayedCaller:
    """The caller of a demo call; rendered speech is kept in `cache`. Raises VoiceUnavailable without Piper."""
    voice = VoiceCache(PiperVoice(pitch=call.pitch, length_scale=call.pace), cache)
    return PlayedCaller([Turn(voice.render(text)) for text in call.says], wait_ms=WAIT_MS)
