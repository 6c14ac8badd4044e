"""eSpeak NG through pyttsx3: a plain voice for over a hundred languages, at hand on every machine.

On Linux the library and its data come with the package espeakng-loader; nothing of the system is used.
On macOS pyttsx3 knows eSpeak NG only where Homebrew puts it; without it the system's own voice speaks (pyttsx3's
driver "nsss"). pyttsx3 has one engine for the whole process and is not made for threads: see `_Engine`.
"""

import ctypes
import functools
import importlib.metadata
import os
import platform
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import espeakng_loader
import soundfile

from audio.errors import VoiceFailed, VoiceUnavailable
from audio.signal import MuLaw
from audio.voice.finish import FINISH, to_mulaw
from audio.voice.port import speakable

RATE_WPM: Final = 130
"""In eSpeak's own count. Words of our sentences then come at about 160 a minute, a fit pace for a telephone."""

_DEFAULT_DIALECT: Final = {
    "en": "en-us"
}  # Whisper base read 18 % of its words wrong after mu-law, of en-gb 21 %
_LONGEST_DATA_PATH: Final = 159
_PATIENCE_S: Final = 20.0


class EspeakVoice:
    """eSpeak NG in one language. Any thread may render; all voices of the process take turns."""

    def __init__(self, language: str = "en", *, rate_wpm: int = RATE_WPM) -> None:
        """`language` is a tag that eSpeak knows, such as "en-gb"; "en" is the dialect that is understood best.

        Raises:
            VoiceUnavailable: eSpeak does not start on this machine, or does not know the language.
        """
        tag = _DEFAULT_DIALECT.get(language.lower(), language.lower())
        self.name = f"espeak/{tag}"
        with _TURN:
            voices = _engine().voices
        if tag not in voices:
            near = [f"espeak/{known}" for known in voices if known.split("-")[0] == tag.split("-")[0]]
            raise VoiceUnavailable(self.name, ", ".join(near) or f"espeak in {len(voices)} other languages")
        self._voice_id, self._rate_wpm = voices[tag], rate_wpm
        versions = "+".join(importlib.metadata.version(p) for p in ("espeakng-loader", "pyttsx3"))
        self.identity = f"{self.name} {versions} {rate_wpm} wpm {FINISH}"

    def render(self, text: str) -> MuLaw:
        """See `Voice.render`; 10 to 30 ms a sentence."""
        line = speakable(text, voice=self.name)
        try:
            with _TURN, tempfile.TemporaryDirectory(prefix="calmline-voice-") as folder:
                path = Path(folder) / "sentence.wav"
                _engine().speak(line, path, voice_id=self._voice_id, rate_wpm=self._rate_wpm)
                samples, hz = soundfile.read(path, dtype="float32")
        except (OSError, RuntimeError, ValueError) as error:  # a LibsndfileError is a RuntimeError
            raise VoiceFailed(self.name, line[:60], str(error)) from error
        audio = to_mulaw(samples, hz=hz)
        if not audio:
            raise VoiceFailed(self.name, line[:60], "eSpeak gave silence")
        return audio


def espeak_languages() -> list[str]:
    """The language tags eSpeak can speak on this machine, sorted; none where it does not start."""
    try:
        with _TURN:
            return sorted(_engine().voices)
    except VoiceUnavailable:
        return []


_TURN: Final = threading.Lock()
"""Held by whoever uses the engine: the library's state is one for the whole process."""


class _Engine:
    """pyttsx3's engine, with what it takes to use it for as long as a process lives. Hold `_TURN`.

    - Its first loop ends before the speech is complete, so that one is spent on nothing.
    - A loop that begins while the library is busy cancels what is queued, and perhaps the next sentence too: settings
      are lost and sentences come out cut or empty. So it waits until the library is idle.
    - An error while the file is written leaves its loop turning for ever. A timer ends it.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._finished: list[bool] = []
        self._problems: list[str] = []
        engine.connect("finished-utterance", lambda completed, **_: self._finished.append(completed))
        engine.connect("error", lambda exception, **_: self._problems.append(str(exception)))
        self._wait_until_idle(time.monotonic() + _PATIENCE_S)
        engine.runAndWait()
        self.voices: dict[str, str] = {}
        for voice in engine.getProperty("voices"):
            for language in voice.languages or ():
                self.voices.setdefault(language.lower().replace("_", "-"), voice.id)

    def speak(
        self, text: str, path: Path, *, voice_id: str, rate_wpm: int, patience_s: float = _PATIENCE_S
    ) -> None:
        """Write `text` as speech to `path`, 16 bit mono. RuntimeError or ValueError say what went wrong."""
        self._finished.clear()
        self._problems.clear()
        timer = threading.Timer(patience_s, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            self._engine.setProperty("voice", voice_id)
            self._engine.setProperty("rate", rate_wpm)
            self._wait_until_idle(time.monotonic() + patience_s)
            self._engine.save_to_file(text, str(path))
            self._engine.runAndWait()
        finally:
            timer.cancel()
            with suppress(
                RuntimeError
            ):  # as a rule the loop has ended; after an error it must not count as running
                self._engine.endLoop()
        if self._problems or self._finished != [True]:
            raise RuntimeError(next(iter(self._problems), "the engine did not come to the end of it"))

    def _wait_until_idle(self, deadline_s: float) -> None:
        if self._engine.driver_name != "espeak":
            return
        from pyttsx3.drivers import _espeak  # noqa: PLC0415 - it loads the library, which must be ours by then

        while _espeak.IsPlaying() and time.monotonic() < deadline_s:
            time.sleep(0.001)

    def _give_up(self) -> None:
        self._engine.proxy.endLoop(True)  # the engine itself believes at this point that no loop is running


@functools.cache
def _engine() -> _Engine:
    """The engine of this process, started when it is first needed. Hold `_TURN`.

    Raises:
        VoiceUnavailable: neither eSpeak nor, on macOS, the system's voice can be used.
    """
    on_macos = platform.system() == "Darwin"
    data = None if on_macos else _load_library()
    import pyttsx3  # noqa: PLC0415 - see `_load_library`

    try:
        from pyttsx3.drivers import espeak as driver  # noqa: PLC0415

        driver.print = lambda *_: None  # it announces every file it has written
        with _data_path(data):
            return _Engine(pyttsx3.init("espeak"))
    except (RuntimeError, OSError) as error:
        if on_macos:
            return _Engine(pyttsx3.init("nsss"))
        raise VoiceUnavailable("espeak", "no eSpeak NG", f"It does not start: {error}.") from error


def _load_library() -> Path:
    """Load the package's library under the name by which pyttsx3 will ask for it; the folder of its data.

    It stays local to whoever asks for it: Piper carries an eSpeak of its own, whose calls would otherwise go to this
    one and end the process. A missing folder, or one whose path is too long for the library, would end it too.
    """
    try:
        data = Path(espeakng_loader.get_data_path())
        ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_LOCAL)
    except (OSError, RuntimeError) as error:
        raise VoiceUnavailable(
            "espeak", "no eSpeak NG", f"Install espeakng-loader again: {error}."
        ) from error
    problem = _data_problem(data)
    if problem:
        raise VoiceUnavailable("espeak", "no eSpeak NG that starts", problem)
    return data


def _data_problem(data: Path) -> str:
    """Why the library would end the process over this folder, and what to do; empty if it would not."""
    if len(os.fsencode(data)) > _LONGEST_DATA_PATH:
        return f"Install at a shorter path: eSpeak takes at most {_LONGEST_DATA_PATH} bytes, and {data} is longer."
    return "" if (data / "phontab").is_file() else f"Install espeakng-loader again: {data} holds no voices."


@contextmanager
def _data_path(folder: Path | None) -> Iterator[None]:
    """Tell the library, while it starts, where its data is; afterwards it knows, and children need not."""
    before = os.environ.get("ESPEAK_DATA_PATH")
    if folder:
        os.environ["ESPEAK_DATA_PATH"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("ESPEAK_DATA_PATH", None)
        else:
            os.environ["ESPEAK_DATA_PATH"] = before
