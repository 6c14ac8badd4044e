"""A voice by its name."""

from audio.errors import VoiceUnavailable
from audio.voice.espeak import EspeakVoice, espeak_languages
from audio.voice.piper import PiperVoice, piper_models
from audio.voice.port import Voice

_ENGLISH = ("espeak/en-us", "espeak/en-gb")


def open_voice(name: str) -> Voice:
    """The voice called `name`: "espeak", "espeak/en-us", "piper", "piper/joe" or "piper/" and the path of a model.

    Raises:
        VoiceUnavailable: there is none of that name on this machine; its message says what there is.
    """
    engine, _, variant = name.partition("/")
    if engine == "espeak":
        return EspeakVoice(variant or "en")
    if engine == "piper":
        return PiperVoice(variant or "joe")
    available = voices()
    named = [voice for voice in available if voice.startswith("piper/") or voice in _ENGLISH]
    raise VoiceUnavailable(name, f"{', '.join(named)} and {len(available) - len(named)} others")


def voices() -> list[str]:
    """The names of the voices that this machine can speak with, natural ones first."""
    return [f"piper/{model}" for model in piper_models()] + [f"espeak/{tag}" for tag in espeak_languages()]
