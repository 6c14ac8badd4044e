"""What the ear perceives of a turn: every silence in it, chunk by chunk, with the moment at which each was known.

The real upsampler, speech detector and endpointing hear mu-law in the carrier's frames of 20 ms.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from audio.activity import Activity, ActivityModel
from audio.endpointing import CHUNK_MS, ENTER, MAX_PATIENCE_MS, End, Endpointing, Onset
from audio.mulaw import decode_mulaw
from audio.resample import Upsampler
from audio.signal import Samples16k
from bench.turns.spoken import SpokenTurn

FRAME_BYTES: Final = 160
FRAME_MS: Final = 20
MIN_PAUSE_CHUNKS: Final = 3
"""Silences of 96 ms and longer are pauses."""

_SAMPLES_PER_MS: Final = 16


@dataclass(frozen=True)
class Silence:
    """One silence of a turn. Chunk n ends when the silence is 32 * (n + 1) ms long.

    `known_ms` is when each chunk was perceived, in real time of the line, and `still` whether it was without speech.
    `last` is the silence after the turn.
    """

    start_ms: int
    known_ms: tuple[int, ...]
    still: tuple[bool, ...]
    last: bool

    @property
    def length_ms(self) -> int:
        """How long it lasted."""
        return len(self.known_ms) * CHUNK_MS


@dataclass(frozen=True)
class HeardTurn:
    """A turn as the ear perceived it. `samples` is the audio of the ear; the turn in it begins at `start_ms`."""

    turn: SpokenTurn
    samples: Samples16k
    start_ms: int
    silences: tuple[Silence, ...]

    def until(self, at_ms: int) -> Samples16k:
        """The turn's audio from its beginning until a time."""
        return Samples16k(self.samples[self.start_ms * _SAMPLES_PER_MS : at_ms * _SAMPLES_PER_MS])


def listen(turn: SpokenTurn, model: ActivityModel) -> HeardTurn | None:
    """Hear a turn; None when no onset was found in it."""
    upsampler, activity, endpointing = Upsampler(), Activity(model), Endpointing(patience_ms=MAX_PATIENCE_MS)
    pieces: list[Samples16k] = []
    onset_ms: int | None = None
    silences: list[Silence] = []
    known: list[int] = []
    still: list[bool] = []
    since_ms: int | None = None
    chunk = 0
    for begin in range(0, len(turn.audio), FRAME_BYTES):
        piece = upsampler.feed(decode_mulaw(turn.audio[begin : begin + FRAME_BYTES]))
        pieces.append(piece)
        for probability in activity.feed(piece):
            signs = endpointing.feed(probability, start_ms=chunk * CHUNK_MS)
            chunk += 1
            onset_ms = next(
                (s.start_ms for s in signs if isinstance(s, Onset) and onset_ms is None), onset_ms
            )
            over = any(isinstance(sign, End) for sign in signs)
            now_since_ms = since_ms if over else endpointing.silent_since_ms
            if since_ms is not None and now_since_ms != since_ms and len(known) >= MIN_PAUSE_CHUNKS:
                silences.append(Silence(since_ms, tuple(known), tuple(still), last=False))
            if now_since_ms != since_ms:
                since_ms, known, still = now_since_ms, [], []
            if since_ms is not None:
                known.append(begin // 8 + FRAME_MS)
                still.append(probability < ENTER)
            if over:
                if since_ms is not None:
                    silences.append(Silence(since_ms, tuple(known), tuple(still), last=True))
                return _heard(turn, pieces, onset_ms, silences)
    return None


def _heard(
    turn: SpokenTurn, pieces: list[Samples16k], onset_ms: int | None, silences: list[Silence]
) -> HeardTurn | None:
    if onset_ms is None:
        return None
    return HeardTurn(turn, Samples16k(np.concatenate(pieces)), onset_ms, tuple(silences))
