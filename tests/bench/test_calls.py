from pathlib import Path

import pytest
import yaml

from bench.calls import CALLERS, loop_delay_p99_ms

PEOPLE = [CALLERS, CALLERS.with_name("talkers.yaml")]
METRICS = """
calmline_event_loop_delay_ms_bucket{le="1.0"} 900.0
calmline_event_loop_delay_ms_bucket{le="5.0"} 990.0
calmline_event_loop_delay_ms_bucket{le="10.0"} 999.0
calmline_event_loop_delay_ms_bucket{le="+Inf"} 1000.0
"""


def test_the_loops_delay_is_the_first_bound_that_99_of_100_keep() -> None:
    assert loop_delay_p99_ms(METRICS) == 5.0


@pytest.mark.parametrize("people", PEOPLE, ids=lambda path: path.stem)
def test_every_caller_of_a_file_has_turns_and_takes_leave_in_the_last_alone(people: Path) -> None:
    for caller in yaml.safe_load(people.read_text(encoding="utf-8")):
        assert set(caller) == {"pitch", "pace", "wait_ms", "says"}
        assert len(caller["says"]) >= 4
        assert ["bye" in text.lower() for text in caller["says"]].index(True) == len(caller["says"]) - 1
