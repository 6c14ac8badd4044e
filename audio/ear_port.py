"""The ear as a call sees it: `audio.ear.Ear`, or a scripted one for calls without audio."""

from typing import Protocol

from audio.ear_events import EarEvent
from audio.signal import MuLaw
from audio.transcript import Transcript


class EarPort(Protocol):
    """The ear of one call, without I/O, threads or a clock: time goes on with the audio that is fed.

    Every SpeechStarted is followed by one TurnEnded, and every TurnEnded, in the order of the turns, by one
    Utterance, NoWords or Deaf once its final DecodeWanted (which comes before it) has been answered.
    """

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""

    @property
    def gaps_ms(self) -> int:
        """Audio that never came."""

    @property
    def dropped_ms(self) -> int:
        """Audio that came too late or twice."""

    def feed(self, payload: bytes, *, start_ms: int) -> list[EarEvent]:
        """Hear mu-law that begins at `start_ms` of the call."""

    def decoded(self, job_id: int, transcript: Transcript) -> list[EarEvent]:
        """Take the result of a DecodeWanted; one that is unknown or no longer wanted changes nothing."""

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the news that a DecodeWanted has no result; an unknown or stale one changes nothing."""

    def end_pause_after(self, pause_ms: int) -> list[EarEvent]:
        """Let the pause of the last Paused end the turn when it is `pause_ms` long; at once if it is already."""

    def line_played(self, payload: MuLaw, *, start_ms: int) -> None:
        """Learn what the caller hears of the line from `start_ms` on, so that its echo is not taken for the caller."""

    def line_cut(self, *, at_ms: int) -> None:
        """Learn that what was told as played from `at_ms` on is not heard after all."""

    def line_speaks(self, line_id: str | None, text: str = "") -> list[EarEvent]:
        """Learn which line the caller hears now, None for silence, and its words."""
