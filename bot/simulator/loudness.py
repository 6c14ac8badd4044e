"""How loud telephone audio is, frame by frame, and two signals on one wire.

Levels are RMS in dB relative to full scale (dBFS). A frame is 20 ms: 160 bytes of mu-law.
"""

from collections.abc import Iterator

import numpy as np

from audio.mulaw import SILENCE as SILENT_BYTE
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.signal import MULAW_BYTES_PER_MS, Samples8k

FRAME_MS = 20
"""The usual frame of Media Streams."""

FRAME_BYTES = FRAME_MS * MULAW_BYTES_PER_MS

SILENCE = SILENT_BYTE * FRAME_BYTES
"""A frame of silence."""

AUDIBLE_DBFS = -50.0
"""Louder than this is heard: speech on the telephone lies at -35 to -15, comfort noise below -60."""


def level_dbfs(audio: bytes) -> float:
    """The RMS level of mu-law audio in dBFS; -inf for digital silence and for no audio."""
    samples = decode_mulaw(audio)
    power = float(np.mean(samples**2)) if len(samples) else 0.0
    return 10 * float(np.log10(power)) if power else -np.inf


def is_audible(frame: bytes) -> bool:
    """Whether a person would hear this frame."""
    return frame != SILENCE and level_dbfs(frame) > AUDIBLE_DBFS


def mix(audio: bytes, other: bytes, *, gain_db: float) -> bytes:
    """Two mu-law signals of equal length on one wire, the second changed by `gain_db`."""
    mixed = decode_mulaw(audio) + decode_mulaw(other) * np.float32(10 ** (gain_db / 20))
    return encode_mulaw(Samples8k(mixed))


def frames(audio: bytes) -> Iterator[bytes]:
    """The frames of a recording, the last one filled up with silence."""
    for start in range(0, len(audio), FRAME_BYTES):
        yield audio[start : start + FRAME_BYTES].ljust(FRAME_BYTES, SILENT_BYTE)


def audible_frames(audio: bytes) -> tuple[bool, ...]:
    """For each frame of a recording, whether it is heard."""
    return tuple(is_audible(frame) for frame in frames(audio))
