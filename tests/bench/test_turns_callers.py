from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from audio.activity import ActivityModel
from audio.mulaw import encode_mulaw
from audio.signal import MuLaw, Samples8k
from bench.turns.callers import HALVES, KINDS, PAUSE_MS, WrittenTurn, spoken, written
from bench.turns.listening import listen
from bench.turns.prosody import pitch_hz
from bench.turns.spoken import LEAD_MS, loud_span, on_the_line
from tests.conftest import Speak


def tone(ms: int) -> Samples8k:
    return Samples8k((0.3 * np.sin(np.arange(ms * 8) * 0.2)).astype(np.float32))


@pytest.mark.parametrize("half", HALVES)
def test_every_turn_is_whole_and_of_a_known_kind(half: str) -> None:
    turns = list(written(half))
    assert len(turns) >= 50
    assert all(len(turn.pauses_ms) == len(turn.parts) - 1 and turn.kind in KINDS for turn in turns)


def test_no_turn_of_the_held_out_half_is_also_in_the_other() -> None:
    texts = Counter(turn.parts for half in HALVES for turn in written(half) if len(turn.parts) > 1)
    assert max(texts.values()) == 1


def test_a_draw_gives_the_same_pauses_again_and_another_one_others() -> None:
    first, again, other = ([turn.pauses_ms for turn in written("development", draw=n)] for n in (0, 0, 1))
    assert first == again != other
    assert all(PAUSE_MS[0] <= ms <= PAUSE_MS[1] for pauses in first for ms in pauses)


def test_most_pauses_are_short_and_some_are_long() -> None:
    lengths = sorted(ms for half in HALVES for turn in written(half) for ms in turn.pauses_ms)
    assert lengths[len(lengths) // 2] < 550
    assert lengths[-len(lengths) // 10] > 800


def test_a_pause_on_the_line_has_its_length_whatever_silence_the_voice_left() -> None:
    quiet = Samples8k(np.concatenate([np.zeros(2_000, np.float32), tone(500), np.zeros(900, np.float32)]))
    assert loud_span(quiet) == (2_000, 6_000)
    _audio, end_ms = on_the_line([quiet, quiet], [700], seed=1)
    assert end_ms == LEAD_MS + 500 + 700 + 500


def test_a_turn_knows_what_was_asked_and_when_it_ended() -> None:
    turn = WrittenTurn("a", "b", "phone", 1.0, ("one", "two"), (300,))
    told = spoken(turn, speak=lambda _text, _pitch: encode_mulaw(tone(400)))
    assert (told.expecting, told.upset, told.end_ms) == ("phone_number", False, LEAD_MS + 1_100)


def test_the_ear_finds_the_pause_and_the_end(speak: Speak, activity_model: ActivityModel) -> None:
    parts = [Samples8k(speak(text)[::2].copy()) for text in ("My order number is", "four seven one.")]
    audio, end_ms = on_the_line(parts, [600], seed=1)
    turn = spoken(
        WrittenTurn("a", "b", "order", 1.0, ("x",), ()), speak=lambda _text, _pitch: MuLaw(audio[:80])
    )
    heard = listen(replace(turn, audio=audio, end_ms=end_ms), activity_model)
    assert heard is not None
    long = [silence for silence in heard.silences if silence.length_ms > 400]
    assert [silence.last for silence in long] == [False, True]
    assert 0 <= long[-1].start_ms - end_ms <= 200


def test_the_pitch_of_a_tone_is_its_frequency_and_noise_has_none() -> None:
    at = np.arange(640, dtype=np.float32) / 16_000
    assert pitch_hz(np.sin(2 * np.pi * 160 * at).astype(np.float32)) == pytest.approx(160, rel=0.02)
    noise = np.random.default_rng(1).standard_normal(640).astype(np.float32)
    assert pitch_hz(noise) == 0.0
