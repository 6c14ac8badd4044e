"""The ear of one call: mu-law with the carrier's timestamps in, turns and their words out.

It has no I/O, no threads and no clock. Whoever drives it feeds audio, has each DecodeWanted decoded, and
hands the results back.
"""

from typing import Final

import numpy as np

from audio.activity import CHUNK_SAMPLES, Activity, ActivityModel
from audio.ear_events import EarEvent
from audio.endpointing import CHUNK_MS
from audio.mulaw import decode_mulaw
from audio.resample import Upsampler
from audio.signal import MuLaw, Samples16k
from audio.timeline import Skip, Timeline
from audio.transcript import Transcript
from audio.turn_taking import PARTIAL_EVERY_MS, TurnTaking

PIECE_BYTES: Final = 8_000
"""Audio is worked on in pieces of one second, so that a large payload needs no large arrays."""


class Ear:
    """Timestamps, activity and turns of one call, put together; an `audio.ear_port.EarPort`.

    `activity_model` is shared by all calls. `partial_every_ms` is how much speech lies between two partials
    while the line is silent.
    """

    def __init__(self, activity_model: ActivityModel, *, partial_every_ms: int = PARTIAL_EVERY_MS) -> None:
        self._timeline = Timeline()
        self._upsampler = Upsampler()
        self._activity = Activity(activity_model)
        self._turns = TurnTaking(partial_every_ms=partial_every_ms)
        self._partial_chunk = np.zeros(0, dtype=np.float32)
        self._next_chunk_ms = 0

    @property
    def patience_ms(self) -> int:
        """The silence that ends a turn; values outside 300..3000 are brought inside."""
        return self._turns.endpointing.patience_ms

    @patience_ms.setter
    def patience_ms(self, value: int) -> None:
        self._turns.endpointing.patience_ms = value

    @property
    def speaking(self) -> bool:
        """Whether a turn has begun and not ended."""
        return self._turns.endpointing.in_turn

    @property
    def gaps_ms(self) -> int:
        """Audio that never came: silence stands in its place, or the clock was moved on."""
        return self._timeline.gaps_ms

    @property
    def dropped_ms(self) -> int:
        """Audio that came too late, twice, or overlapping, and was left out."""
        return self._timeline.dropped_ms

    def feed(self, payload: bytes, *, start_ms: int) -> list[EarEvent]:
        """Hear mu-law of any length that begins at `start_ms` of the call.

        The first `start_ms` starts the clock. A gap of up to 2 s is heard as silence, and a longer one as 2
        s of it, after which the clock is moved on. What lies before the clock is left out. Differences of
        up to 10 ms are taken for jitter. Events come up to 62 ms after their sound: 30 in the upsampler and
        32 in the chunk.
        """
        events: list[EarEvent] = []
        for item in self._timeline.place(payload, start_ms=start_ms):
            if isinstance(item, Skip):
                self._next_chunk_ms += item.ms
                continue
            for begin in range(0, len(item), PIECE_BYTES):
                events += self._hear(MuLaw(item[begin : begin + PIECE_BYTES]))
        return events

    def decoded(self, job_id: int, transcript: Transcript) -> list[EarEvent]:
        """Take the result of a DecodeWanted; one that is unknown or no longer wanted changes nothing."""
        return self._turns.decoded(job_id, transcript)

    def failed(self, job_id: int, reason: str) -> list[EarEvent]:
        """Take the news that a DecodeWanted has no result; an unknown or stale one changes nothing."""
        return self._turns.failed(job_id, reason)

    def line_speaking(self, is_speaking: bool) -> None:
        """While the line speaks, the first partial is wanted after 400 ms of speech and then every 600 ms."""
        self._turns.line_is_speaking = is_speaking

    def _hear(self, audio: MuLaw) -> list[EarEvent]:
        """Hear the chunks that `audio` completes, and keep the rest."""
        samples = np.concatenate((self._partial_chunk, self._upsampler.feed(decode_mulaw(audio))))
        count = len(samples) // CHUNK_SAMPLES
        whole, self._partial_chunk = np.split(samples, [count * CHUNK_SAMPLES])
        events: list[EarEvent] = []
        chunks = whole.reshape(count, CHUNK_SAMPLES)
        for chunk, probability in zip(chunks, self._activity.feed(Samples16k(whole)), strict=True):
            events += self._turns.hear(
                Samples16k(chunk), probability=probability, start_ms=self._next_chunk_ms
            )
            self._next_chunk_ms += CHUNK_MS
        return events
