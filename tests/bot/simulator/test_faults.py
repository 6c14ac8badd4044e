"""Faults are bounded, and the same seed gives the same call."""

from typing import Any

import pytest

from bot.errors import BadFault
from bot.simulator.faults import Dice, Faults


def test_a_perfect_connection_has_no_faults() -> None:
    dice = Dice(Faults.none())
    assert not any(dice.frame_is_lost() or dice.frame_is_doubled() or dice.mark_is_lost() for _ in range(100))
    assert dice.transit_ms() == 0


def test_the_same_seed_loses_the_same_frames() -> None:
    first, second = Dice(Faults(seed=3, loss=0.3)), Dice(Faults(seed=3, loss=0.3))
    assert [first.frame_is_lost() for _ in range(200)] == [second.frame_is_lost() for _ in range(200)]


def test_another_fault_does_not_move_the_lost_frames() -> None:
    alone, together = Dice(Faults(loss=0.3)), Dice(Faults(loss=0.3, jitter_ms=40, duplicate=0.5))
    expected = [alone.frame_is_lost() for _ in range(100)]
    got = [
        (together.transit_ms(), together.frame_is_doubled(), together.frame_is_lost())[2] for _ in range(100)
    ]
    assert got == expected


def test_the_share_of_lost_frames_is_the_one_asked_for() -> None:
    dice = Dice(Faults(loss=0.2))
    assert sum(dice.frame_is_lost() for _ in range(10_000)) == pytest.approx(2000, abs=120)


def test_jitter_lies_between_nothing_and_its_bound() -> None:
    dice = Dice(Faults(network_ms=30, jitter_ms=10))
    assert {dice.transit_ms() for _ in range(500)} == set(range(30, 41))


@pytest.mark.parametrize(
    "fault",
    [{"loss": 1.1}, {"mark_loss": -0.1}, {"jitter_ms": -1}, {"hang_up_at_ms": -20}, {"echo_db": 3.0}],
)
def test_an_impossible_fault_is_refused(fault: dict[str, Any]) -> None:
    (name,) = fault
    with pytest.raises(BadFault, match=f"the fault {name}="):
        Faults(**fault)
