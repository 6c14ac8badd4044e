"""The ways to end turns that are compared. Each has a knob, so that all can be set to equal false cut-offs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from bench.turns.protocol import Outcome, Patience, Pause, judge_pauses
from flows.turn_end import MAX_PATIENCE_MS, MIN_PATIENCE_MS, PATIENCE_MS, TurnEndReason, judge_pause

Family = Callable[[Sequence[Pause]], list[Outcome]]

FIXED_MS: Final = range(400, 1_501, 50)
SHIFTS_MS: Final = range(-256, 1_025, 32)
THRESHOLDS: Final = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
SOON_MS: Final = (300, 400, 480, 560)
LATE_MS: Final = (800, 1_000, 1_250, 1_500, 2_000)


@dataclass(frozen=True)
class Way:
    """One way to end turns: its outcome for every value of its knob."""

    name: str
    outcomes: Family


def by_rule(pause: Pause) -> int:
    """The rule of the product with all that it is told."""
    return _judged(pause, own=True)


def ways(*, speculate_ms: int, smart_turn: bool) -> list[Way]:
    """All ways, the product's last but for those with smart-turn."""

    def shifted(patience: Patience) -> Family:
        return lambda pauses: [
            judge_pauses(pauses, _plus(patience, shift), speculate_ms=speculate_ms) for shift in SHIFTS_MS
        ]

    found = [
        Way(
            "fixed", lambda pauses: [judge_pauses(pauses, _always(ms), speculate_ms=None) for ms in FIXED_MS]
        ),
        Way("punctuation alone", shifted(_by_punctuation)),
        Way("words", shifted(lambda pause: _judged(pause, own=False))),
        Way("words, own pauses (the rule)", shifted(by_rule)),
        Way("the rule, falling pitch 60 ms sooner", shifted(_with_prosody)),
    ]
    if smart_turn:
        choices = list(product(THRESHOLDS, SOON_MS, LATE_MS))
        found += [
            Way(
                "smart-turn",
                lambda pauses: [
                    judge_pauses(pauses, _by_sound(*choice), speculate_ms=speculate_ms) for choice in choices
                ],
            ),
            Way(
                "the rule and smart-turn",
                lambda pauses: [
                    judge_pauses(pauses, _plus(_both(threshold, more), shift), speculate_ms=speculate_ms)
                    for threshold in THRESHOLDS
                    for more in (100, 200, 400)
                    for shift in SHIFTS_MS[:20:2]
                ],
            ),
        ]
    return found


def _judged(pause: Pause, *, own: bool) -> int:
    return judge_pause(
        pause.text,
        language=pause.turn.language,
        expecting=pause.turn.expecting,
        upset=pause.turn.upset,
        longest_pause_ms=pause.longest_ms if own else 0,
    ).patience_ms


def _by_punctuation(pause: Pause) -> int:
    """What a language without a turn file has, in a call of which nothing is known."""
    return judge_pause(pause.text, language="xx").patience_ms


def _with_prosody(pause: Pause) -> int:
    sooner_ms = 60 if pause.prosody[0] < 0 else 0
    return by_rule(pause) - sooner_ms


def _always(ms: int) -> Patience:
    return lambda _pause: ms


def _plus(patience: Patience, shift_ms: int) -> Patience:
    return lambda pause: min(max(patience(pause) + shift_ms, MIN_PATIENCE_MS), MAX_PATIENCE_MS)


def _by_sound(threshold: float, soon_ms: int, late_ms: int) -> Patience:
    return lambda pause: soon_ms if pause.complete >= threshold else late_ms


def _both(threshold: float, more_ms: int) -> Patience:
    """The rule, and more patience where the sound is not that of an end."""

    def patience(pause: Pause) -> int:
        judged_ms = by_rule(pause)
        sure = judged_ms <= PATIENCE_MS[TurnEndReason.SHORT_ANSWER]
        return judged_ms if sure or pause.complete >= threshold else judged_ms + more_ms

    return patience
