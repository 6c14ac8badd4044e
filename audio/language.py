"""Which language a caller speaks: the first utterance decides, and only a clear switch is followed.

Whisper gives, for every encoding, how probable each language is. A short utterance says little: of words of 1 to
2 s in Turkish and Greek two thirds were taken for another language, mostly for English and some of them with
certainty; of sentences of 2 to 3 s one in eleven was, of longer ones none (`bench/languages.py`). So:

- Until the call is settled, the evidence for each language is added up: its probability times the seconds of
  speech beyond the first. A sentence settles the call at once; a "yes" leaves it provisional, in the line's main
  language unless another one is nearly certain.
- A settled call is decoded in its language, and utterances below 2 s are not even examined. A longer one that is
  nearly certain to be in another language is decoded in that one, and the call follows. A less clear one is
  remembered: when the next long one leads away again, the call follows it.

Pure. The state is a value: `heard` returns the next one. Every field prints and serialises as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

MAX_LANGUAGES: Final = 8
"""More languages on one line make the choice less sure, and no line needs them."""

SENTENCE_MS: Final = 2_000
"""From this length on an utterance is long enough to change the language of a call."""

SETTLED_LEAD: Final = 1.0
"""How far the evidence for the best language must lead over the next one to settle a call."""

GUESS_LEAD: Final = 0.3
"""How far it must lead for a provisional call to leave the line's main language."""

SILENT_EVIDENCE_S: Final = 1.0
LEAST_EVIDENCE_S: Final = 0.1
MOST_EVIDENCE_S: Final = 2.0
"""What an utterance counts for: its seconds beyond the first, between these two."""

SURE_ABOVE: Final = 0.95
"""What another language needs in a short utterance of a call that is not settled, or in one long utterance of a
settled one. Of 131 clips of 2 s and more none was so certain and wrong, and 116 were so certain and right."""

LIKELY_ABOVE: Final = 0.8
"""What it needs in a long utterance of a call that is not settled, or in two long ones of a settled call in a row.
Of those clips one in fifty was wrong above it."""

_WHISPERS_OWN: Final = {"nb": "no", "fil": "tl", "jv": "jw", "iw": "he", "in": "id", "cmn": "zh"}
"""Subtags that Whisper calls by another name."""


def whisper_language(tag: str) -> str:
    """What Whisper calls the language of a BCP 47 tag: zh-Hant is zh, pt-BR is pt, nb-NO is no."""
    primary = tag.replace("_", "-").partition("-")[0].lower()
    return _WHISPERS_OWN.get(primary, primary)


Probabilities = tuple[tuple[str, float], ...]
"""The line's tags with their probabilities, which sum to 1; the most probable first."""


def distinct(tags: Sequence[str]) -> tuple[str, ...]:
    """The tags that are different languages to Whisper; of zh-Hans and zh-Hant the first stands for both."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(whisper_language(tag), tag)
    return tuple(first.values())


def among(found: Sequence[tuple[str, float]], tags: Sequence[str]) -> Probabilities:
    """What Whisper found, by its own names, restricted to some tags and made to sum to 1 again.

    A language that was not found counts as impossible; when none was found, all are equally probable. Equal
    ones keep the order of `tags`.
    """
    shares = dict(found)
    wanted = [(tag, max(0.0, shares.get(whisper_language(tag), 0.0))) for tag in distinct(tags)]
    total = sum(share for _, share in wanted)
    if total <= 0.0:
        return tuple((tag, 1.0 / len(wanted)) for tag, _ in wanted)
    return tuple(sorted(((tag, share / total) for tag, share in wanted), key=lambda item: -item[1]))


def decoded_in(probabilities: Probabilities, *, language: str | None, switch_above: float) -> str:
    """The language to decode in: the most probable one when it is probable enough, else `language`.

    Raises ValueError when there is neither.
    """
    if not probabilities and language is None:
        raise ValueError("without a language there must be probabilities to choose by")
    best, probability = probabilities[0] if probabilities else (language, 0.0)
    return str(best) if language is None or probability >= switch_above else language


class Standing(StrEnum):
    """How sure the choice of a call is."""

    OPEN = "open"  # nothing was heard yet
    PROVISIONAL = "provisional"  # what was heard was too short or too unclear
    SETTLED = "settled"


@dataclass(frozen=True)
class LanguageAsk:
    """What to ask the recogniser for: the arguments of `Whisper.transcribe` of the same names.

    `languages` is empty when the utterance need not be examined. `switch_above` is the probability from which
    on the words are decoded in another language than `language`.
    """

    language: str
    languages: tuple[str, ...] = ()
    switch_above: float = 1.0


ENGLISH: Final = LanguageAsk("en")
"""What a line asks for that speaks nothing else."""


@dataclass(frozen=True)
class LanguageChoice:
    """The languages of a line and what one call has shown so far; begin with `LanguageChoice.of`.

    `languages` are the line's tags, its main language first; `evidence` is in seconds of speech, in the
    order of the languages. `hint` is the language that the last long utterance of a settled call pointed to.
    """

    languages: tuple[str, ...]
    language: str
    standing: Standing
    evidence: tuple[float, ...]
    hint: str | None = None

    @classmethod
    def of(cls, languages: Sequence[str]) -> "LanguageChoice":
        """The choice at the start of a call. One language is settled from the start.

        Tags that are one language to Whisper (zh-Hans, zh-Hant) count once, and the first one stands for both.
        Raises ValueError when there is no language, or more than MAX_LANGUAGES.
        """
        tags = distinct(languages)
        if not 1 <= len(tags) <= MAX_LANGUAGES:
            raise ValueError(f"a line has 1 to {MAX_LANGUAGES} languages, not {len(tags)}")
        standing = Standing.SETTLED if len(tags) == 1 else Standing.OPEN
        return cls(languages=tags, language=tags[0], standing=standing, evidence=(0.0,) * len(tags))

    def ask(self, *, speech_ms: int) -> LanguageAsk:
        """What to ask for an utterance of that length."""
        if self.standing is not Standing.SETTLED:
            above = LIKELY_ABOVE if speech_ms >= SENTENCE_MS else SURE_ABOVE
            return LanguageAsk(self.language, self.languages, above)
        if len(self.languages) == 1 or speech_ms < SENTENCE_MS:
            return LanguageAsk(self.language)
        return LanguageAsk(self.language, self.languages, self._switch_above)

    def heard(self, probabilities: Probabilities, *, speech_ms: int) -> "LanguageChoice":
        """The choice after an utterance. Without probabilities (it was not examined) nothing changes."""
        if not probabilities or len(self.languages) == 1:
            return self
        if self.standing is Standing.SETTLED:
            return self._followed(probabilities, speech_ms=speech_ms)
        shares = dict(probabilities)
        seconds = speech_ms / 1000 - SILENT_EVIDENCE_S
        seconds = min(max(seconds, LEAST_EVIDENCE_S), MOST_EVIDENCE_S)
        evidence = tuple(
            round(before + seconds * shares.get(tag, 0.0), 3)
            for tag, before in zip(self.languages, self.evidence, strict=True)
        )
        best, second = sorted(evidence, reverse=True)[:2]
        lead = round(best - second, 3)
        return replace(
            self,
            language=self.languages[evidence.index(best) if lead >= GUESS_LEAD else 0],
            standing=Standing.SETTLED if lead >= SETTLED_LEAD else Standing.PROVISIONAL,
            evidence=evidence,
        )

    @property
    def _switch_above(self) -> float:
        """What another language needs in a long utterance of a settled call."""
        return SURE_ABOVE if self.hint is None else LIKELY_ABOVE

    def _followed(self, probabilities: Probabilities, *, speech_ms: int) -> "LanguageChoice":
        """A settled call after an examined utterance: switched, with a hint, or as it was."""
        best, probability = probabilities[0]
        if speech_ms < SENTENCE_MS:
            return self
        if best == self.language or probability < LIKELY_ABOVE:
            return replace(self, hint=None)
        if probability >= self._switch_above:
            return replace(self, language=best, hint=None)
        return replace(self, hint=best)

    def __str__(self) -> str:
        """As in "el (provisional; en 0.21 s, el 0.35 s)" or "en (settled; hint el)"."""
        if self.standing is Standing.SETTLED:
            notes = [f"hint {self.hint}"] if self.hint else []
        else:
            shares = zip(self.languages, self.evidence, strict=True)
            notes = [", ".join(f"{tag} {seconds:.2f} s" for tag, seconds in shares)]
        return f"{self.language} ({'; '.join([self.standing, *notes])})"
