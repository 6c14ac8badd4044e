"""The abuse table, visited to its last cell."""

from itertools import product

import pytest

from flows.abuse import POLICY, STRIKE_CONFIDENCE, Act, Situation, Standing, is_strike, rule
from flows.meaning.model import Meaning

CELLS = list(product(Standing, Situation))


def reachable(start: Standing) -> set[Standing]:
    """Every standing that some sequence of situations leads to."""
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for then in {rule(here, situation).then for situation in Situation} - seen:
            seen.add(then)
            todo.append(then)
    return seen


@pytest.mark.parametrize(("standing", "situation"), CELLS)
def test_every_standing_has_a_ruling_for_every_situation(standing: Standing, situation: Situation) -> None:
    assert (standing, situation) in POLICY


def test_the_table_has_no_other_cells() -> None:
    assert set(POLICY) == set(CELLS)


@pytest.mark.parametrize(("standing", "situation"), CELLS)
def test_nobody_is_sent_away_without_a_warning_heard_to_its_end(
    standing: Standing, situation: Situation
) -> None:
    """Invariant 1, in every cell, those that change nothing included."""
    if rule(standing, situation).act is Act.SAY_FAREWELL:
        assert (standing, situation) == (Standing.WARNED, Situation.ABUSE)


@pytest.mark.parametrize(("standing", "situation"), CELLS)
def test_only_an_acknowledged_warning_makes_a_caller_warned(standing: Standing, situation: Situation) -> None:
    if standing is not Standing.WARNED and rule(standing, situation).then is Standing.WARNED:
        assert (standing, situation) == (Standing.WARNING, Situation.WARNING_HEARD)


@pytest.mark.parametrize(("standing", "situation"), CELLS)
def test_a_warning_is_given_only_to_a_caller_who_has_none(standing: Standing, situation: Situation) -> None:
    """Invariant 2: and from WARNED no cell leads back to CLEAR."""
    if rule(standing, situation).act is Act.WARN:
        assert (standing, situation) == (Standing.CLEAR, Situation.ABUSE)
    assert Standing.CLEAR not in reachable(Standing.WARNED)


@pytest.mark.parametrize(("standing", "situation"), CELLS)
def test_the_call_ends_only_after_the_farewell(standing: Standing, situation: Situation) -> None:
    """Invariant 3: heard, or so long overdue that its acknowledgement is lost."""
    if rule(standing, situation).act is Act.END:
        assert standing is Standing.ENDING
        assert situation in {Situation.FAREWELL_HEARD, Situation.FAREWELL_LOST}


@pytest.mark.parametrize("standing", [standing for standing in Standing if standing is not Standing.ENDED])
def test_a_person_in_need_is_handed_over_from_every_standing(standing: Standing) -> None:
    """Invariant 5."""
    assert rule(standing, Situation.PERSON_NEEDED).act is Act.HAND_OVER
    assert rule(standing, Situation.PERSON_NEEDED).then is Standing.SHIELDED


def test_a_shielded_caller_is_never_ended_by_the_line() -> None:
    assert reachable(Standing.SHIELDED) == {Standing.SHIELDED}
    assert {rule(Standing.SHIELDED, situation).act for situation in Situation}.isdisjoint(
        {Act.WARN, Act.SAY_FAREWELL, Act.END}
    )


def test_a_cut_off_warning_has_not_been_given() -> None:
    assert rule(Standing.WARNING, Situation.WARNING_CUT_OFF).then is Standing.CLEAR


@pytest.mark.parametrize("standing", [Standing.WARNING, Standing.WARNED])
def test_abuse_said_over_the_warning_ends_nothing(standing: Standing) -> None:
    assert rule(standing, Situation.ABUSE_OVER_WARNING).act is Act.STAY


@pytest.mark.parametrize(
    ("meaning", "confidence", "expected"),
    [
        (Meaning(directed_abuse=0.9), 0.9, True),
        (Meaning(threat=0.9), 0.9, True),
        (Meaning(directed_abuse=0.79), 0.9, False),
        (Meaning(directed_abuse=0.99), STRIKE_CONFIDENCE - 0.01, False),
        (Meaning(swearing=0.99, anger=0.99), 0.9, False),
    ],
)
def test_a_strike_needs_certainty_about_the_meaning_and_the_words(
    meaning: Meaning, confidence: float, expected: bool
) -> None:
    assert is_strike(meaning, confidence=confidence) is expected
