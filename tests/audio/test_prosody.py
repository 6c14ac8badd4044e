"""The voice of a caller against the caller's own first seconds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.activity import Activity, ActivityModel
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.prosody import Prosody, Voice, arousal_of, mean_voice, voice_of
from audio.resample import resample
from audio.signal import Samples8k, Samples16k
from tests.audio.spoken import spoken

CALM = Voice(loudness_db=-30, brightness_db=-8, pitch_octaves=7.0, rate_octaves=1.5, speech_ms=5_000)
SENTENCE = "My parcel has not arrived and nobody can tell me where it is."


def buzz(hz: float, *, ms: int = 1_000, dbfs: float = -20, from_hz: int = 300) -> Samples16k:
    """A sound with the partials of `hz` that the telephone carries, each weaker than the one below it."""
    t = np.arange(ms * 8) / 8000
    partials = [n for n in range(1, 60) if from_hz <= n * hz <= 3_400]
    signal = np.sum([np.sin(2 * np.pi * n * hz * t + n) / n for n in partials], axis=0)
    signal *= 10 ** (dbfs / 20) / np.sqrt(np.mean(signal**2))
    line = decode_mulaw(encode_mulaw(Samples8k(signal.astype(np.float32))))
    return Samples16k(resample(line, orig_hz=8000, target_hz=16000))


def voice(samples: Samples16k, *, words: int = 4) -> Voice:
    found = voice_of(samples, probabilities=[0.9] * (len(samples) // 512), words=words)
    assert found is not None
    return found


@pytest.mark.parametrize("hz", [80, 100, 140, 200, 280, 400])
def test_pitch_is_found_although_the_telephone_leaves_out_the_lowest_partials(hz: int) -> None:
    octaves = voice(buzz(hz)).pitch_octaves
    assert octaves is not None
    assert 2**octaves == pytest.approx(hz, rel=0.02)


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32) * np.float32(0.1)
    assert voice(Samples16k(noise)).pitch_octaves is None


def test_loudness_is_the_level_of_the_speech_alone() -> None:
    sound = buzz(150, dbfs=-20)
    padded = Samples16k(np.concatenate((sound, np.zeros(16_000, dtype=np.float32))))
    found = voice_of(padded, probabilities=[0.9] * 30 + [0.0] * 32, words=3)
    assert found is not None
    assert found.loudness_db == pytest.approx(-20, abs=0.5)


def test_a_gain_changes_loudness_and_nothing_else() -> None:
    sound = buzz(150)
    plain, louder = voice(sound), voice(Samples16k(sound * np.float32(2)))
    assert louder.loudness_db - plain.loudness_db == pytest.approx(6.02, abs=0.05)
    assert louder.brightness_db == pytest.approx(plain.brightness_db, abs=0.01)
    assert louder.pitch_octaves == pytest.approx(plain.pitch_octaves)


def test_too_little_speech_says_nothing() -> None:
    assert voice_of(buzz(150), probabilities=[0.9] * 7, words=2) is None
    assert voice_of(Samples16k(np.zeros(0, dtype=np.float32)), probabilities=[], words=0) is None


def test_few_words_have_no_rate() -> None:
    assert voice(buzz(150), words=2).rate_octaves is None


def test_as_in_the_first_seconds_is_one_half() -> None:
    assert arousal_of(CALM, baseline=CALM) == 0.5


step = st.floats(0, 30)


@given(step, step, step, step, st.floats(-30, 30))
def test_louder_higher_brighter_and_faster_is_never_calmer(
    db: float, octaves: float, bright_db: float, rate: float, before_db: float
) -> None:
    before = replace(CALM, loudness_db=CALM.loudness_db + before_db)
    after = Voice(
        loudness_db=before.loudness_db + db,
        brightness_db=CALM.brightness_db + bright_db,
        pitch_octaves=7.0 + octaves / 10,
        rate_octaves=1.5 + rate / 10,
        speech_ms=1_000,
    )
    assert 0 <= arousal_of(before, baseline=CALM) <= arousal_of(after, baseline=CALM) <= 1


def test_no_part_decides_alone() -> None:
    shout = replace(CALM, loudness_db=0.0)
    assert arousal_of(shout, baseline=CALM) == pytest.approx(
        arousal_of(replace(CALM, loudness_db=-18), baseline=CALM)
    )


def test_what_was_not_measured_counts_nothing() -> None:
    unpitched = replace(CALM, pitch_octaves=None, rate_octaves=None)
    assert arousal_of(unpitched, baseline=CALM) == arousal_of(CALM, baseline=unpitched) == 0.5


def test_a_mean_is_weighted_by_length_and_leaves_out_what_is_missing() -> None:
    long = replace(CALM, loudness_db=-20, speech_ms=3_000)
    short = replace(CALM, loudness_db=-40, pitch_octaves=None, speech_ms=1_000)
    mean = mean_voice([long, short])
    assert (mean.loudness_db, mean.pitch_octaves, mean.speech_ms) == (-25, 7.0, 4_000)


def test_the_first_seconds_have_no_value_and_later_ones_do() -> None:
    prosody = Prosody(baseline_ms=2_000)
    likely = [0.9] * 40
    values = [prosody.arousal(buzz(150, ms=1_280), probabilities=likely, words=4).value for _ in range(4)]
    assert values[:2] == [None, None]
    assert values[2:] == [0.5, 0.5]
    assert prosody.has_baseline


def test_the_baseline_does_not_follow_the_caller() -> None:
    prosody = Prosody(baseline_ms=1_000)
    prosody.arousal(buzz(150, ms=1_280), probabilities=[0.9] * 40, words=4)
    raised = buzz(220, ms=1_280, dbfs=-12)
    values = [prosody.arousal(raised, probabilities=[0.9] * 40, words=4).value for _ in range(20)]
    assert len(set(values)) == 1
    assert values[0] is not None
    assert values[0] > 0.8


def test_a_turn_without_speech_has_no_value_and_does_not_touch_the_baseline() -> None:
    prosody = Prosody(baseline_ms=1_000)
    nothing = prosody.arousal(buzz(150), probabilities=[0.0] * 31, words=0)
    assert (nothing.value, nothing.speech_ms) == (None, 0)
    assert not prosody.has_baseline


def test_the_parts_are_told_rounded() -> None:
    told = Prosody().arousal(buzz(150), probabilities=[0.9] * 31, words=4)
    assert told.pitch_hz == pytest.approx(150, rel=0.02)
    assert told.words_per_s == pytest.approx(4.03, abs=0.01)
    assert all(
        round(part, 2) == part for part in (told.loudness_db, told.pitch_hz, told.brightness_db) if part
    )


def test_the_same_sentence_raised_is_more_aroused_than_spoken_softly(activity_model: ActivityModel) -> None:
    """Raised: 8 dB louder, and played faster, which is higher too."""
    speech = spoken(SENTENCE)
    faster = np.interp(np.arange(0, len(speech) - 1, 1.25), np.arange(len(speech)), speech)
    prosody = Prosody(baseline_ms=2_000)
    values = []
    for signal in (speech * 0.3, speech * 0.2, faster * 0.75):
        sound = Samples16k(resample(np.pad(signal, 4_000).astype(np.float32), orig_hz=8000, target_hz=16000))
        likely = Activity(activity_model).feed(sound)
        values.append(prosody.arousal(sound, probabilities=likely, words=13).value)
    assert values[0] is None
    assert values[1] is not None
    assert values[2] is not None
    assert values[1] <= 0.5
    assert values[2] > 0.7
