"""Where a caller's turn begins and ends, decided from the probability of speech in each 32 ms of the call.

Pure: no audio, no model, no clock. A probability above `ENTER` is speech and below `LEAVE` is none; in
between, what was so far goes on (hysteresis).

The thresholds are lower than the detector's usual 0.5, which over the telephone misses a third of the
shortest words ("yes", a digit), most of all on a noisy line. The price is small: few noises begin a turn,
and such a turn is found to hold no words.
"""

from dataclasses import dataclass
from typing import Final

ENTER: Final = 0.25
LEAVE: Final = 0.15
CHUNK_MS: Final = 32
ONSET_CHUNKS: Final = 3
"""So many chunks of speech in a row begin a turn: 96 ms, longer than a click."""

RESUME_CHUNKS: Final = 2
"""So many in a row end a pause. Ending one throws a decoding away, so a single chunk does not."""

PRE_ROLL_MS: Final = 200
SPECULATE_MS: Final = 240
"""A pause so long is looked into: its words come about when the shortest patience is over. Earlier would more often be
for nothing: within the sentences of a voice 2 of 10 pauses of 200 ms and more are shorter than this."""

MAX_TURN_MS: Final = 28_000
MIN_PATIENCE_MS: Final = 300
MAX_PATIENCE_MS: Final = 3_000
DEFAULT_PATIENCE_MS: Final = 1_000
"""While the words of a pause are not known. Once they are, `end_pause_after` says how long this one may become."""


@dataclass(frozen=True)
class Onset:
    """A turn has begun: `PRE_ROLL_MS` before the first speech, but never within the turn before."""

    at_ms: int
    start_ms: int


@dataclass(frozen=True)
class Pause:
    """The speaker has been silent for `SPECULATE_MS`, since `end_ms`: perhaps the turn is over."""

    at_ms: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class Resumed:
    """The turn goes on after a pause of `pause_ms`."""

    at_ms: int
    start_ms: int
    pause_ms: int


@dataclass(frozen=True)
class End:
    """The turn is over; its last speech was at `end_ms`. `too_long`: it was ended by force."""

    at_ms: int
    start_ms: int
    end_ms: int
    too_long: bool


Sign = Onset | Pause | Resumed | End


class Endpointing:
    """The turns of one caller, found chunk by chunk.

    Signs come in this order: Onset, then any number of (Pause, Resumed), then perhaps Pause, then one
    End. Turns do not overlap, and no time lies before an earlier one.
    """

    def __init__(self, *, patience_ms: int = DEFAULT_PATIENCE_MS) -> None:
        self.patience_ms = patience_ms
        self._now_ms: int | None = None
        self._free_from_ms = 0  # where the next turn may begin at the earliest
        self._turn_start_ms: int | None = None
        self._run_start_ms = 0
        self._run_chunks = 0  # chunks of speech in a row, while waiting for an onset or in a pause
        self._silent_since_ms: int | None = None
        self._pausing = False
        self._this_pause_ms: int | None = None  # what `end_pause_after` said of the pause that goes on

    @property
    def patience_ms(self) -> int:
        """The silence that ends a turn. Set it at any time; it is kept within 300..3000."""
        return self._patience_ms

    @patience_ms.setter
    def patience_ms(self, value: int) -> None:
        self._patience_ms = _within_bounds(value)

    def end_pause_after(self, pause_ms: int) -> list[Sign]:
        """Let the pause that goes on end the turn when it is `pause_ms` long, and not `patience_ms`; at once if it is.

        The next pause has `patience_ms` again. Without a pause this changes nothing.
        """
        if not self._pausing or self._turn_start_ms is None or self._now_ms is None:
            return []
        self._this_pause_ms = _within_bounds(pause_ms)
        return self._end(self._turn_start_ms, now_ms=self._now_ms)

    @property
    def in_turn(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._turn_start_ms is not None

    @property
    def onset_chunks(self) -> int:
        """How many chunks of speech in a row there were, too few as yet to begin a turn."""
        return 0 if self.in_turn else self._run_chunks

    @property
    def voiced(self) -> bool:
        """Whether the last chunk was speech of a turn."""
        return self.in_turn and self._silent_since_ms is None

    @property
    def silent_since_ms(self) -> int | None:
        """Since when the speaker of the turn has been silent; None while there is speech or no turn."""
        return self._silent_since_ms

    def feed(self, probability: float, *, start_ms: int) -> list[Sign]:
        """What the chunk at `start_ms` means.

        Chunks come in order. One may begin later than the last one ended: the time between counts as
        silence if there was silence before, and as part of the turn if there was speech. Raises ValueError
        when it begins earlier, which is a fault of the caller of this method.
        """
        if self._now_ms is None:
            self._free_from_ms = start_ms
        elif start_ms < self._now_ms:
            raise ValueError(f"a chunk at {start_ms} ms was fed after {self._now_ms} ms")
        self._now_ms = now_ms = start_ms + CHUNK_MS
        if self._turn_start_ms is None:
            return self._wait(probability, start_ms=start_ms, now_ms=now_ms)
        return self._follow(probability, self._turn_start_ms, start_ms=start_ms, now_ms=now_ms)

    def _wait(self, probability: float, *, start_ms: int, now_ms: int) -> list[Sign]:
        """Outside a turn: look for an onset."""
        if not self._run(probability, start_ms=start_ms, needed=ONSET_CHUNKS):
            return []
        turn_start_ms = max(self._run_start_ms - PRE_ROLL_MS, self._free_from_ms)
        self._turn_start_ms = turn_start_ms
        self._silent_since_ms = None
        self._run_chunks = 0
        return [Onset(now_ms, turn_start_ms)]

    def _follow(self, probability: float, turn_start_ms: int, *, start_ms: int, now_ms: int) -> list[Sign]:
        """Inside a turn: look for a pause, its end, or the end of the turn."""
        signs: list[Sign] = []
        if self._pausing:
            if self._run(probability, start_ms=start_ms, needed=RESUME_CHUNKS):
                pause_ms = self._run_start_ms - (self._silent_since_ms or self._run_start_ms)
                self._over_with_pause()
                signs.append(Resumed(now_ms, turn_start_ms, pause_ms))
        elif probability >= ENTER:
            self._silent_since_ms = None
        elif probability < LEAVE and self._silent_since_ms is None:
            self._silent_since_ms = start_ms

        silent_ms = self._silent_ms(now_ms)
        if silent_ms >= SPECULATE_MS and not self._pausing:
            self._pausing = True
            signs.append(Pause(now_ms, turn_start_ms, now_ms - silent_ms))
        return signs + self._end(turn_start_ms, now_ms=now_ms)

    def _end(self, turn_start_ms: int, *, now_ms: int) -> list[Sign]:
        """End the turn if the silence is long enough for it, or the turn is too long."""
        too_long = now_ms + CHUNK_MS > turn_start_ms + MAX_TURN_MS
        silent_ms = self._silent_ms(now_ms)
        patience_ms = self._patience_ms if self._this_pause_ms is None else self._this_pause_ms
        # A chunk of speech after a pause may be the first of more: the turn does not end on it.
        if not too_long and (silent_ms < patience_ms or self._run_chunks):
            return []
        self._free_from_ms = now_ms - silent_ms
        self._turn_start_ms = None
        self._over_with_pause()
        return [End(now_ms, turn_start_ms, now_ms - silent_ms, too_long)]

    def _silent_ms(self, now_ms: int) -> int:
        """How long the speaker has been silent."""
        return 0 if self._silent_since_ms is None else now_ms - self._silent_since_ms

    def _over_with_pause(self) -> None:
        """Speech goes on or the turn is over: what was known of the pause is of no use any more."""
        self._pausing, self._silent_since_ms, self._this_pause_ms, self._run_chunks = False, None, None, 0

    def _run(self, probability: float, *, start_ms: int, needed: int) -> bool:
        """Count chunks of speech in a row; whether there are `needed`."""
        if probability < ENTER:
            self._run_chunks = 0
            return False
        if self._run_chunks == 0:
            self._run_start_ms = start_ms
        self._run_chunks += 1
        return self._run_chunks >= needed


def _within_bounds(patience_ms: int) -> int:
    return min(max(patience_ms, MIN_PATIENCE_MS), MAX_PATIENCE_MS)
