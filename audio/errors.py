"""The errors of ear and voice.

CalmlineError
+-- AudioError
    +-- BadAudio             a file or payload that is not the audio it claims to be
    +-- ModelMissing         a model that is neither in the cache nor to be had
    +-- ModelDamaged         a model whose bytes are not the ones expected
    +-- RecognitionFailed    the recogniser could not make a transcript
    +-- VoiceUnavailable     a voice that this machine does not have
    +-- VoiceFailed          a voice that did not render a sentence
    +-- RecordingFailed      a recording that could not be written
"""

from calmline import CalmlineError


class AudioError(CalmlineError):
    """Something went wrong in the ear or the voice."""


class BadAudio(AudioError):
    """A file or payload that is not the audio it claims to be."""

    def __init__(self, what: str, problem: str) -> None:
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        problem = self.problem.rstrip(".")
        return (
            f"{self.what} cannot be read as audio: {problem}. Give a WAV, FLAC or OGG file with sound in it."
        )


class ModelMissing(AudioError):
    """A model that is neither in the cache nor to be had."""

    def __init__(self, model: str, tried: str) -> None:
        self.model, self.tried = model, tried

    def __str__(self) -> str:
        return (
            f"the model {self.model} is not on this machine and could not be fetched ({self.tried}). "
            "Connect to the network and run `calmline models`, or set WHISPER_MODEL to a folder that holds it."
        )


class ModelDamaged(AudioError):
    """A model whose bytes are not the ones expected."""

    def __init__(self, path: str, expected: str, got: str) -> None:
        self.path, self.expected, self.got = path, expected, got

    def __str__(self) -> str:
        return (
            f"{self.path} is damaged: its SHA-256 is {self.got[:12]}… and should be {self.expected[:12]}…. "
            "Delete it and run `calmline models`."
        )


class RecognitionFailed(AudioError):
    """The recogniser could not make a transcript."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __str__(self) -> str:
        return f"the recogniser failed: {self.reason}. The caller is asked to say it again."


class VoiceUnavailable(AudioError):
    """A voice that this machine does not have."""

    def __init__(self, voice: str, available: str, hint: str = "") -> None:
        self.voice, self.available, self.hint = voice, available, hint

    def __str__(self) -> str:
        sentence = f"there is no voice {self.voice!r}; this machine has {self.available}."
        return f"{sentence} {self.hint}".rstrip()


class VoiceFailed(AudioError):
    """A voice that did not render a sentence."""

    def __init__(self, voice: str, text: str, reason: str) -> None:
        self.voice, self.text, self.reason = voice, text, reason

    def __str__(self) -> str:
        return f"the voice {self.voice} did not render {self.text!r}: {self.reason}."


class RecordingFailed(AudioError):
    """A recording that could not be written."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"the recording {self.path} could not be written: {self.reason}. The call goes on without it; "
            "make room, or point CALMLINE_HOME elsewhere."
        )
