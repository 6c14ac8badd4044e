"""Rendered sentences, kept in memory and on disk, so that a sentence is rendered once and then costs nothing."""

import contextlib
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from audio.errors import VoiceFailed
from audio.signal import MuLaw
from audio.voice.port import Voice

MEMORY_BYTES: Final = 32 * 1024 * 1024
"""About 70 minutes of speech."""

_MAGIC: Final = b"calmline voice 1\n"
_DIGEST_BYTES: Final = hashlib.sha256().digest_size


@dataclass
class CacheCounts:
    """What became of the sentences asked for, since the cache was made."""

    rendered: int = 0
    from_memory: int = 0
    from_disk: int = 0
    damaged: int = 0
    disk_failures: int = 0


class VoiceCache:
    """A voice that remembers. Any thread may use it; two that want the same text at once wait for one rendering.

    A file is named after the SHA-256 of the voice's identity and the text, holds the SHA-256 of its audio, and comes
    into being whole. One that is damaged is rendered again. A disk that is full or cannot be written only means that
    sentences are rendered again by the next process; `counts` tells.
    """

    def __init__(self, voice: Voice, folder: Path | None, *, memory_bytes: int = MEMORY_BYTES) -> None:
        """Keep up to `memory_bytes` of audio in memory, the latest used, and all of it in `folder` if there is one."""
        self.voice = voice
        self.counts = CacheCounts()
        self._folder, self._memory_bytes = folder, memory_bytes
        self._lock = threading.Lock()
        self._memory: OrderedDict[str, MuLaw] = OrderedDict()
        self._held_bytes = 0
        self._rendering: dict[str, Future[MuLaw]] = {}

    def get(self, text: str) -> MuLaw | None:
        """The audio of `text` if it has been rendered before; never renders, reads one small file at most."""
        with self._lock:
            audio = self._memory.get(text)
            if audio is not None:
                self._memory.move_to_end(text)
                self.counts.from_memory += 1
                return audio
        audio = self._read(text)
        if audio is not None:
            with self._lock:
                self.counts.from_disk += 1
                self._remember(text, audio)
        return audio

    def render(self, text: str) -> MuLaw:
        """The audio of `text`, rendered if it has to be.

        Raises:
            VoiceFailed: the voice did not render it. Nothing is kept of that; the next call tries again.
        """
        audio = self.get(text)
        if audio is not None:
            return audio
        with self._lock:
            audio = self._memory.get(text)  # another thread may have finished since
            if audio is not None:
                return audio
            others = self._rendering.get(text)
            mine: Future[MuLaw] = Future()
            if others is None:
                self._rendering[text] = mine
        return others.result() if others is not None else self._render_for_all(text, mine)

    def warm(self, texts: Iterable[str], report: Callable[[str, VoiceFailed | None], None]) -> None:
        """Render those of `texts` that are not there; after each `report(text, error)`, None if it is there."""
        for text in texts:
            try:
                self.render(text)
            except VoiceFailed as error:
                report(text, error)
            else:
                report(text, None)

    def _render_for_all(self, text: str, result: Future[MuLaw]) -> MuLaw:
        """Render `text` in this thread; others that want it wait on `result` and fare the same."""
        try:
            audio = self.voice.render(text)
        except BaseException as error:
            with self._lock:
                del self._rendering[text]
            result.set_exception(error)
            raise
        with self._lock:
            self.counts.rendered += 1
            self._remember(text, audio)
            del self._rendering[text]
        result.set_result(audio)
        self._write(text, audio)
        return audio

    def _remember(self, text: str, audio: MuLaw) -> None:
        """Hold `audio`, let go of what was used least recently. Hold the lock."""
        self._held_bytes += len(audio) - len(self._memory.pop(text, b""))
        self._memory[text] = audio
        while self._held_bytes > self._memory_bytes:
            self._held_bytes -= len(self._memory.popitem(last=False)[1])

    def _read(self, text: str) -> MuLaw | None:
        if self._folder is None:
            return None
        try:
            content = self._path(self._folder, text).read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            with self._lock:
                self.counts.disk_failures += 1
            return None
        head = len(_MAGIC) + _DIGEST_BYTES
        audio = content[head:]
        if audio and content[:head] == _MAGIC + hashlib.sha256(audio).digest():
            return MuLaw(audio)
        with self._lock:
            self.counts.damaged += 1
        return None

    def _write(self, text: str, audio: MuLaw) -> None:
        if self._folder is None:
            return
        path, written = self._path(self._folder, text), None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".new", delete=False) as file:
                written = Path(file.name)
                file.write(_MAGIC + hashlib.sha256(audio).digest() + audio)
            written.replace(path)
        except OSError:
            with self._lock:
                self.counts.disk_failures += 1
            if written is not None:
                with contextlib.suppress(OSError):
                    written.unlink()

    def _path(self, folder: Path, text: str) -> Path:
        key = f"{self.voice.identity}\0{text}".encode("utf-8", "surrogatepass")
        return folder / f"{hashlib.sha256(key).hexdigest()}.ulaw"
