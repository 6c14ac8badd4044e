"""What can go wrong between the caller's mouth and the server, and how often: repeatable from a seed."""

import random
from dataclasses import dataclass

from bot.errors import BadFault


@dataclass(frozen=True)
class Faults:
    """The faults of one simulated call. The defaults are a perfect connection.

    The leg from the carrier to the server is a WebSocket on TCP: on it, messages are late but neither lost
    nor out of order. Audio is lost before it, between telephone and carrier, so the server sees
    timestamps jump.
    """

    seed: int = 0
    jitter_ms: int = 0  # a message to the server is late by 0 to this much more; the order stays
    loss: float = 0.0  # the share of the caller's frames that never reach the carrier
    duplicate: float = 0.0  # the share of media messages that are sent twice, word for word
    echo_db: float | None = None  # the line comes back in the caller's audio at this level, 0 or less
    echo_delay_ms: int = 100
    mark_loss: float = 0.0  # the share of marks that never come back
    mark_delay_ms: int = 0  # a mark comes back this much after its audio has been played
    network_ms: int = 0  # one way between carrier and server
    hang_up_at_ms: int | None = None  # the caller hangs up, the carrier says `stop`
    drop_socket_at_ms: int | None = None  # the connection is gone without a word
    clear_returns_marks: bool = True  # a `clear` sends all pending marks back, as Twilio documents

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated. Raises BadFault."""
        for name in ("loss", "duplicate", "mark_loss"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadFault(name, getattr(self, name), "give a share from 0 to 1")
        for name in ("jitter_ms", "echo_delay_ms", "mark_delay_ms", "network_ms"):
            if getattr(self, name) < 0:
                raise BadFault(name, getattr(self, name), "nothing arrives before it was sent")
        for name in ("hang_up_at_ms", "drop_socket_at_ms"):
            at_ms = getattr(self, name)
            if at_ms is not None and at_ms < 0:
                raise BadFault(name, at_ms, "the stream starts at 0")
        if self.echo_db is not None and self.echo_db > 0:
            raise BadFault("echo_db", self.echo_db, "an echo is not louder than its source; give 0 or less")

    @classmethod
    def none(cls) -> "Faults":
        """A perfect connection."""
        return cls()


class Dice:
    """The chances of one call. Each fault has its own row of numbers, so one does not move another."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._loss, self._duplicate, self._marks, self._jitter = (
            random.Random(f"{faults.seed}:{row}")  # noqa: S311 - repeatable faults, not secrets
            for row in ("loss", "duplicate", "marks", "jitter")
        )

    def frame_is_lost(self) -> bool:
        """Whether the next frame of the caller is lost on the way to the carrier."""
        return self._loss.random() < self._faults.loss

    def frame_is_doubled(self) -> bool:
        """Whether the next media message is sent twice."""
        return self._duplicate.random() < self._faults.duplicate

    def mark_is_lost(self) -> bool:
        """Whether the next mark does not come back."""
        return self._marks.random() < self._faults.mark_loss

    def transit_ms(self) -> int:
        """How long the next message takes to the server."""
        return self._faults.network_ms + self._jitter.randint(0, self._faults.jitter_ms)
