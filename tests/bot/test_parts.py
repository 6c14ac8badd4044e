"""What the calls of a process share, and how it is given back."""

import threading
from pathlib import Path

import numpy as np
import pytest

from audio.activity import ActivityModel
from audio.ear_events import DecodePurpose
from audio.errors import RecognitionFailed
from audio.signal import Samples16k
from audio.transcriber import Transcriber
from audio.voice.cache import VoiceCache
from audio.voice.espeak import EspeakVoice
from audio.whisper import Whisper
from bot.admission import Admission
from bot.line_config import LineConfig
from bot.live import LiveFeed
from bot.metrics import Metrics
from bot.parts import Parts
from bot.settings import load_settings
from bot.tokens import StreamTokens
from tests.bot.store.opened import open_store


@pytest.fixture
def parts(tmp_path: Path, whisper: Whisper, activity_model: ActivityModel) -> Parts:
    """The parts of a line."""
    return Parts(
        settings=load_settings({"CALMLINE_HOME": str(tmp_path)}),
        config=LineConfig(),
        store=open_store(tmp_path),
        tokens=StreamTokens(b"secret"),
        admission=Admission(2, clock_s=lambda: 0.0),
        metrics=Metrics(),
        feed=LiveFeed(),
        activity_model=activity_model,
        transcriber=Transcriber(whisper),
        voice=VoiceCache(EspeakVoice("en"), None),
        recordings=tmp_path,
    )


def test_what_waits_has_a_thread_of_its_own_and_stays_in_order(parts: Parts) -> None:
    done: list[int] = []
    for number in range(100):
        parts.store_thread.submit(done.append, number)
    names = {
        thread.submit(lambda: threading.current_thread().name).result()
        for thread in (parts.store_thread, parts.voice_thread, parts.disk_thread)
    }
    parts.close()
    assert done == list(range(100))
    assert names == {"store_0", "voice_0", "disk_0"}


def test_closing_lets_every_thread_finish_what_it_has(parts: Parts) -> None:
    go_on = threading.Event()
    threads = (parts.store_thread, parts.voice_thread, parts.disk_thread)
    works = [thread.submit(go_on.wait, 10) for thread in threads]
    closing = threading.Thread(target=parts.close)
    closing.start()
    go_on.set()
    closing.join(10)
    assert [work.result(timeout=0) for work in works] == [True] * 3


def test_after_closing_nothing_new_is_taken(parts: Parts) -> None:
    parts.close()
    with pytest.raises(RuntimeError):
        parts.store_thread.submit(print)
    silence = Samples16k(np.zeros(16_000, dtype=np.float32))
    with pytest.raises(RecognitionFailed, match="closed"):
        parts.transcriber.submit(silence, purpose=DecodePurpose.FINAL).result(timeout=10)
