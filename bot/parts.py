"""What all calls of a process share."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from audio.activity import ActivityModel
from audio.transcriber import Transcriber
from audio.voice.cache import VoiceCache
from bot.admission import Admission
from bot.line_config import LineConfig
from bot.live import LiveFeed
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store.store import Store
from bot.tokens import StreamTokens


def _one_thread(name: str) -> ThreadPoolExecutor:
    """A thread of its own for one kind of waiting; its work stays in order."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)


@dataclass(frozen=True)
class Parts:
    """The shared parts: models, voice, store, feed. Made by `bot.app.Application`."""

    settings: Settings
    config: LineConfig
    store: Store
    tokens: StreamTokens
    admission: Admission
    metrics: Metrics
    feed: LiveFeed
    activity_model: ActivityModel
    transcriber: Transcriber
    voice: VoiceCache
    recordings: Path
    store_thread: ThreadPoolExecutor = field(default_factory=lambda: _one_thread("store"))
    voice_thread: ThreadPoolExecutor = field(default_factory=lambda: _one_thread("voice"))
    disk_thread: ThreadPoolExecutor = field(default_factory=lambda: _one_thread("disk"))

    def close(self) -> None:
        """Let every thread finish what it has, then give back the rest."""
        for thread in (self.voice_thread, self.disk_thread, self.store_thread):
            thread.shutdown(wait=True)
        self.transcriber.close()
        self.store.close()
