"""The ear as a call sees it: `audio.ear.Ear`, or a scripted one for calls without audio."""

from typing import Protocol

from audio.ear_events import EarEvent
from audio.transcript import Transcript


class EarPort(Protocol):
    """The ear of one call, without I/O, threads or a clock: time goes on with the audio that is fed.

    Every SpeechStarted is followed by one TurnEnded, and every TurnEnded, in the order of the turns, by one
    Utterance, NoWords or Deaf once its final DecodeWanted (which comes before it) has been answered.
    """

    patience_ms: int
    """The silence that ends a turn, 300..3000; it may be set at any time."""

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

    def line_speaking(self, is_speaking: bool) -> None:
        """Learn whether the line itself is being heard: if so, partials are wanted sooner and more often."""
