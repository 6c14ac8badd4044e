"""The recording of a call, as both sides heard it: two channels of FLAC, written while the call goes on."""

from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

import numpy as np
import soundfile
from numpy.typing import NDArray

from audio.errors import RecordingFailed
from audio.mulaw import decode_mulaw
from audio.signal import MULAW_BYTES_PER_MS, TELEPHONE_HZ, MuLaw

HORIZON_MS: Final = 3000
"""So long after its time audio may still come in or be cut; what is older is in the file."""

AHEAD_MS: Final = 7000
"""So far ahead of the latest `advance` audio may lie. More would be a broken timestamp."""

LONGEST_MS: Final = 4 * 3600 * 1000
"""No recording grows longer, whatever the clock says."""

_CALLER: Final = 0
_LINE: Final = 1
_PIECE: Final = TELEPHONE_HZ // 2  # written at once: a call's file is touched twice a second


class CallRecorder:
    """Left the caller as received, right the line as heard; 8 kHz, 16 bit, every sample at its time.

    Times are media time, 8 samples a millisecond. Where nothing was written is silence; where two pieces of one side
    overlap, the later write wins. Memory holds the horizon only (some 150 kB). Not for several threads at once.

    The first error of the disk raises RecordingFailed. After it `failed` is True and every method does nothing, so a
    call need not ask. What was written until then stays; a file that was never closed has no length in its header.
    """

    def __init__(self, path: Path) -> None:
        """Begin the file `path`, in a folder that exists.

        Raises:
            RecordingFailed: it cannot be written.
        """
        self.failed = False
        self.dropped_ms = 0
        """Audio that came too late, too early or after `LONGEST_MS`, and so is not in the recording."""
        self._path = path
        self._pending: NDArray[np.int16] = np.zeros((0, 2), np.int16)
        self._written = 0  # samples in the file: where `_pending` begins
        self._now = 0  # all positions are samples since the call began
        self._ends = [0, 0]
        self._dropped = 0
        try:
            self._file = soundfile.SoundFile(
                path, "w", samplerate=TELEPHONE_HZ, channels=2, format="FLAC", subtype="PCM_16"
            )
        except (soundfile.SoundFileError, OSError) as error:
            self.failed = True
            raise RecordingFailed(str(path), str(error)) from error

    def write_caller(self, audio: MuLaw, *, start_ms: int) -> None:
        """Place what was received from the caller at `start_ms`."""
        self._place(_CALLER, audio, start_ms * MULAW_BYTES_PER_MS)

    def write_line(self, audio: MuLaw, *, start_ms: int) -> None:
        """Place what is sent to the caller where it will be heard, at `start_ms`."""
        self._place(_LINE, audio, start_ms * MULAW_BYTES_PER_MS)

    def cut_line(self, *, at_ms: int) -> None:
        """Take back the line's audio from `at_ms` on: it was sent but is not going to be heard."""
        if self._over:
            return
        at = max(0, at_ms * MULAW_BYTES_PER_MS)
        self._pending[max(0, at - self._written) :, _LINE] = 0
        self._ends[_LINE] = min(self._ends[_LINE], at)

    def advance(self, now_ms: int) -> None:
        """The call has come to `now_ms`: write what is older than the horizon. Time never goes back.

        Raises:
            RecordingFailed: the disk would not take it (the first time only).
        """
        if self._over:
            return
        self._now = max(self._now, min(now_ms, LONGEST_MS) * MULAW_BYTES_PER_MS)
        due = self._now - HORIZON_MS * MULAW_BYTES_PER_MS
        while due - self._written >= _PIECE:
            self._write(_PIECE)

    def close(self) -> None:
        """Write the rest, up to the end of what was heard or the latest `advance` (1 ms at least), and close the file.

        Raises:
            RecordingFailed: the disk would not take it (the first time only).
        """
        if self._over:
            return
        end = max(self._now, *self._ends, MULAW_BYTES_PER_MS)  # FLAC without a sample cannot be opened again
        while self._written < end:
            self._write(min(_PIECE, end - self._written))
        try:
            self._file.close()
            in_file = soundfile.info(self._path).frames
        except (soundfile.SoundFileError, OSError) as error:
            self._fail(error)
        if in_file != end:  # the last block is written on closing, and its failure is not reported
            self._fail(OSError(f"{in_file} of {end} samples are in it"))

    @property
    def _over(self) -> bool:
        """Nothing can be written any more."""
        return self.failed or bool(self._file.closed)

    def _place(self, channel: int, audio: MuLaw, start: int) -> None:
        """Put `audio` into what is pending, from the position `start`; count what lies outside."""
        if self._over:
            return
        latest = min(self._now + AHEAD_MS * MULAW_BYTES_PER_MS, LONGEST_MS * MULAW_BYTES_PER_MS)
        first, last = max(start, self._written), min(start + len(audio), latest)
        kept = max(0, last - first)
        self._dropped += len(audio) - kept
        self.dropped_ms = -(-self._dropped // MULAW_BYTES_PER_MS)
        if not kept:
            return
        self._reserve(last)
        samples = np.rint(decode_mulaw(audio[first - start : last - start]) * 32768).astype(np.int16)
        self._pending[first - self._written : last - self._written, channel] = samples
        self._ends[channel] = max(self._ends[channel], last)

    def _reserve(self, end: int) -> None:
        """Make what is pending reach to `end` at least, by silence."""
        missing = end - self._written - len(self._pending)
        if missing > 0:
            silence = np.zeros((missing + _PIECE, 2), np.int16)
            self._pending = np.concatenate([self._pending, silence])

    def _write(self, samples: int) -> None:
        """Move the first `samples` of what is pending to the file."""
        self._reserve(self._written + samples)
        try:
            self._file.write(self._pending[:samples])
        except (
            soundfile.SoundFileError,
            OSError,
            AssertionError,
        ) as error:  # soundfile asserts that all was taken
            self._fail(error)
        self._pending = self._pending[samples:].copy()
        self._written += samples

    def _fail(self, error: Exception) -> NoReturn:
        self.failed = True
        self._pending = self._pending[:0]
        with suppress(soundfile.SoundFileError, OSError):
            self._file.close()
        raise RecordingFailed(str(self._path), str(error)) from error
