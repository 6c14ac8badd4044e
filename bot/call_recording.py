"""The recording of one stream of a call, written in the disk's own thread, a second or so at a time."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from audio.errors import RecordingFailed
from audio.recording import CallRecorder
from audio.signal import MuLaw, mulaw_ms
from bot.metrics import Metrics

BATCH_MS: Final = 1_000
"""So much caller audio is gathered before the disk is troubled."""

_log = logging.getLogger(__name__)

Work = Callable[[CallRecorder], None]


class CallRecording:
    """Two channels of one media stream. A disk that fails costs the recording, never the call."""

    def __init__(
        self, path: Path, *, thread: ThreadPoolExecutor, metrics: Metrics, offset_ms: int = 0
    ) -> None:
        self.path = path
        self._thread, self._metrics, self._offset_ms = thread, metrics, offset_ms
        self._recorder: CallRecorder | None = None  # opened in the disk's thread, with the first piece
        self._failed = False
        self._work: list[Work] = []
        self._gathered_ms = 0
        self._now_ms = 0

    def caller(self, payload: bytes, *, start_ms: int) -> None:
        """The caller said this, from `start_ms` of the call."""
        audio, at_ms = MuLaw(payload), start_ms - self._offset_ms
        self._work.append(lambda recorder: recorder.write_caller(audio, start_ms=at_ms))
        self._gathered_ms += mulaw_ms(audio)
        self._now_ms = max(self._now_ms, at_ms + mulaw_ms(audio))
        if self._gathered_ms >= BATCH_MS:
            self._hand_over()

    def line(self, payload: MuLaw, *, start_ms: int) -> None:
        """The caller hears this from the line, from `start_ms` of the call."""
        at_ms = start_ms - self._offset_ms
        self._work.append(lambda recorder: recorder.write_line(payload, start_ms=at_ms))

    def cut(self, *, at_ms: int) -> None:
        """The line's audio from `at_ms` of the call on is not heard after all."""
        cut_ms = at_ms - self._offset_ms
        self._work.append(lambda recorder: recorder.cut_line(at_ms=cut_ms))

    async def close(self) -> None:
        """Write what is left, and close the file."""
        self._work.append(lambda recorder: recorder.close())
        await self._hand_over()

    def _hand_over(self) -> "asyncio.Future[None]":
        """Give the gathered work to the disk's thread, which takes it in order."""
        work, self._work, self._gathered_ms = self._work, [], 0
        now_ms = self._now_ms
        work.append(lambda recorder: recorder.advance(now_ms))
        return asyncio.get_running_loop().run_in_executor(self._thread, self._write, work)

    def _write(self, work: list[Work]) -> None:
        """In the disk's thread: open the file with the first piece; after a failure there is no recording."""
        if self._failed:
            return
        try:
            if self._recorder is None:
                self._recorder = CallRecorder(self.path)
            for item in work:
                item(self._recorder)
        except RecordingFailed as error:
            self._failed = True
            self._metrics.recordings_failed.inc()
            _log.error("%s", error)
