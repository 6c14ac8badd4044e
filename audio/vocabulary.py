"""The names that callers of a line will say, as Whisper takes them: products, people, places.

Whisper is told them as if they had been its text so far. A plain list that ends in a full stop helps as much as
any other form: of 30 rare names 24 or 25 came out right, against 1 or 2 without. It is not free: sentences by a
voice lost no word by it, but in recordings with many single words the word error rate rose from .087 to .123, and
one of 60 clips without a name got one. A list within a sentence tripled the errors of other sentences
(`bench/vocabulary.py`). So a line names what its callers do say, and not all that it sells.
"""

from collections.abc import Iterable
from typing import Final

MAX_NAMES: Final = 40
MAX_CHARACTERS: Final = 280
"""About 100 tokens in Latin script, the most that `Whisper` takes. Each costs time in every decoding."""


def vocabulary_prompt(names: Iterable[str]) -> str:
    """What to give `Whisper.transcribe` as `prompt` for these names, the most important first.

    Names are separated by commas and closed by a full stop. Empty and repeated ones are left out, and those that
    are too many are not told: a name is whole or not there. Empty without names.
    """
    told: list[str] = []
    left = MAX_CHARACTERS
    for name in dict.fromkeys(" ".join(name.split()) for name in names):
        plain = name.strip(",.;: ")
        if not plain or plain in told:
            continue
        left -= len(plain) + 2
        if left < 0 or len(told) == MAX_NAMES:
            break
        told.append(plain)
    return f"{', '.join(told)}." if told else ""
