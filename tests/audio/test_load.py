"""What the recogniser was kept busy with."""

from hypothesis import given
from hypothesis import strategies as st

from audio.load import MIN_TURNS, WINDOW_S, Load


def waits(*waits_s: float, now_s: float = 0.0) -> Load:
    load = Load(workers=2)
    for wait_s in waits_s:
        load.waited(wait_s, now_s=now_s)
    return load


def test_nine_turns_of_ten_waited_no_longer() -> None:
    assert waits(*(n / 10 for n in range(1, 11))).wait_s(1.0) == 0.9


def test_of_a_few_turns_nothing_is_said() -> None:
    assert waits(*[3.0] * (MIN_TURNS - 1)).wait_s(1.0) == 0.0


def test_what_was_long_ago_is_forgotten() -> None:
    load = waits(*[3.0] * 10)
    load.worked(4.0, now_s=0.0)
    assert (load.wait_s(WINDOW_S), load.busy_share(WINDOW_S)) == (3.0, 0.1)
    assert (load.wait_s(WINDOW_S + 0.1), load.busy_share(WINDOW_S + 0.1)) == (0.0, 0.0)


@given(st.lists(st.floats(0, 100)))
def test_nobody_is_more_than_busy(works_s: list[float]) -> None:
    load = Load(workers=2)
    for busy_s in works_s:
        load.worked(busy_s, now_s=1.0)
    assert 0.0 <= load.busy_share(1.0) <= 1.0
