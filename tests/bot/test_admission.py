"""Who is let in."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from bot.admission import CONNECT_WITHIN_S, Admission, LineStatus


class Clock:
    """A clock that stands still until it is moved."""

    now_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


def line(max_calls: int, clock: Clock | None = None) -> Admission:
    """A ready line."""
    return Admission(max_calls, clock_s=clock or Clock())


def test_calls_are_let_in_up_to_the_limit() -> None:
    status: LineStatus = line(2)
    assert [status.admit(call) for call in ("CA1", "CA2", "CA3")] == [True, True, False]


def test_asking_again_for_a_call_keeps_its_place() -> None:
    status = line(1)
    assert status.admit("CA1")
    assert status.admit("CA1")


def test_a_place_that_is_not_taken_is_free_again() -> None:
    clock = Clock()
    status = line(1, clock)
    status.admit("CA1")
    clock.now_s = CONNECT_WITHIN_S - 0.1
    assert not status.admit("CA2")
    clock.now_s = CONNECT_WITHIN_S
    assert status.admit("CA2")


def test_a_connected_call_keeps_its_place_until_it_is_gone() -> None:
    clock = Clock()
    status = line(1, clock)
    status.admit("CA1")
    status.connected("CA1")
    clock.now_s = 10 * CONNECT_WITHIN_S
    assert not status.admit("CA2")
    status.gone("CA1")
    assert status.admit("CA2")


def test_a_returning_call_is_let_in_above_the_limit() -> None:
    status = line(1)
    status.admit("CA1")
    assert status.admit("CA2", returning=True)


def test_the_old_stream_of_a_call_may_close_after_its_new_one_has_opened() -> None:
    status = line(1)
    status.connected("CA1")
    status.connected("CA1")
    status.gone("CA1")
    assert status.live_calls == 1
    assert not status.admit("CA2")


def test_a_call_that_never_connects_gives_up_its_place() -> None:
    status = line(1)
    status.admit("CA1")
    status.withdraw("CA1")
    assert status.admit("CA2")


def test_leaving_twice_changes_nothing() -> None:
    status = line(1)
    status.connected("CA1")
    status.gone("CA1")
    status.gone("CA1")
    assert status.live_calls == 0


def test_a_line_is_ready_when_all_its_parts_are_loaded() -> None:
    status = Admission(1, clock_s=Clock(), waiting_for=["the model", "the voice"])
    status.loaded("the voice")
    assert not status.ready
    assert status.not_ready == ["the model is not loaded yet"]
    status.loaded("the model")
    assert status.ready


def test_a_line_that_is_shutting_down_takes_no_calls() -> None:
    status = line(1)
    status.drain()
    assert status.not_ready == ["the line is shutting down"]


def test_many_at_a_time_do_not_get_past_the_limit() -> None:
    status = line(5)
    with ThreadPoolExecutor(8) as threads:
        admitted = list(threads.map(status.admit, (f"CA{number}" for number in range(100))))
    assert admitted.count(True) == 5


def test_a_strained_line_takes_no_further_call() -> None:
    status = line(9)
    status.admit("CA1")
    status.measured_by(lambda: "turns wait 0.8 s for the recogniser")
    assert not status.admit("CA2")
    assert status.admit("CA3", returning=True)
    assert status.admit("CA1")
    assert status.strain == "turns wait 0.8 s for the recogniser"


def test_an_idle_line_takes_a_call_whatever_was_measured() -> None:
    status = line(9)
    status.measured_by(lambda: "the event loop is 250 ms late")
    assert status.admit("CA1")


def test_a_line_that_is_no_longer_strained_takes_calls_again() -> None:
    status, reasons = line(9), ["busy", ""]
    status.admit("CA1")
    status.measured_by(lambda: reasons.pop(0))
    assert [status.admit("CA2"), status.admit("CA2")] == [False, True]


@given(st.lists(st.tuples(st.sampled_from(["admit", "connected", "gone", "withdraw"]), st.integers(0, 5))))
def test_a_call_that_was_let_in_first_can_never_crowd_the_line(steps: list[tuple[str, int]]) -> None:
    """Streams open only after their call was admitted; then never more calls than the limit are live."""
    status = line(3)
    admitted: set[int] = set()
    for action, call in steps:
        if action == "admit" and status.admit(f"CA{call}"):
            admitted.add(call)
        elif action == "connected" and call in admitted:
            status.connected(f"CA{call}")
            admitted.discard(call)
        elif action == "gone":
            status.gone(f"CA{call}")
        elif action == "withdraw":
            status.withdraw(f"CA{call}")
            admitted.discard(call)
        assert status.live_calls <= 3


def test_a_line_without_an_open_stream_is_idle_at_once() -> None:
    assert Admission(1, clock_s=lambda: 0.0).wait_until_idle(0.0)


def test_a_line_is_idle_when_its_last_stream_has_closed() -> None:
    admission = Admission(1, clock_s=lambda: 0.0)
    admission.connected("CA1")
    assert not admission.wait_until_idle(0.0)
    admission.gone("CA1")
    assert admission.wait_until_idle(0.0)
