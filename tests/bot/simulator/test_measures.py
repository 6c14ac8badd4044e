"""What the caller experienced is measured from the tracks alone."""

from bot.simulator.caller import Span
from bot.simulator.measures import TurnTiming, greeting_ms, turn_timings
from tests.bot.simulator.signals import tone


def track(*quiet_and_loud_ms: int) -> bytes:
    """A track that is quiet, then loud, then quiet, for so many ms each."""
    return b"".join(
        bytes(tone(ms)) if index % 2 else b"\xff" * (ms * 8) for index, ms in enumerate(quiet_and_loud_ms)
    )


def test_the_greeting_is_the_first_loud_frame() -> None:
    assert greeting_ms(track(340, 100)) == 340


def test_a_line_that_never_speaks_has_no_greeting() -> None:
    assert greeting_ms(track(1000)) is None


def test_a_turn_is_measured_from_its_last_loud_frame_to_the_first_of_the_answer() -> None:
    """The recording ends in 200 ms of silence: the caller has stopped before it."""
    (timing,) = turn_timings(track(500, 400, 2000), track(1700, 300), [Span(500, 1100)])
    assert timing == TurnTiming(500, 900, 1700, line_was_talking=False)
    assert timing.wait_ms == 800


def test_a_turn_without_an_answer_has_no_wait() -> None:
    (timing,) = turn_timings(track(500, 400, 2000), track(2900), [Span(500, 900)])
    assert timing.wait_ms is None


def test_an_answer_after_the_next_turn_began_is_not_the_answer_to_the_first() -> None:
    caller, line = track(100, 100, 300, 100, 2000), track(900, 500)
    first, second = turn_timings(caller, line, [Span(100, 200), Span(500, 600)])
    assert (first.wait_ms, second.wait_ms) == (None, 300)


def test_what_goes_on_after_an_interruption_is_not_an_answer() -> None:
    """The line speaks over the caller's end, pauses for a breath, ends, and answers a second later."""
    line = track(0, 1200, 200, 300, 1000, 500)
    (timing,) = turn_timings(track(600, 400, 3000), line, [Span(600, 1000)])
    assert timing.line_was_talking
    assert timing.hears_ms == 1200 + 200 + 300 + 1000


def test_a_turn_of_keys_alone_is_not_timed() -> None:
    assert turn_timings(track(1000), track(1000), [Span(400, 400)]) == ()


def test_a_call_without_turns_has_no_timings() -> None:
    assert turn_timings(track(100), track(100), []) == ()
