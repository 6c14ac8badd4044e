"""What every voice can do, and what every voice asks of a text."""

import unicodedata
from typing import Final, Protocol

from audio.errors import VoiceFailed
from audio.signal import MuLaw

MAX_CHARACTERS: Final = 1000
"""The longest text a voice takes, about a minute of speech. A longer one is several sentences."""


class Voice(Protocol):
    """Something that speaks. Every voice of this package may be used from several threads."""

    @property
    def name(self) -> str:
        """What a user calls it, such as "espeak/en-gb"; `open_voice(name)` opens it again."""

    @property
    def identity(self) -> str:
        """Name, versions and settings: two voices that could sound different differ here. For keys of caches."""

    def render(self, text: str) -> MuLaw:
        """Speak `text`. Blocks until it is done.

        Raises:
            VoiceFailed: the text holds nothing to say or is too long, or the voice broke down over it.
        """


def speakable(text: str, *, voice: str) -> str:
    """`text` on one line, without control characters and lone surrogates, which engines stumble over.

    Raises:
        VoiceFailed: nothing is left that could be spoken, or more than `MAX_CHARACTERS`.
    """
    printable = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text)
    line = " ".join(printable.split())
    if not any(c.isalnum() for c in line):
        raise VoiceFailed(voice, line[:60], "there is no letter or digit in it")
    if len(line) > MAX_CHARACTERS:
        raise VoiceFailed(
            voice, line[:60] + "…", f"it has {len(line)} characters; {MAX_CHARACTERS} is the most"
        )
    return line
