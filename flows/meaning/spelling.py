"""How one language's recognised words are brought to the form its rules are written in."""

import re
from dataclasses import dataclass

_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_MASK = re.compile(r"\*+")


@dataclass(frozen=True)
class Spelling:
    """The spelling data of a language.

    `expand` maps a written word to the words it stands for, `endings` a contraction's ending ("'re" -> "are");
    `masked` lists the words that recognisers hide behind asterisks, likeliest first; `known` holds every word of the
    rules; `filler_phrases` the phrases of the rules' lists that begin with a filler but mean something, word by word
    ("uh huh"); `spellable` the words worth joining from single letters; `titles` the abbreviations whose point ends no
    sentence; `digits` the words for digits, which are said twice on purpose.
    """

    expand: dict[str, tuple[str, ...]]
    endings: dict[str, str]
    masked: tuple[str, ...]
    fillers: frozenset[str]
    filler_phrases: frozenset[tuple[str, ...]]
    titles: frozenset[str]
    known: frozenset[str]
    spellable: frozenset[str]
    digits: frozenset[str]

    @property
    def longest(self) -> int:
        """The number of letters of the longest word that may be spelled out."""
        return max(map(len, self.spellable), default=0)

    def settle(self, word: str) -> str:
        """The word meant by a masked ("sh*t") or drawn-out ("noooo") one; any other word unchanged."""
        if "*" in word:
            return self._unmask(word)
        if word in self.known or word.isdigit() or not _DRAWN_OUT.search(word):
            return word
        doubled = _DRAWN_OUT.sub(r"\1\1", word)
        return doubled if doubled in self.known else _DRAWN_OUT.sub(r"\1", word)

    def words_of(self, word: str) -> tuple[str, ...]:
        """The words that `word` stands for: itself, or its parts when it is a contraction."""
        if word in self.expand:
            return self.expand[word]
        for ending, full in self.endings.items():
            if word.endswith(ending) and len(word) > len(ending):
                return (word[: -len(ending)], *full.split())
        return (word,)

    def _unmask(self, word: str) -> str:
        """The likeliest word behind the asterisks: as many letters as signs, or else any number of them."""
        letters = word.replace("*", "")
        if not letters.strip("'-"):
            return self.masked[0] if self.masked and len(word) >= 4 else "_"
        for hidden in (".", ".+"):
            shape = re.compile(_shape(word, hidden))
            for candidate in self.masked:
                if shape.fullmatch(candidate):
                    return candidate
        return letters


def _shape(word: str, hidden: str) -> str:
    """The pattern of a masked word; with `hidden` "." each sign is one letter, with ".+" a run is any number."""
    parts = _MASK.split(word)
    runs = [found[0] for found in _MASK.finditer(word)]
    gaps = [hidden * len(run) if hidden == "." else hidden for run in runs] + [""]
    return "".join(re.escape(part) + gap for part, gap in zip(parts, gaps, strict=True))
