"""The pause protocol itself: when a patience ends a turn, and what a set of pauses costs under it. No I/O."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from audio.endpointing import CHUNK_MS, MAX_PATIENCE_MS, MIN_PATIENCE_MS
from bench.figures import percentile
from bench.turns.listening import Silence
from bench.turns.spoken import SpokenTurn

SEND_MS: Final = 20
"""The frame in which the first sound of the answer is sent."""

FALLBACK_MS: Final = 1_000
"""The patience while the words of a pause have not come."""


@dataclass(frozen=True)
class Pause:
    """One silence of a turn and what was known of it `speculate_ms` into it: empty words when it was shorter.

    `longest_ms` is the longest pause that this caller made before, within turns; `turn_ms` the turn's length so far.
    """

    turn: SpokenTurn
    silence: Silence
    text: str
    decode_ms: int
    longest_ms: int
    turn_ms: int
    complete: float = 0.5
    """Smart-turn's probability that the turn is complete."""
    prosody: tuple[float, float] = (0.0, 0.0)
    """Slopes before the pause: pitch in semitones a second, level in dB a second."""


Patience = Callable[[Pause], int]
"""The patience in ms with a pause whose words are known."""


@dataclass(frozen=True)
class Outcome:
    """What a patience costs: waits after the true ends, in order, and how many pauses and turns it cut."""

    waits_ms: tuple[int, ...]
    pauses: int
    cut: tuple[Pause, ...]

    @property
    def cut_share(self) -> float:
        """False cut-offs, of all pauses within turns."""
        return len(self.cut) / self.pauses if self.pauses else 0.0

    @property
    def turn_share(self) -> float:
        """Turns cut at least once, of all turns."""
        return len({pause.turn.name for pause in self.cut}) / len(self.waits_ms) if self.waits_ms else 0.0

    def wait_ms(self, share: float) -> float:
        """A percentile of the waits."""
        return percentile(self.waits_ms, share)


def end_of_turn_ms(
    pause: Pause, patience_ms: int, *, speculate_ms: int | None, fallback_ms: int = FALLBACK_MS
) -> int | None:
    """When the silence ends the turn, on the clock of the line; None when speech comes first.

    The words are known `decode_ms` after the chunk with which the silence is `speculate_ms` long; from then on the
    patience is `patience_ms`, before `fallback_ms`. With `speculate_ms` None the patience holds from the beginning.
    """
    silence = pause.silence
    patience_ms = min(max(patience_ms, MIN_PATIENCE_MS), MAX_PATIENCE_MS)
    words_ms: float = 0.0
    if speculate_ms is not None:
        asked = -(-speculate_ms // CHUNK_MS) - 1
        words_ms = (
            silence.known_ms[asked] + pause.decode_ms if asked < len(silence.known_ms) else float("inf")
        )
    before = (0, False)  # the length of the silence and whether the newest chunk was still
    for n, (known_ms, still) in enumerate(zip(silence.known_ms, silence.still, strict=True)):
        if known_ms > words_ms and before[1] and before[0] >= patience_ms:
            return max(round(words_ms), silence.known_ms[n - 1])
        before = ((n + 1) * CHUNK_MS, still)
        if still and before[0] >= (patience_ms if known_ms >= words_ms else fallback_ms):
            return known_ms
    return None


def judge_pauses(pauses: Sequence[Pause], patience: Patience, *, speculate_ms: int | None) -> Outcome:
    """Every pause by itself, as if no earlier one had ended its turn."""
    waits: list[int] = []
    cut: list[Pause] = []
    for pause in pauses:
        end_ms = end_of_turn_ms(pause, patience(pause), speculate_ms=speculate_ms)
        if pause.silence.last and end_ms is not None:
            waits.append(end_ms + SEND_MS - pause.turn.end_ms)
        elif not pause.silence.last and end_ms is not None:
            cut.append(pause)
    inner = sum(not pause.silence.last for pause in pauses)
    return Outcome(tuple(waits), inner, tuple(cut))


def best_within(outcomes: Sequence[Outcome], share: float, *, per_turn: bool = False) -> Outcome | None:
    """The outcome with the shortest mean wait among those that cut no more than `share`; None when all cut more."""
    allowed = [o for o in outcomes if (o.turn_share if per_turn else o.cut_share) <= share]
    return min(allowed, key=lambda o: sum(o.waits_ms) / len(o.waits_ms), default=None)
