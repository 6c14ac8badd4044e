"""Keys in the sound of a call."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.dtmf import FULL_SCALE_DBM0, DtmfDetector, Tone, level_dbm0
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.signal import Samples8k
from tests.audio.spoken import spoken

LOW_HZ = dict(zip("123A456B789C*0#D", [hz for hz in (697, 770, 852, 941) for _ in range(4)], strict=True))
HIGH_HZ = dict(zip("123A456B789C*0#D", [1209, 1336, 1477, 1633] * 4, strict=True))


def key(digit: str, *, ms: float, dbm0: float = -12, twist_db: float = 0, off: float = 0) -> Samples8k:
    """A key whose stronger tone has the level `dbm0`; its frequencies are off by the share `off`."""
    t = np.arange(round(ms * 8)) / 8000
    high = 10 ** ((dbm0 - FULL_SCALE_DBM0 + min(0, twist_db)) / 20)
    low = 10 ** ((dbm0 - FULL_SCALE_DBM0 - max(0, twist_db)) / 20)
    tones = low * np.sin(2 * np.pi * LOW_HZ[digit] * (1 + off) * t + 1) + high * np.sin(
        2 * np.pi * HIGH_HZ[digit] * (1 + off) * t
    )
    return Samples8k(tones.astype(np.float32))


def heard(*parts: Samples8k | float, piece: int = 160) -> list[Tone]:
    """The keys in `parts`, each sound or a silence in ms, through mu-law over the hiss of a line."""
    sounds = [
        np.zeros(round(p * 8), dtype=np.float32) if isinstance(p, int | float) else p for p in (*parts, 100.0)
    ]
    signal = np.concatenate(sounds)
    hiss = np.random.default_rng(1).standard_normal(len(signal)) * 5e-4
    line = decode_mulaw(encode_mulaw(Samples8k((signal + hiss).astype(np.float32))))
    detector = DtmfDetector()
    return [
        tone for n in range(0, len(line), piece) for tone in detector.feed(Samples8k(line[n : n + piece]))
    ]


def digits(tones: list[Tone]) -> str:
    return "".join(tone.digit for tone in tones)


@given(
    said=st.text("0123456789*#", min_size=1, max_size=6),
    ms=st.floats(40, 120),
    pause_ms=st.floats(40, 120),
    dbm0=st.floats(-22, 0),
    twist_db=st.floats(-8, 4),
    off=st.floats(-0.015, 0.015),
    lead_ms=st.floats(0, 30),
)
def test_keys_within_the_limits_are_read_back_exactly(
    *, said: str, ms: float, pause_ms: float, dbm0: float, twist_db: float, off: float, lead_ms: float
) -> None:
    """The weaker tone is as low as -30 dBm0."""
    sounds: list[Samples8k | float] = [lead_ms]
    for digit in said:
        sounds += [key(digit, ms=ms, dbm0=dbm0, twist_db=twist_db, off=off), pause_ms]
    assert digits(heard(*sounds)) == said


@given(st.floats(-0.015, 0.015), st.floats(0, 20), st.sampled_from("0123456789*#"))
def test_a_key_is_reported_within_60_ms_and_dated_within_10(off: float, lead_ms: float, digit: str) -> None:
    (tone,) = heard(lead_ms, key(digit, ms=400, off=off))
    assert abs(tone.start_ms - lead_ms) <= 10
    assert tone.end_ms + 20 - lead_ms <= 60 + 5  # known when the frame of 20 ms that holds its end is fed


@given(st.integers(1, 700))
def test_the_pieces_that_samples_come_in_change_nothing(piece: int) -> None:
    parts = (55.0, key("4", ms=90), 60.0, key("4", ms=45), 47.0, key("#", ms=50))
    assert heard(*parts, piece=piece) == heard(*parts)


def test_a_key_that_is_held_is_one_key() -> None:
    assert digits(heard(20, key("5", ms=5_000))) == "5"


def test_a_break_of_ten_ms_does_not_make_a_second_key() -> None:
    assert digits(heard(20, key("5", ms=60), 10, key("5", ms=60))) == "5"


def test_keys_without_a_pause_between_them_are_told_apart() -> None:
    assert digits(heard(20, key("1", ms=80), key("2", ms=80), key("1", ms=80))) == "121"


@pytest.mark.parametrize("ms", [5, 10, 20, 25])
def test_a_shorter_tone_is_no_key(ms: int) -> None:
    assert heard(20, key("5", ms=ms), 50) == []


@pytest.mark.parametrize("off", [-0.04, -0.035, 0.035, 0.04])
def test_a_frequency_that_is_too_far_off_is_no_key(off: float) -> None:
    assert heard(20, key("5", ms=100, off=off)) == []


@pytest.mark.parametrize("twist_db", [-14, -11, 8, 12])
def test_tones_of_too_unequal_levels_are_no_key(twist_db: float) -> None:
    assert heard(20, key("5", ms=100, twist_db=twist_db)) == []


def test_the_fourth_column_is_a_tone_and_no_key() -> None:
    detector = DtmfDetector()
    assert detector.feed(key("A", ms=100)) == []
    assert detector.is_tone


def test_a_key_in_noise_15_db_below_it_is_heard() -> None:
    tone = key("7", ms=80)
    noise = np.random.default_rng(2).standard_normal(len(tone)) * np.sqrt(np.mean(tone**2)) * 10 ** (-15 / 20)
    assert digits(heard(20, Samples8k((tone + noise).astype(np.float32)))) == "7"


@pytest.mark.parametrize("hz", [(440, 480), (350, 440), (480, 620), (1100,), (697,), (1336,), (2100,)])
def test_other_tones_of_the_telephone_are_no_keys(hz: tuple[int, ...]) -> None:
    t = np.arange(8000) / 8000
    assert (
        heard(Samples8k(np.sum([0.2 * np.sin(2 * np.pi * f * t) for f in hz], axis=0).astype(np.float32)))
        == []
    )


@pytest.mark.parametrize(
    "text", ["My number is one two three four five six seven eight nine zero.", "Ooh, no no no, ahh, eleven!"]
)
@pytest.mark.parametrize("speed", [0.8, 1.0, 1.3])
def test_speech_is_no_key(text: str, speed: float) -> None:
    speech = spoken(text)
    places = np.arange(0, len(speech) - 1, speed)
    assert heard(Samples8k(np.interp(places, np.arange(len(speech)), speech).astype(np.float32))) == []


def test_chords_of_pure_notes_are_no_keys() -> None:
    rng = np.random.default_rng(3)
    t = np.arange(2000) / 8000
    notes = [
        np.sum(
            [0.1 * np.sin(2 * np.pi * 440 * 2 ** (n / 12) * t) for n in rng.integers(-12, 20, size=3)], axis=0
        )
        for _ in range(200)
    ]
    assert heard(Samples8k(np.concatenate(notes).astype(np.float32))) == []


def test_what_a_key_covers_is_known_when_it_is_reported() -> None:
    detector = DtmfDetector()
    detector.feed(Samples8k(np.zeros(800, dtype=np.float32)))
    (tone,) = detector.feed(key("3", ms=50))
    assert detector.covers(tone.start_ms, tone.start_ms + 32)
    assert detector.covers(120, 152)
    assert not detector.covers(0, 90)


def test_a_key_is_no_longer_down_after_its_end() -> None:
    detector = DtmfDetector()
    detector.feed(key("3", ms=50))
    assert detector.is_tone
    detector.feed(Samples8k(np.zeros(400, dtype=np.float32)))
    assert not detector.is_tone
    assert not detector.covers(70, 100)


def test_a_long_call_holds_no_more_than_a_short_one() -> None:
    detector = DtmfDetector()
    for _ in range(100):
        detector.feed(Samples8k(np.concatenate((key("3", ms=50), np.zeros(480, dtype=np.float32)))))
    held = [len(value) for value in vars(detector).values() if hasattr(value, "__len__")]
    assert max(held) < 320


def test_levels_are_those_of_the_telephone() -> None:
    t = np.arange(8000) / 8000
    assert level_dbm0(Samples8k(np.sin(2 * np.pi * 1000 * t).astype(np.float32))) == pytest.approx(
        3.17, abs=0.01
    )
    assert level_dbm0(Samples8k(np.zeros(80, dtype=np.float32))) == float("-inf")


def test_times_go_on_through_silence() -> None:
    tones = heard(1_000, key("1", ms=50), 2_000, key("2", ms=50))
    assert [round(tone.start_ms, -1) for tone in tones] == pytest.approx([1_000, 3_050], abs=10)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(tones))
