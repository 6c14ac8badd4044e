"""Callers who hesitate inside a sentence, and who put the phone down when their last turn has been answered."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from audio.mulaw import silence
from audio.signal import MuLaw
from audio.voice.cache import VoiceCache
from audio.voice.piper import PiperVoice
from bot.simulator.caller import PlayedCaller, Turn
from bot.simulator.loudness import FRAME_BYTES, audible_frames

CALLERS: Final = Path(__file__).with_name("callers.yaml")
PATIENCE_S: Final = 20.0
"""A caller who is not answered hangs up after that."""

LEAVES_AFTER_MS: Final = 2_500
"""The line has been quiet for so long after answering the last turn: it has nothing more to say."""

_HESITATION: Final = re.compile(r"\s*<(\d+)>\s*")


@dataclass(frozen=True)
class Script:
    """One caller: the turns, which of them have a hesitation, and how long the caller listens before answering."""

    turns: tuple[Turn, ...]
    hesitates: tuple[bool, ...]
    wait_ms: int


class LeavingCaller(PlayedCaller):
    """Plays a script and hangs up when the answer to the last turn is over, whether or not the line does."""

    def __init__(self, script: Script) -> None:
        super().__init__(script.turns, wait_ms=script.wait_ms, patience_s=PATIENCE_S)
        self.script = script
        self._answer_heard_ms: int | None = None
        self._leaves = False

    def next_frame(self, now_ms: int, line_audible: bool) -> bytes:
        """What the caller says in the 20 ms up to `now_ms`."""
        frame = super().next_frame(now_ms, line_audible)
        if self.turns_left or not self.turns_spoken or self.turns_spoken[-1].end_ms == now_ms:
            return frame
        if line_audible:
            self._answer_heard_ms = now_ms
        elif self._answer_heard_ms is not None:
            self._leaves = now_ms - self._answer_heard_ms >= LEAVES_AFTER_MS
        return frame

    @property
    def has_hung_up(self) -> bool:
        """Whether the caller has said everything and been answered, or has lost patience."""
        return self._leaves or super().has_hung_up


def read_scripts(cache: Path, file: Path = CALLERS) -> list[Script]:
    """The callers of `file`, their speech rendered by Piper or taken from `cache`."""
    scripts = []
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
        voice = VoiceCache(PiperVoice(pitch=entry["pitch"], length_scale=entry["pace"]), cache)
        turns = tuple(Turn(spoken(text, voice.render)) for text in entry["says"])
        hesitates = tuple(bool(_HESITATION.search(text)) for text in entry["says"])
        scripts.append(Script(turns, hesitates, entry["wait_ms"]))
    return scripts


def spoken(text: str, render: Callable[[str], MuLaw]) -> MuLaw:
    """The audio of `text`, in which `<450>` is a hesitation of 450 ms.

    The parts are rendered one by one and cut to their loud frames where they meet, so that nothing is heard for
    exactly so long, to a frame.
    """
    parts = _HESITATION.split(text)
    clips = [render(part) for part in parts[::2]]
    return joined(clips, [int(pause) for pause in parts[1::2]])


def joined(clips: Sequence[MuLaw], pauses_ms: Sequence[int]) -> MuLaw:
    """Clips with silences of `pauses_ms` between the last loud frame of one and the first of the next."""
    audio = bytearray()
    for number, clip in enumerate(clips):
        loud = [index for index, is_loud in enumerate(audible_frames(clip)) if is_loud]
        begins = loud[0] * FRAME_BYTES if number and loud else 0
        last = number == len(clips) - 1
        ends = len(clip) if last or not loud else (loud[-1] + 1) * FRAME_BYTES
        audio += clip[begins:ends]
        if not last:
            audio += silence(pauses_ms[number])
    return MuLaw(bytes(audio))
