"""An ear that follows a script instead of listening, for calls in virtual time.

It takes the caller's turns from the script and the time from what it is fed, and says what `audio.ear.Ear`
would say had it heard them: pauses, patience, partials and the order of answers are those of the real
turn-taking. The words come from the script as well: answer each DecodeWanted with `transcript_for`,
`decode_ms_for` later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from audio.ear_events import DecodeWanted, EarEvent
from audio.endpointing import CHUNK_MS, MAX_TURN_MS
from audio.listening import NOT_LISTENING, Listening
from audio.over_line import IsListening
from audio.signal import MULAW_BYTES_PER_MS, MuLaw, Samples16k
from audio.transcript import Transcript
from audio.turn_taking import PARTIAL_EVERY_MS

ATTACK_MS: Final = 40
"""So long after the beginning of the sound the detector of the real ear finds speech."""

HANGOVER_MS: Final = 130
"""So long after the end of the sound it goes on finding speech."""

_NO_SAMPLES: Final = Samples16k(np.zeros(0, dtype=np.float32))


@dataclass(frozen=True)
class ScriptedTurn:
    """What the caller says from `start_ms` to `end_ms` of the call, and what the recogniser makes of it.

    `noise` is sound that holds no words, `failure` words that the recogniser fails on. Two turns with less
    between them than the ear's patience are heard as one.
    """

    start_ms: int
    end_ms: int
    text: str
    confidence: float = 0.9
    language: str = "en"
    decode_ms: int = 150
    kind: Literal["words", "noise", "failure"] = "words"


class ScriptedEar:
    """The ear of one call that goes by `turns`; an `audio.ear_port.EarPort`."""

    def __init__(
        self,
        turns: Sequence[ScriptedTurn],
        *,
        partial_every_ms: int = PARTIAL_EVERY_MS,
        is_listening: IsListening = NOT_LISTENING,
    ) -> None:
        self._script = sorted(turns, key=lambda turn: turn.start_ms)
        self._listening = Listening(partial_every_ms=partial_every_ms, is_listening=is_listening)
        self._next_chunk_ms: int | None = None
        self._jobs: dict[int, tuple[int, int]] = {}  # what each job covers, from and to, in ms

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._listening.speaking

    @property
    def gaps_ms(self) -> int:
        """Always 0: the script goes on through a gap."""
        return 0

    @property
    def dropped_ms(self) -> int:
        """Always 0."""
        return 0

    def feed(self, payload: bytes, *, start_ms: int) -> list[EarEvent]:
        """Let the time go on to the end of `payload`; what it sounds like does not matter."""
        now_ms = start_ms + len(payload) // MULAW_BYTES_PER_MS
        if self._next_chunk_ms is None:
            self._next_chunk_ms = start_ms
        events: list[EarEvent] = []
        while self._next_chunk_ms + CHUNK_MS <= now_ms:
            probability = 1.0 if self._speech_at(self._next_chunk_ms + CHUNK_MS // 2) else 0.0
            events += self._listening.hear(_NO_SAMPLES, probability=probability, start_ms=self._next_chunk_ms)
            self._next_chunk_ms += CHUNK_MS
        wanted = [event for event in events if isinstance(event, DecodeWanted)]
        self._jobs |= {job.job_id: (job.start_ms, job.end_ms) for job in wanted}
        return events

    def decoded(self, job_id: int, transcript: Transcript) -> list[EarEvent]:
        """Take the result of a DecodeWanted; one that is unknown or no longer wanted changes nothing."""
        return self._listening.decoded(job_id, transcript)

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the news that a DecodeWanted has no result; an unknown or stale one changes nothing."""
        return self._listening.failed(job_id, reason)

    def end_pause_after(self, pause_ms: int) -> list[EarEvent]:
        """Let the pause of the last Paused end the turn when it is `pause_ms` long; at once if it is already."""
        return self._listening.end_pause_after(pause_ms)

    def line_played(self, payload: MuLaw, *, start_ms: int) -> None:
        """No echo reaches this ear."""

    def line_cut(self, *, at_ms: int) -> None:
        """No echo reaches this ear."""

    def line_speaks(self, line_id: str | None, text: str = "") -> list[EarEvent]:
        """The line that the caller hears now, None for silence, and its words."""
        return self._listening.line_speaks(line_id, text)

    def transcript_for(self, job_id: int) -> Transcript | None:
        """The words of the script in the time that a job covers; none for a failure or an unknown job.

        The words of a turn are spread evenly over it, so that a partial holds those said so far.
        """
        covered = self._covered(job_id)
        if not covered or any(turn.kind == "failure" for turn in covered):
            return None
        start_ms, end_ms = self._jobs[job_id]
        words = [word for turn in covered for word in _words(turn, start_ms=start_ms, end_ms=end_ms)]
        return Transcript(
            text=" ".join(words),
            language=covered[0].language,
            confidence=min(turn.confidence for turn in covered),
            no_speech=0.05 if words else 0.95,
            window_ms=MAX_TURN_MS,
            cpu_ms=self.decode_ms_for(job_id),
            retries=0,
        )

    def decode_ms_for(self, job_id: int) -> int:
        """How long the recogniser takes for a job: the sum over the turns it covers, 0 for an unknown one."""
        return sum(turn.decode_ms for turn in self._covered(job_id))

    def _covered(self, job_id: int) -> list[ScriptedTurn]:
        start_ms, end_ms = self._jobs.get(job_id, (0, 0))
        return [turn for turn in self._script if turn.start_ms < end_ms and turn.end_ms > start_ms]

    def _speech_at(self, at_ms: int) -> bool:
        return any(turn.start_ms + ATTACK_MS <= at_ms < turn.end_ms + HANGOVER_MS for turn in self._script)


def _words(turn: ScriptedTurn, *, start_ms: int, end_ms: int) -> list[str]:
    """The words of `turn` whose middle lies within the given time."""
    words = turn.text.split() if turn.kind == "words" else []
    each_ms = (turn.end_ms - turn.start_ms) / max(len(words), 1)
    middles = [turn.start_ms + (n + 0.5) * each_ms for n in range(len(words))]
    return [word for word, middle_ms in zip(words, middles, strict=True) if start_ms <= middle_ms < end_ms]
