"""How long a caller's pause may become before the turn is over, judged from the words so far.

Pure. The ear asks when a silence is 200 ms old and its words have come. A finished sentence or a short answer ends
soon; a caller who stopped in the middle of a sentence or of a number, who says "um", or who is upset is given time.
Recognisers write a full stop after text that is not finished, so the last words count for more than the mark.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from flows.turn_words import Phrase, TurnWords, beginning, ending, turn_words

MIN_PATIENCE_MS: Final = 300
MAX_PATIENCE_MS: Final = 3_000

ASKED_NUMBER: Final = "phone_number"
ASKED_NAME: Final = "name"
ASKED_CLOSED: Final = ("yes_no", "choice")

MAX_CHARACTERS: Final = 1_000
"""The end of a text tells; what stands before is not read."""


class TurnEndReason(StrEnum):
    """What the words looked like."""

    SHORT_ANSWER = "short_answer"  # a whole answer: "yes, please", "no, thank you"
    QUESTION = "question"
    FINISHED = "finished"  # a sentence that could end here
    VENT = "vent"  # the same from an upset caller
    OPEN = "open"  # nothing tells; also a greeting alone
    NUMBERS = "numbers"  # a number or a spelled word that may go on
    UNFINISHED = "unfinished"  # a sentence that cannot end here
    FILLER = "filler"  # the caller thinks aloud


# The constants were measured with `python -m bench.turns` on its development half, 130 turns with 175 pauses.
PATIENCE_MS: Final = {
    TurnEndReason.SHORT_ANSWER: 360,
    TurnEndReason.QUESTION: 400,
    TurnEndReason.FINISHED: 448,
    TurnEndReason.VENT: 720,
    TurnEndReason.OPEN: 750,
    TurnEndReason.NUMBERS: 700,
    TurnEndReason.UNFINISHED: 1_500,
    TurnEndReason.FILLER: 1_600,
}

GREETING_MS: Final = 1_200
"""After a greeting alone, and after sounds that held no words yet."""

NUMBER_BEGUN_MS: Final = 1_500
NUMBER_BEGUN_SIGNS: Final = 5
ASKED_NUMBER_BEGUN_SIGNS: Final = 7
"""A number with fewer digits and letters has only begun; of a telephone number that was asked for, fewer than 7."""

NUMBER_WHOLE_SIGNS: Final = 10
"""As many as a telephone number has: it is taken for whole, like a finished sentence."""

OWN_PAUSE_MARGIN: Final = 1.15
"""Where the words say that the caller goes on, the patience is longer than every pause before."""

LONG_OWN_PAUSE_MS: Final = 700
OWN_PAUSE_SHARE: Final = 0.15
"""Where they say that the turn may be over, this share of what the longest pause had above 700 ms is added. With the
margin there too, the median wait rose from 600 to 975 ms and 4 more of 88 pauses were spared: too dear, because how
long somebody looks for a word says little about the end of a sentence."""

_MAYBE_OVER: Final = (
    TurnEndReason.QUESTION,
    TurnEndReason.FINISHED,
    TurnEndReason.VENT,
    TurnEndReason.NUMBERS,
    TurnEndReason.OPEN,
)


@dataclass(frozen=True)
class TurnEnd:
    """The patience with this pause, why, and the words that told."""

    patience_ms: int
    reason: TurnEndReason
    evidence: str


def judge_pause(
    text: str,
    *,
    language: str = "en",
    expecting: str = "",
    upset: bool = False,
    longest_pause_ms: int = 0,
) -> TurnEnd:
    """How long the pause after `text` may become.

    `expecting` is what the line asked for (`State.expecting`), `longest_pause_ms` the longest pause that this caller
    made within a turn. The patience lies in 300..3000; a longer own pause and being upset never shorten it. A
    language without a turn file is judged by its punctuation and digits.
    """
    told = _judge_words(text[-MAX_CHARACTERS:], turn_words(language), expecting=expecting)
    answered = told.reason is TurnEndReason.SHORT_ANSWER and expecting in ASKED_CLOSED
    if upset and not answered and told.patience_ms <= PATIENCE_MS[TurnEndReason.VENT]:
        told = replace(told, reason=TurnEndReason.VENT, patience_ms=PATIENCE_MS[TurnEndReason.VENT])
    return replace(told, patience_ms=_with_own_pauses(told, longest_pause_ms))


def _with_own_pauses(told: TurnEnd, longest_pause_ms: int) -> int:
    """The patience, raised for a caller who has made longer pauses; not after a short answer."""
    raised_ms = 0.0
    if told.reason in _MAYBE_OVER and told.patience_ms < NUMBER_BEGUN_MS:
        raised_ms = told.patience_ms + OWN_PAUSE_SHARE * max(0, longest_pause_ms - LONG_OWN_PAUSE_MS)
    elif told.reason is not TurnEndReason.SHORT_ANSWER:
        raised_ms = OWN_PAUSE_MARGIN * longest_pause_ms
    return min(max(told.patience_ms, round(raised_ms), MIN_PATIENCE_MS), MAX_PATIENCE_MS)


_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SENTENCES: Final = re.compile(r"(?<=[.?!…])\s+(?=\S)")
_GOES_ON: Final = (",", "...", "…", "-", "–", "—", ":", "，", "、")
_ASKS: Final = ("?", "？", ";")  # the last is the Greek question mark
_STOPS: Final = (".", "!", "。", "！")
_SPELLED: Final = re.compile(r"(?:[A-Z]{1,5}(?:[-. ]+|$)){1,12}")


def _judge_words(text: str, known: TurnWords, *, expecting: str) -> TurnEnd:
    """The judgement by the words alone."""
    text = text.strip().replace("’", "'")
    words = _WORD.findall(text.lower())
    if not words:
        return TurnEnd(GREETING_MS, TurnEndReason.OPEN, "")
    if filler := ending(words, known.fillers):
        return _turn_end(TurnEndReason.FILLER, " ".join(filler))
    if tuple(words) in known.greetings:
        return TurnEnd(GREETING_MS, TurnEndReason.OPEN, text)
    if text.endswith(_GOES_ON):
        return _turn_end(TurnEndReason.UNFINISHED, text[-3:])
    if _is_answer(words, known):
        return _turn_end(TurnEndReason.SHORT_ANSWER, " ".join(words))
    sentences = [part for part in _SENTENCES.split(text) if _WORD.search(part)]
    return _judge_number(text, known, expecting=expecting) or _judge_sentence(
        sentences[-1], known, expecting=expecting, one_sentence=len(sentences) == 1
    )


def _is_answer(words: list[str], known: TurnWords) -> bool:
    """Whether the text is an answer with nothing but courtesies around it."""
    while words and tuple(words) not in known.answers:
        if lead := beginning(words, known.courtesies):
            words = words[len(lead) :]
        elif tail := ending(words, known.courtesies):
            words = words[: -len(tail)]
        else:
            return False
    return True


def _judge_number(text: str, known: TurnWords, *, expecting: str) -> TurnEnd | None:
    """The judgement of a text that ends in a number or in letters one by one; None for any other."""
    tokens = [token.strip(".,?!") for token in text.split()]
    run: list[str] = []
    for token in reversed(tokens):
        if not _is_dictated(token, known):
            break
        run.insert(0, token)
    if not run:
        return None
    sentence = _WORD.findall(_SENTENCES.split(text)[-1].lower())
    named = any((word,) in known.number_names for word in sentence)
    alone = len(run) == len(tokens) and expecting not in ASKED_CLOSED
    if not (expecting in (ASKED_NUMBER, ASKED_NAME) or named or alone):
        return None
    signs, evidence = sum(_count(token) for token in run), " ".join(run)
    if signs >= NUMBER_WHOLE_SIGNS:
        return _turn_end(TurnEndReason.FINISHED, evidence)
    told = _turn_end(TurnEndReason.NUMBERS, evidence)
    if signs < (ASKED_NUMBER_BEGUN_SIGNS if expecting == ASKED_NUMBER else NUMBER_BEGUN_SIGNS):
        return replace(told, patience_ms=NUMBER_BEGUN_MS)
    return told


def _is_dictated(token: str, known: TurnWords) -> bool:
    """Whether a token is part of a number or of a word that is spelled."""
    parts = _WORD.findall(token.lower())
    digits = [any(letter.isdigit() for letter in part) or (part,) in known.numbers for part in parts]
    letters = bool(_SPELLED.fullmatch(token)) or (len(token) == 1 and token.isalpha())
    return (bool(digits) and all(digits)) or (letters and token not in ("I", "a", "OK"))


def _count(token: str) -> int:
    """How many digits or letters a token stands for."""
    if any(letter.isdigit() for letter in token) or token.isupper():
        return sum(letter.isalnum() for letter in token)
    return 1


def _judge_sentence(sentence: str, known: TurnWords, *, expecting: str, one_sentence: bool) -> TurnEnd:
    """The judgement of a text by its last sentence."""
    words = tuple(_WORD.findall(sentence.lower()))
    lone_name = expecting == ASKED_NAME and len(words) - len(beginning(words, known.name_leads)) == 1
    signs: tuple[tuple[TurnEndReason, Phrase], ...] = (
        (TurnEndReason.UNFINISHED, _unfinished_end(words, known)),
        (TurnEndReason.OPEN, ending(words, known.unsure_ends)),
        (TurnEndReason.QUESTION, words[-1:] if sentence.endswith(_ASKS) else ()),
        (TurnEndReason.UNFINISHED, () if "," in sentence else beginning(words, known.openers)),
        (TurnEndReason.OPEN, words[-1:] if lone_name else ()),
        (TurnEndReason.OPEN, beginning(words, known.story_openers) if one_sentence else ()),
        (TurnEndReason.FINISHED, words[-1:] if sentence.endswith(_STOPS) else ()),
        (TurnEndReason.OPEN, words[-1:]),
    )
    reason, evidence = next((reason, evidence) for reason, evidence in signs if evidence)
    return _turn_end(reason, " ".join(evidence))


def _unfinished_end(words: Phrase, known: TurnWords) -> Phrase:
    """The last words, when a sentence cannot end with them; () when it can."""
    sure, end, loose = (ending(words, phrases) for phrases in (known.sure_ends, known.ends, known.loose_ends))
    if len(sure) >= max(1, len(end), len(loose)):
        return ()
    if len(end) >= max(1, len(loose)):
        return end
    stranded = any((word,) in known.relatives for word in words[: -len(loose) or None])
    return () if stranded else loose


def _turn_end(reason: TurnEndReason, evidence: str) -> TurnEnd:
    return TurnEnd(PATIENCE_MS[reason], reason, evidence)
