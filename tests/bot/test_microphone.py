"""The caller at this machine's microphone, with a sound device that is only its callback."""

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from audio.errors import VoiceUnavailable
from audio.mulaw import decode_mulaw
from bot.microphone import BEHIND_FRAMES, FRAME_SAMPLES, MicrophoneCaller
from bot.simulator.caller import Caller
from bot.simulator.loudness import SILENCE, is_audible
from tests.bot.simulator.signals import tone


class SoundCard(ModuleType):
    """What stands in for the package `sounddevice` and for a sound card."""

    class PortAudioError(Exception):
        """No usable device."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__("sounddevice")
        self.broken = broken
        self.options: dict[str, Any] = {}
        self.started = False

    def Stream(self, **options: Any) -> "SoundCard":  # noqa: N802 - the package's own name
        """Open the device."""
        if self.broken:
            raise self.PortAudioError("no default device")
        self.options = options
        return self

    def start(self) -> None:
        self.started = True

    def exchange(self, level: float) -> float:
        """20 ms go by, in which the microphone hears `level`; the loudest sample that was played."""
        incoming = np.full((FRAME_SAMPLES, 1), level, dtype=np.float32)
        outgoing = np.zeros((FRAME_SAMPLES, 1), dtype=np.float32)
        self.options["callback"](incoming, outgoing, FRAME_SAMPLES, None, None)
        return float(np.abs(outgoing).max())


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> SoundCard:
    """A machine with a sound card."""
    sound_card = SoundCard()
    monkeypatch.setitem(sys.modules, "sounddevice", sound_card)
    return sound_card


def test_the_device_is_opened_as_a_telephone_and_started(card: SoundCard) -> None:
    MicrophoneCaller()
    assert (card.options["samplerate"], card.options["channels"]) == (8000, 1)
    assert card.started


def test_what_the_microphone_hears_is_what_the_caller_says(card: SoundCard) -> None:
    caller: Caller = MicrophoneCaller()
    card.exchange(0.5)
    frame = caller.next_frame(20, False)
    assert len(frame) == len(SILENCE)
    assert decode_mulaw(frame).mean() == pytest.approx(0.5, rel=0.05)


def test_before_the_microphone_has_heard_anything_the_caller_is_silent(card: SoundCard) -> None:
    assert MicrophoneCaller().next_frame(20, True) == SILENCE


def test_the_line_is_played_in_order_and_then_silence(card: SoundCard) -> None:
    caller = MicrophoneCaller()
    caller.hear(tone(20))
    assert [card.exchange(0.0) > 0.05 for _ in range(2)] == [True, False]


def test_a_microphone_that_runs_ahead_loses_the_oldest_sound(card: SoundCard) -> None:
    caller = MicrophoneCaller()
    for number in range(BEHIND_FRAMES + 5):
        card.exchange(0.5 if number < 5 else 0.0)
    frames = [caller.next_frame(20, False) for _ in range(BEHIND_FRAMES)]
    assert not any(is_audible(frame) for frame in frames)


def test_a_microphone_has_no_keys_and_does_not_hang_up(card: SoundCard) -> None:
    caller = MicrophoneCaller()
    assert (caller.keys_pressed(), caller.has_hung_up, caller.turns_spoken) == ("", False, ())


def test_without_a_usable_device_a_sentence_says_what_to_do(card: SoundCard) -> None:
    card.broken = True
    with pytest.raises(VoiceUnavailable, match=r"no default device.*recordings instead"):
        MicrophoneCaller()


def test_without_the_package_a_sentence_says_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(VoiceUnavailable, match="Install the package sounddevice"):
        MicrophoneCaller()
