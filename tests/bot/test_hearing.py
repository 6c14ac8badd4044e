"""What a call makes of the events of its ear."""

import numpy as np
import pytest

from audio.ear_events import (
    Deaf,
    DecodePurpose,
    DecodeUnwanted,
    DecodeWanted,
    EarEvent,
    Interrupted,
    KeyTone,
    LineHeld,
    LineReleased,
    NoWords,
    Partial,
    Paused,
    SpeechResumed,
    SpeechStarted,
    TurnEnded,
    Utterance,
)
from audio.language import LanguageAsk
from audio.prosody import Arousal
from audio.signal import Samples16k
from bot import effects
from bot.effects import Effect
from bot.hearing import SAME_KEY_MS, Hearing, listener
from flows import events
from flows.events import Event
from flows.meaning.model import YesNo
from tests.audio.spoken import heard_as

NOW_MS = 5_000
SOUND = Samples16k(np.zeros(512, dtype=np.float32))
ASK = LanguageAsk("el", ("el", "en"), 0.8)


def made_of(heard: EarEvent, *, line_id: str | None = None, expecting: str = "") -> list[Event | Effect]:
    return Hearing().made_of(heard, now_ms=NOW_MS, line_id=line_id, expecting=expecting)


def tone(hearing: Hearing, digit: str, *, now_ms: int = NOW_MS) -> list[Event | Effect]:
    return hearing.made_of(KeyTone(now_ms, now_ms, digit), now_ms=now_ms, line_id=None, expecting="")


@pytest.mark.parametrize(
    ("heard", "made"),
    [
        (
            DecodeWanted(7, DecodePurpose.GLANCE, SOUND, 0, 32, ASK),
            [effects.Decode(7, DecodePurpose.GLANCE, SOUND, ASK)],
        ),
        (DecodeUnwanted(7), [effects.CancelDecode(7)]),
        (Partial(100, heard_as("so")), [effects.Show(NOW_MS, "so")]),
        (SpeechStarted(4_900, 4_700), [events.SpeechStarted(NOW_MS)]),
        (
            Paused(100, 4_800, 640, heard_as("so")),
            [effects.Show(NOW_MS, "so"), events.CallerPaused(NOW_MS, 100, 4_800, "so", 640)],
        ),
        (SpeechResumed(4_900), [events.CallerResumed(NOW_MS)]),
        (TurnEnded(4_900, 100, 4_800), [events.TurnEnded(NOW_MS, 100, 4_800)]),
        (NoWords(100, 4_800, "hum"), [events.NothingHeard(NOW_MS, 100, 4_800, "hum")]),
        (Deaf(100, 4_800, "too late"), [events.EarFailed(NOW_MS, "too late")]),
        (KeyTone(4_900, 4_800, "4"), [events.KeyPressed(NOW_MS, "4")]),
        (LineHeld(4_900, 4_700), []),
        (LineReleased(4_900, "mm-hm"), []),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else "",
)
def test_what_the_ear_says_becomes_an_event_or_a_request(heard: EarEvent, made: list[Event | Effect]) -> None:
    assert made_of(heard) == made


@pytest.mark.parametrize(
    ("heard", "at_ms"), [(SpeechStarted(NOW_MS + 9, 0), 9), (SpeechResumed(NOW_MS - 9), 0)]
)
def test_an_event_is_never_before_the_time_of_the_call(heard: EarEvent, at_ms: int) -> None:
    [event] = made_of(heard)
    assert isinstance(event, events.SpeechStarted | events.CallerResumed)
    assert event.at_ms == NOW_MS + at_ms


def test_words_over_a_line_are_told_of_that_line() -> None:
    heard = Interrupted(4_900, 4_700, "no wait")
    assert made_of(heard, line_id="line-3") == [events.SpokenOver(NOW_MS, "line-3", "no wait")]


def test_words_over_no_line_interrupt_nothing() -> None:
    assert made_of(Interrupted(4_900, 4_700, "no wait"), line_id=None) == []


def test_the_words_of_a_turn_are_understood() -> None:
    [heard] = made_of(Utterance(100, 4_800, heard_as("I want to speak to a person.")))
    assert isinstance(heard, events.Heard)
    assert heard.meaning.wants_person
    assert (heard.at_ms, heard.start_ms, heard.end_ms) == (NOW_MS, 100, 4_800)
    assert (heard.text, heard.language, heard.confidence) == ("I want to speak to a person.", "en", 0.9)


def test_the_words_of_a_turn_are_understood_as_the_answer_to_what_was_asked() -> None:
    [heard] = made_of(Utterance(100, 4_800, heard_as("Okay.")), expecting="yes_no")
    assert isinstance(heard, events.Heard)
    assert heard.meaning.yes_no is YesNo.YES


@pytest.mark.parametrize(
    ("voice", "arousal"),
    [
        (Arousal(0.7, -20.0, 180.0, -12.0, 3.5, 1_200), 0.7),
        (Arousal(None, None, None, None, None, 0), None),
        (None, None),
    ],
)
def test_how_the_voice_sounded_is_told_with_the_words(voice: Arousal | None, arousal: float | None) -> None:
    [heard] = made_of(Utterance(100, 4_800, heard_as("stop"), voice))
    assert isinstance(heard, events.Heard)
    assert heard.arousal == arousal


def test_a_key_that_is_told_is_pressed() -> None:
    assert Hearing().pressed("4", now_ms=NOW_MS) == [events.KeyPressed(NOW_MS, "4")]


def test_a_key_that_is_heard_and_then_told_is_pressed_once() -> None:
    hearing = Hearing()
    tone(hearing, "4")
    assert hearing.pressed("4", now_ms=NOW_MS + SAME_KEY_MS) == []


@pytest.mark.parametrize(("digit", "after_ms"), [("4", SAME_KEY_MS + 1), ("5", 0)])
def test_another_key_or_a_later_one_is_pressed_too(digit: str, after_ms: int) -> None:
    hearing = Hearing()
    tone(hearing, "4")
    assert len(hearing.pressed(digit, now_ms=NOW_MS + after_ms)) == 1


def test_a_key_is_told_again_only_once() -> None:
    hearing = Hearing()
    tone(hearing, "4")
    assert [len(hearing.pressed("4", now_ms=NOW_MS + 100)) for _ in range(2)] == [0, 1]


def test_a_carrier_that_tells_of_keys_is_not_listened_to_for_tones() -> None:
    hearing = Hearing()
    hearing.pressed("4", now_ms=NOW_MS)
    assert tone(hearing, "7", now_ms=NOW_MS + 5_000) == []


def test_two_tones_of_one_key_are_two_keys() -> None:
    hearing = Hearing()
    assert [len(tone(hearing, "4")) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(("text", "listening"), [("Mm-hm.", True), ("I see.", True), ("Hold on.", False)])
def test_a_listener_is_known_by_the_words(text: str, listening: bool) -> None:
    assert listener("en")(text) is listening
