"""The arithmetic of the figures about the voice."""

from dataclasses import replace
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.prosody import Voice
from bench.prosody import Clip, area, areas, scores

CALM = Voice(loudness_db=-30, brightness_db=-8, pitch_octaves=7.0, rate_octaves=1.5, speech_ms=1_000)
RAISED = replace(CALM, loudness_db=-20, pitch_octaves=7.5)

values = st.lists(st.integers(0, 9).map(float), min_size=1)


def test_an_area_is_the_share_of_pairs_in_the_right_order() -> None:
    assert area([3, 5], [1, 3]) == 0.875
    assert area([1], [2]) == 0.0


def test_without_pairs_there_is_no_area() -> None:
    assert isnan(area([], [1]))


@given(values, values)
def test_an_area_and_its_mirror_make_one(higher: list[float], lower: list[float]) -> None:
    assert area(higher, lower) + area(lower, higher) == pytest.approx(1)


def test_a_clip_is_judged_by_the_neutral_ones_of_its_own_speaker() -> None:
    clips = [
        Clip("a", "neutral", CALM),
        Clip("a", "angry", RAISED),
        Clip("b", "neutral", RAISED),
        Clip("b", "angry", RAISED),
    ]
    first, second = (score[0] for score in scores(clips)["angry"])
    assert (first > 0.9, second) == (True, 0.5)


def test_a_neutral_clip_is_not_judged_by_itself() -> None:
    alone = [Clip("a", "neutral", CALM), Clip("a", "angry", RAISED)]
    assert "neutral" not in scores(alone)


def test_clips_without_a_voice_or_a_baseline_are_left_out() -> None:
    clips = [Clip("a", "neutral", CALM), Clip("a", "angry", None), Clip("b", "angry", RAISED)]
    assert scores(clips) == {}


def test_areas_are_of_the_arousal_and_of_each_part() -> None:
    found = {"angry": [(0.9, 10.0, 0.5, 0.0, -1.0)], "calm": [(0.4, 0.0, 0.0, 0.0, 0.0)]}
    assert areas(found, others=["calm"]) == [1, 1, 1, 0.5, 0]
