"""A caller's speech, taken two ways at once: as turns, and as what is said over the line. Pure."""

import itertools
from typing import Final

from audio.ear_events import Deaf, EarEvent, NoWords, Paused, Utterance
from audio.over_line import IsListening, OverLine
from audio.signal import Samples16k
from audio.transcript import Transcript
from audio.turn_taking import PARTIAL_EVERY_MS, TurnTaking


def nobody_listens(_text: str) -> bool:
    """For a language whose sounds of listening are not known: every word interrupts."""
    return False


NOT_LISTENING: Final[IsListening] = nobody_listens


class Listening:
    """The turns of one call and what interrupts the line, fed with 32 ms of samples at a time."""

    def __init__(
        self, *, partial_every_ms: int = PARTIAL_EVERY_MS, is_listening: IsListening = NOT_LISTENING
    ) -> None:
        job_ids = itertools.count(1)
        self._turns = TurnTaking(partial_every_ms=partial_every_ms, job_ids=job_ids)
        self._over_line = OverLine(job_ids=job_ids, is_listening=is_listening)

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._turns.endpointing.in_turn

    @property
    def attentive(self) -> bool:
        """Whether a turn goes on or may be beginning."""
        return self._turns.attentive

    def hear(self, samples: Samples16k, *, probability: float, start_ms: int) -> list[EarEvent]:
        """Take the 32 ms from `start_ms`, in order."""
        over = self._over_line.hear(samples, probability=probability, start_ms=start_ms)
        return over + self._turns.hear(samples, probability=probability, start_ms=start_ms)

    def decoded(self, job_id: int, transcript: Transcript) -> list[EarEvent]:
        """Take the words of a job."""
        over = self._over_line.decoded(job_id, transcript.text)
        return over + self._told(self._turns.decoded(job_id, transcript))

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the failure of a job."""
        self._over_line.failed(job_id)
        return self._told(self._turns.failed(job_id, reason))

    def end_pause_after(self, pause_ms: int) -> list[EarEvent]:
        """How long the pause may become whose words were told."""
        return self._told(self._turns.end_pause_after(pause_ms))

    def line_speaks(self, line_id: str | None, text: str = "") -> list[EarEvent]:
        """The line that is heard now, None for silence, and its words."""
        return self._over_line.line_speaks(line_id, text)

    def _told(self, events: list[EarEvent]) -> list[EarEvent]:
        """The events of the turns, each after what its words mean for the line."""
        told: list[EarEvent] = []
        for event in events:
            if isinstance(event, Paused | Utterance):
                told += self._over_line.all_said(event.transcript.text, end_ms=event.end_ms)
            elif isinstance(event, NoWords | Deaf):
                told += self._over_line.all_said("", end_ms=event.end_ms)
            told.append(event)
        return told
