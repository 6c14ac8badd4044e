"""Word and character error rates: what must be put in, taken out or replaced, per word or character said."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from audio.script import to_script

_DIGITS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "el": ("μηδέν", "ένα", "δύο", "τρία", "τέσσερα", "πέντε", "έξι", "επτά", "οκτώ", "εννέα"),
    "tr": ("sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"),
    "zh": tuple("零一二三四五六七八九"),
}


def words(text: str, *, language: str = "en") -> list[str]:
    """The words of a text as they are compared: lower case, no punctuation, single digits as words.

    Turkish has its own small i; Greek is compared without accents, which nobody hears to be missing.
    """
    lowered = text.replace("İ", "i").replace("I", "ı").lower() if language == "tr" else text.lower()
    found = re.findall(r"\w+(?:['’]\w+)*", lowered.replace("’", "'"))
    digits = _DIGITS.get(language, ())
    spelt = [digits[int(word)] if digits and re.fullmatch(r"[0-9]", word) else word for word in found]
    return [_plain(word) for word in spelt] if language == "el" else spelt


def characters(text: str) -> list[str]:
    """The characters of a Mandarin text as they are compared: simplified, no punctuation, numbers to 99 spelt."""
    spelt = re.sub(r"[0-9]+", lambda number: _hanzi(number[0]), to_script(text, tag="zh-Hans").lower())
    return re.findall(r"\w", spelt)


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The Levenshtein distance in words (Wagner and Fischer, 1974)."""
    row = list(range(len(heard) + 1))
    for n, word in enumerate(said, start=1):
        above, row = row, [n]
        for m, other in enumerate(heard, start=1):
            row.append(min(above[m] + 1, row[-1] + 1, above[m - 1] + (word != other)))
    return row[-1]


def units(text: str, *, language: str) -> list[str]:
    """What errors are counted in: characters in Mandarin, words in other languages."""
    return characters(text) if language == "zh" else words(text, language=language)


def word_error_rate(pairs: Sequence[tuple[str, str]], *, language: str = "en") -> float:
    """Errors of all (said, heard) pairs together, divided by all words said; 0 when none were.

    For Mandarin (zh) characters stand for words.
    """
    split = [(units(said, language=language), units(heard, language=language)) for said, heard in pairs]
    errors = sum(word_errors(said, heard) for said, heard in split)
    total = sum(len(said) for said, _ in split)
    return errors / total if total else 0.0


def _hanzi(number: str) -> str:
    """A number up to 99 as it is read in Mandarin; a longer one digit by digit."""
    digits = _DIGITS["zh"]
    if len(number) != 2 or number[0] == "0":
        return "".join(digits[int(digit)] for digit in number)
    tens, ones = int(number[0]), int(number[1])
    return (digits[tens] if tens > 1 else "") + "十" + (digits[ones] if ones else "")


def _plain(word: str) -> str:
    """The word without accents."""
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))
