"""Recordings as files: a sound file read as mono samples of any rate, and samples written as WAV."""

from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr

from audio.errors import BadAudio, RecordingFailed
from audio.signal import Samples

MAX_HOURS: Final = 4
MIN_HZ: Final = 4_000
MAX_HZ: Final = 384_000

_BLOCK_S: Final = 10  # read at once, so that only the result is ever held whole


def read_recording(path: Path, *, target_hz: int) -> Samples:
    """The sound of a WAV, FLAC, OGG or other file that libsndfile reads, shape (n,), at `target_hz`.

    Channels are averaged. Values are brought within -1..1; those that are not numbers become silence.
    Raises BadAudio with the file's name when it is not there, is not sound, holds none, is longer than
    `MAX_HOURS`, or has a rate outside `MIN_HZ`..`MAX_HZ`.
    """
    if not path.is_file():
        raise BadAudio(str(path), "there is no such file")
    try:
        with soundfile.SoundFile(path) as file:
            return _read(file, path, target_hz=target_hz)
    except soundfile.SoundFileError as error:
        raise BadAudio(str(path), str(error)) from error


def write_wav(path: Path, samples: Samples, *, hz: int) -> None:
    """Write `samples`, mono, as a WAV of 16 bits; what lies outside -1..1 is clipped.

    Raises RecordingFailed when the file cannot be written.
    """
    try:
        soundfile.write(path, np.clip(samples, -1.0, 1.0), hz, format="WAV", subtype="PCM_16")
    except (soundfile.SoundFileError, OSError) as error:
        raise RecordingFailed(str(path), str(error)) from error


def _read(file: soundfile.SoundFile, path: Path, *, target_hz: int) -> Samples:
    hz = file.samplerate
    if not MIN_HZ <= hz <= MAX_HZ:
        raise BadAudio(str(path), f"its rate is {hz} Hz, and {MIN_HZ} to {MAX_HZ} can be used")
    if file.frames > MAX_HOURS * 3600 * hz:
        raise BadAudio(str(path), f"it is longer than {MAX_HOURS} hours")
    stream = soxr.ResampleStream(hz, target_hz, 1, dtype="float32", quality="HQ")
    pieces: list[Samples] = []
    for block in file.blocks(blocksize=_BLOCK_S * hz, dtype="float32", always_2d=True):
        mono = np.nan_to_num(block, nan=0.0, posinf=1.0, neginf=-1.0).mean(axis=1, dtype=np.float32)
        pieces.append(stream.resample_chunk(np.clip(mono, -1.0, 1.0)))
    pieces.append(stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True))
    samples: Samples = np.clip(np.concatenate(pieces), -1.0, 1.0)
    if len(samples) == 0:
        raise BadAudio(str(path), "it is empty")
    return samples
