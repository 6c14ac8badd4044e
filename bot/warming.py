"""The voice of a line, with every fixed sentence rendered before the first call."""

from collections.abc import Callable
from pathlib import Path

from audio.errors import VoiceFailed
from audio.voice.cache import VoiceCache
from audio.voice.choose import open_voice
from bot.line_config import LineConfig, facts
from flows.phrases import fixed_sentences


def voice_name(config: LineConfig) -> str:
    """The voice that a line speaks with; "default" is the one that every machine has for its language."""
    return f"espeak/{config.language}" if config.voice == "default" else config.voice


def warm_voice(config: LineConfig, folder: Path, *, report: Callable[[str], None]) -> VoiceCache:
    """The line's voice, its fixed sentences ready in `folder`. Raises VoiceUnavailable and VoiceFailed."""
    cache = VoiceCache(open_voice(voice_name(config)), folder)
    sentences = fixed_sentences(facts(config))
    done = 0

    def told(_text: str, error: VoiceFailed | None) -> None:
        nonlocal done
        if error is not None:
            raise error
        done += 1
        if done % 25 == 0 or done == len(sentences):
            report(f"{done} of {len(sentences)} sentences are rendered")

    if any(cache.get(sentence) is None for sentence in sentences):
        cache.warm(sentences, told)
    return cache
