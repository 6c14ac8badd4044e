"""The words at each pause, by the real recogniser, kept on disk so that a curve is drawn again in seconds."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from audio.errors import RecognitionFailed
from audio.signal import Samples16k
from audio.whisper import Whisper


@dataclass(frozen=True)
class Words:
    """What was decoded at a pause, and how long it took."""

    text: str
    decode_ms: int


class Decodings:
    """Decodes, or remembers. `folder` holds one small file for each stretch of audio."""

    def __init__(self, whisper: Whisper, folder: Path) -> None:
        self._whisper, self._folder = whisper, folder
        folder.mkdir(parents=True, exist_ok=True)

    def of(self, samples: Samples16k, *, language: str) -> Words:
        """The words in `samples`; none when the recogniser fails."""
        digest = hashlib.sha256(samples.tobytes() + language.encode()).hexdigest()
        path = self._folder / f"{digest}.json"
        if path.is_file():
            return Words(**json.loads(path.read_text(encoding="utf-8")))
        try:
            heard = self._whisper.transcribe(samples, language=language)
            words = Words(heard.text, heard.cpu_ms)
        except RecognitionFailed:
            words = Words("", 0)
        path.write_text(json.dumps({"text": words.text, "decode_ms": words.decode_ms}), encoding="utf-8")
        return words
