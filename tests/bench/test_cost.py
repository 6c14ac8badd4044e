import time

from bench.cost import cost_of, cpu_ms_of


def busy() -> str:
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    return "done"


def test_work_costs_its_cpu_time() -> None:
    result, cpu_ms = cpu_ms_of(busy)
    assert result == "done"
    assert 49 <= cpu_ms < 500


def test_time_on_the_clock_is_told_beside() -> None:
    _, _, wall_ms = cost_of(lambda: time.sleep(0.05))
    assert 49 <= wall_ms < 5_000
