import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio.errors import VoiceFailed
from audio.signal import MuLaw
from audio.voice.cache import VoiceCache
from audio.voice.espeak import EspeakVoice


class Tapper:
    """A voice that says a text as its own bytes, and counts."""

    name = "tapper"

    def __init__(self, identity: str = "tapper 1", gate: threading.Event | None = None) -> None:
        self.identity, self.rendered, self._gate = identity, list[str](), gate

    def render(self, text: str) -> MuLaw:
        self.rendered.append(text)
        if self._gate is not None:
            assert self._gate.wait(10)
        if "bad" in text:
            raise VoiceFailed(self.name, text, "it is bad")
        return MuLaw(text.encode() * 10)


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_get_never_renders(tmp_path: Path) -> None:
    voice = Tapper()
    assert VoiceCache(voice, tmp_path).get("hello") is None
    assert voice.rendered == []


def test_a_sentence_is_rendered_once(tmp_path: Path) -> None:
    voice = Tapper()
    cache = VoiceCache(voice, tmp_path)
    assert cache.render("hello") == cache.render("hello") == cache.get("hello") == b"hello" * 10
    assert voice.rendered == ["hello"]


def test_the_next_process_finds_it_on_disk(tmp_path: Path) -> None:
    VoiceCache(Tapper(), tmp_path / "new" / "folder").render("hello")
    later = VoiceCache(Tapper(), tmp_path / "new" / "folder")
    assert (later.get("hello"), later.counts.from_disk) == (b"hello" * 10, 1)


def test_another_voice_or_setting_does_not_get_the_same_audio(tmp_path: Path) -> None:
    VoiceCache(Tapper("tapper 1"), tmp_path).render("hello")
    assert VoiceCache(Tapper("tapper 2"), tmp_path).get("hello") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: content[:20],
        lambda content: content[:-1],
        lambda content: content[:-1] + b"?",
        lambda content: b"?" + content[1:],
        lambda content: content + b"?",
    ],
)
def test_a_damaged_file_is_rendered_again_and_mended(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    VoiceCache(Tapper(), tmp_path).render("hello")
    only_file(tmp_path).write_bytes(damage(only_file(tmp_path).read_bytes()))
    cache = VoiceCache(Tapper(), tmp_path)
    assert (cache.render("hello"), cache.counts.damaged) == (b"hello" * 10, 1)
    assert VoiceCache(Tapper(), tmp_path).get("hello") == b"hello" * 10


def test_memory_holds_what_was_used_last_and_no_more_than_allowed() -> None:
    cache = VoiceCache(Tapper(), None, memory_bytes=100)
    for text in ("aaaa", "bbbb", "aaaa", "cccc"):
        cache.render(text)
    assert [cache.get(text) is not None for text in ("aaaa", "bbbb", "cccc")] == [True, False, True]


def test_a_sentence_larger_than_memory_is_still_given(tmp_path: Path) -> None:
    cache = VoiceCache(Tapper(), tmp_path, memory_bytes=10)
    assert cache.render("hello") == cache.get("hello") == b"hello" * 10
    assert cache.counts.from_memory == 0


def test_without_a_folder_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    VoiceCache(Tapper(), None).render("hello")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_loses_the_disk_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = VoiceCache(Tapper(), tmp_path / "file")
    assert cache.render("hello") == cache.get("hello") == b"hello" * 10
    assert cache.counts.disk_failures > 0


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    VoiceCache(Tapper(), tmp_path).render("hello")
    name = only_file(tmp_path).name
    only_file(tmp_path).unlink()
    (tmp_path / name).mkdir()
    cache = VoiceCache(Tapper(), tmp_path)
    assert cache.render("hello") == b"hello" * 10
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_threads_that_want_the_same_text_share_one_rendering() -> None:
    gate = threading.Event()
    voice = Tapper(gate=gate)
    cache = VoiceCache(voice, None)
    with ThreadPoolExecutor(8) as pool:
        wanted = [pool.submit(cache.render, "hello") for _ in range(8)]
        gate.set()
        assert {w.result() for w in wanted} == {b"hello" * 10}
    assert voice.rendered == ["hello"]


def test_one_slow_text_does_not_hold_up_another() -> None:
    gate = threading.Event()
    cache = VoiceCache(Tapper(gate=gate), None)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(cache.render, "hello")
        assert cache.get("other") is None
        gate.set()
        assert slow.result() == b"hello" * 10


def test_a_failure_reaches_all_who_wait_and_is_not_kept() -> None:
    gate = threading.Event()
    voice = Tapper(gate=gate)
    cache = VoiceCache(voice, None)
    with ThreadPoolExecutor(4) as pool:
        wanted = [pool.submit(cache.render, "bad") for _ in range(4)]
        gate.set()
        assert all(isinstance(w.exception(), VoiceFailed) for w in wanted)
    before = len(voice.rendered)
    with pytest.raises(VoiceFailed):
        cache.render("bad")
    assert len(voice.rendered) == before + 1


def test_warming_renders_what_is_missing_and_reports_each(tmp_path: Path) -> None:
    reports = list[tuple[str, bool]]()
    cache = VoiceCache(Tapper(), tmp_path)
    cache.warm(["one", "bad", "two"], lambda text, error: reports.append((text, error is None)))
    assert reports == [("one", True), ("bad", False), ("two", True)]
    assert cache.get("two") == b"two" * 10


def test_a_real_voice_speaks_from_the_cache(tmp_path: Path) -> None:
    audio = VoiceCache(EspeakVoice(), tmp_path).render("Hello there.")
    assert VoiceCache(EspeakVoice(), tmp_path).get("Hello there.") == audio
