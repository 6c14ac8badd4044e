"""How much of the encoder to use for a stretch of speech, and what to think of the words that come out.

Whisper was trained on windows of 30 s, and most turns on the telephone take 2 to 5 s. CTranslate2 accepts a
shorter window: at 6 s a decoding costs about a sixth. In short windows Whisper sometimes repeats itself until
it is stopped, the more often the shorter they are and the less silence follows the speech. So the window has
a floor and a margin, the number of tokens has a cap, and a set of guards decides whether to accept the words,
to decode once more in a window twice as long, or to say that there were none. Pure.

Single words want a longer window than sentences: of 50 English words and digits shorter than 1.2 s, 16 were
misheard at 8 s, 21 at 6 s and 23 at 5 s, while in longer speech 6 s made no more errors than 8 s in any of four
languages. A word is cheap in any window: it has few tokens.

A low probability is no reason to decode again: in longer windows short words came out worse, not better
("seven" became "Kevin", a digit became "Thank you"). Twice the window, and not always the full one, because a
window of 15 s made no more errors than one of 30 s at a third of its time. The floor, the margin, the cap and
NOISE_BELOW were measured (`bench/windows.py`). The thresholds of REPEATS (2.4) and of SILENCE (0.6 and -1.0)
are those of OpenAI's transcribe.py.
"""

import zlib
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from audio.transcript import words_of

FULL_WINDOW_MS: Final = 30_000
"""What Whisper was trained on, and the most that it takes."""

TOKENS_PER_S: Final = 7
SPARE_TOKENS: Final = 12
"""English speech has 3 to 5 tokens a second; a fast speaker has 7. A longer transcript is a loop."""

MAX_TOKENS: Final = 220
"""Half of Whisper's context of 448, less its time stamps; the other half is for the prompt."""

REPEATS_ABOVE: Final = 2.4
NO_SPEECH_ABOVE: Final = 0.6
UNSURE_BELOW: Final = -1.0

NOISE_BELOW: Final = -1.5
"""Mean log probability. Of 60 clips of noise 24 fell to this guard and 16 to the others; of 40 clips of telephone
speech none fell to this one, and one, a digit of 0.3 s that was misheard, to SILENCE."""

NEVER_SAID: Final = frozenset(
    {
        "thanks for watching",
        "thank you for watching",
        "please subscribe",
        "subtitles by the amara org community",
    }
)
"""Ends of films and videos that Whisper has learnt to write under noise. No caller says them."""

SELDOM_SAID: Final = frozenset({"thank you", "thanks", "you", "bye", "bye bye", "the end", "the", "music"})
"""What Whisper also writes under noise, but callers say some of it; dropped only together with a doubt."""


@dataclass(frozen=True)
class WindowPolicy:
    """The shortest window, the silence kept after the speech, and the lengths that windows come in.

    Speech shorter than `word_ms` has a floor of its own, `word_floor_ms`. Raises ValueError when the lengths do
    not rise to 30 s.
    """

    floor_ms: int = 6_000
    margin_ms: int = 2_000
    word_ms: int = 1_200
    word_floor_ms: int = 8_000
    buckets_ms: tuple[int, ...] = (6_000, 7_000, 8_000, 10_000, 12_000, 15_000, 20_000, FULL_WINDOW_MS)

    def __post_init__(self) -> None:
        buckets = self.buckets_ms
        if not buckets or buckets[-1] != FULL_WINDOW_MS or any(a >= b for a, b in pairwise(buckets)):
            raise ValueError(f"the buckets must rise to {FULL_WINDOW_MS} ms: {buckets}")

    def bucket(self, wanted_ms: int) -> int:
        """The shortest window of at least `wanted_ms`, or the full one."""
        return next((bucket for bucket in self.buckets_ms if bucket >= wanted_ms), FULL_WINDOW_MS)


DEFAULT_POLICY: Final = WindowPolicy()


def window_for(speech_ms: int, *, policy: WindowPolicy = DEFAULT_POLICY) -> int:
    """The window in ms for that much speech: at least the floor, with the margin, rounded up to a bucket."""
    word_floor_ms = policy.word_floor_ms if speech_ms < policy.word_ms else 0
    return policy.bucket(max(policy.floor_ms, word_floor_ms, speech_ms + policy.margin_ms))


def retry_window_for(window_ms: int, *, policy: WindowPolicy = DEFAULT_POLICY) -> int | None:
    """The window in ms for a second try: twice the first or more; None when the first was the full one."""
    return None if window_ms >= FULL_WINDOW_MS else policy.bucket(2 * window_ms)


def token_cap(speech_ms: int) -> int:
    """How many tokens of text so much speech may have."""
    return min(speech_ms * TOKENS_PER_S // 1000 + SPARE_TOKENS, MAX_TOKENS)


def compression_ratio(text: str) -> float:
    """Bytes of UTF-8 before and after zlib, as in OpenAI's utils.py; speech lies around 1, a loop above 2."""
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded)) if encoded else 0.0


class Guard(StrEnum):
    """What seems wrong with a transcript."""

    EMPTY = "empty"  # no letter and no digit
    RAN_ON = "ran_on"  # the token cap stopped it
    REPEATS = "repeats"  # it compresses too well
    ECHO = "echo"  # one phrase of three words or more, twice or more, and nothing else
    SILENCE = "silence"  # unsure, and Whisper itself thinks that nobody speaks
    NOISE = "noise"  # very unsure
    PHANTOM = "phantom"  # a phrase that Whisper writes under noise


class Outcome(StrEnum):
    """What to do with a transcript."""

    ACCEPT = "accept"
    RETRY = "retry"
    NO_WORDS = "no_words"


@dataclass(frozen=True)
class Verdict:
    """What to do, and the guard that was tripped; None when all is well."""

    outcome: Outcome
    guard: Guard | None = None


@dataclass(frozen=True)
class Decoding:
    """One decoding as the guards see it. `capped`: it did not end by itself, the token cap stopped it."""

    text: str
    capped: bool
    mean_logprob: float
    no_speech: float
    window_ms: int


def verdict(decoding: Decoding) -> Verdict:
    """Judge a decoding. Only loops are tried again, and only in a longer window than theirs.

    In the full window the last word is spoken: what the cap stopped is a loop and holds no words; what ended
    by itself is accepted although it repeats, because upset callers do repeat themselves.
    """
    guard = _guard(decoding)
    if guard is None:
        return Verdict(Outcome.ACCEPT)
    if guard not in {Guard.RAN_ON, Guard.REPEATS, Guard.ECHO}:
        return Verdict(Outcome.NO_WORDS, guard)
    if decoding.window_ms < FULL_WINDOW_MS:
        return Verdict(Outcome.RETRY, guard)
    return Verdict(Outcome.NO_WORDS if guard is Guard.RAN_ON else Outcome.ACCEPT, guard)


def _guard(decoding: Decoding) -> Guard | None:
    """The first guard that is tripped, the gravest first."""
    words = words_of(decoding.text)
    unsure = decoding.mean_logprob < UNSURE_BELOW
    doubtful = unsure or decoding.no_speech > NO_SPEECH_ABOVE
    phrase = " ".join(words)
    checks = (
        (Guard.EMPTY, not words),
        (Guard.RAN_ON, decoding.capped),
        (Guard.REPEATS, compression_ratio(decoding.text) > REPEATS_ABOVE),
        (Guard.NOISE, decoding.mean_logprob < NOISE_BELOW),
        (Guard.SILENCE, unsure and decoding.no_speech > NO_SPEECH_ABOVE),
        (Guard.PHANTOM, phrase in NEVER_SAID or (doubtful and phrase in SELDOM_SAID)),
        (Guard.ECHO, _is_echo(words)),
    )
    return next((guard for guard, tripped in checks if tripped), None)


def _is_echo(words: list[str]) -> bool:
    """Whether the words are one phrase of three or more, said at least twice; the last time may be cut off."""
    return any(
        all(word == words[n % period] for n, word in enumerate(words))
        for period in range(3, len(words) // 2 + 1)
    )
