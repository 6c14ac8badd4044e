"""When one more call is one too many."""

import pytest

from bot.strain import strain

CALM = {"wait_s": 0.1, "busy_share": 0.5, "loop_delay_ms": 5.0}


def test_a_process_that_keeps_up_can_take_another_call() -> None:
    assert strain(**CALM) == ""


@pytest.mark.parametrize(
    ("measured", "reason"),
    [
        ({"wait_s": 0.82}, "turns wait 0.8 s for the recogniser"),
        ({"busy_share": 0.95}, "the recogniser is busy 95% of the time"),
        ({"loop_delay_ms": 250.0}, "the event loop is 250 ms late"),
    ],
)
def test_each_kind_of_strain_is_a_reason(measured: dict[str, float], reason: str) -> None:
    assert strain(**(CALM | measured)) == reason
