"""The carrier's buffer: what the server sent and the caller has not heard yet, marks in their places."""

from collections import deque
from dataclasses import dataclass

from audio.mulaw import SILENCE
from audio.signal import MULAW_BYTES_PER_MS, TELEPHONE_HZ

MAX_BUFFER_BYTES = TELEPHONE_HZ * 60 * 10
"""Ten minutes of audio; a server that sends more than that ahead is broken."""


@dataclass(frozen=True)
class Run:
    """Audio that was played without a gap, from `start_ms`."""

    start_ms: int
    audio: bytes


class PlaybackBuffer:
    """Audio and marks, in the order they came in. Sizes are bytes of mu-law."""

    def __init__(self) -> None:
        self._queue: deque[bytes | str] = deque()
        self.unplayed_bytes = 0

    def add_audio(self, audio: bytes) -> bool:
        """Put audio at the end; false when there is no room, and then nothing is put."""
        if self.unplayed_bytes + len(audio) > MAX_BUFFER_BYTES:
            return False
        self._queue.append(audio)
        self.unplayed_bytes += len(audio)
        return True

    def add_mark(self, name: str) -> None:
        """Put a mark at the end."""
        self._queue.append(name)

    def play(self, size: int) -> tuple[bytes, list[str]]:
        """Take up to `size` bytes of audio, and the marks that lie before the audio that remains."""
        audio = bytearray()
        marks: list[str] = []
        while self._queue:
            item = self._queue[0]
            if isinstance(item, str):
                marks.append(item)
                self._queue.popleft()
                continue
            wanted = size - len(audio)
            if wanted == 0:
                break
            audio += item[:wanted]
            if len(item) > wanted:
                self._queue[0] = item[wanted:]
            else:
                self._queue.popleft()
        self.unplayed_bytes -= len(audio)
        return bytes(audio), marks

    def clear(self) -> list[str]:
        """Drop all audio and return the names of the marks that were waiting, in their order."""
        marks = [item for item in self._queue if isinstance(item, str)]
        self._queue.clear()
        self.unplayed_bytes = 0
        return marks


class Track:
    """One side of a call, from its start: mu-law without gaps, and the runs that are not filling."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._runs: list[tuple[int, int]] = []

    def append(self, audio: bytes, *, fill_to: int) -> None:
        """Add what was played, filled up with silence to `fill_to` bytes."""
        start = len(self._audio)
        self._audio += audio.ljust(fill_to, SILENCE)
        if not audio:
            return
        if self._runs and self._runs[-1][1] == start:
            self._runs[-1] = (self._runs[-1][0], start + len(audio))
        else:
            self._runs.append((start, start + len(audio)))

    def __len__(self) -> int:
        return len(self._audio)

    def __bytes__(self) -> bytes:
        return bytes(self._audio)

    def at(self, start: int, size: int) -> bytes:
        """`size` bytes from `start`; what lies before the beginning or after the end is silence."""
        before = min(size, max(0, -start))
        return (SILENCE * before + self._audio[max(0, start) : max(0, start + size)]).ljust(size, SILENCE)

    @property
    def runs(self) -> tuple[Run, ...]:
        """What was played, without the filling."""
        return tuple(
            Run(start // MULAW_BYTES_PER_MS, bytes(self._audio[start:end])) for start, end in self._runs
        )
