"""Word error rate: how many words must be put in, taken out or replaced, per word that was said."""

import re
from collections.abc import Sequence
from typing import Final

_DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def words(text: str) -> list[str]:
    """The words of an English text as they are compared: lower case, no punctuation, single digits as words."""
    found = re.findall(r"\w+(?:['’]\w+)*", text.lower().replace("’", "'"))
    return [_DIGITS[int(word)] if re.fullmatch(r"[0-9]", word) else word for word in found]


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The Levenshtein distance in words (Wagner and Fischer, 1974)."""
    row = list(range(len(heard) + 1))
    for n, word in enumerate(said, start=1):
        above, row = row, [n]
        for m, other in enumerate(heard, start=1):
            row.append(min(above[m] + 1, row[-1] + 1, above[m - 1] + (word != other)))
    return row[-1]


def word_error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    """Errors of all (said, heard) pairs together, divided by all words said; 0 when none were."""
    errors = sum(word_errors(words(said), words(heard)) for said, heard in pairs)
    total = sum(len(words(said)) for said, _ in pairs)
    return errors / total if total else 0.0
