"""Callers speak when a person would: judged by what can be heard on the line."""

from collections.abc import Iterable

from bot.simulator.caller import Caller, PlayedCaller, SilentCaller, Span, Turn
from bot.simulator.loudness import SILENCE
from tests.bot.simulator.signals import tone


def listen(caller: Caller, line: Iterable[bool]) -> list[bool]:
    """Let a caller hear a line, frame by frame; returns whether the caller made a sound in each."""
    return [caller.next_frame(20 * index, audible) != SILENCE for index, audible in enumerate(line, start=1)]


def times(*spoken_and_quiet_ms: int) -> list[bool]:
    """A line that is heard, then quiet, then heard, for so many ms each."""
    return [index % 2 == 0 for index, ms in enumerate(spoken_and_quiet_ms) for _ in range(ms // 20)]


def test_nobody_speaks_before_the_line_has() -> None:
    assert not any(listen(PlayedCaller([Turn(tone(100))]), times(0, 5000)))


def test_a_turn_begins_when_the_line_has_been_quiet_for_long_enough() -> None:
    caller = PlayedCaller([Turn(tone(100))], wait_ms=700)
    listen(caller, times(1000, 2000))
    assert caller.turns_spoken == (Span(1680, 1780),)


def test_a_pause_within_what_the_line_says_is_waited_out() -> None:
    caller = PlayedCaller([Turn(tone(100))], wait_ms=700)
    listen(caller, times(1000, 600, 1000, 2000))
    assert caller.turns_spoken[0].start_ms == 1000 + 600 + 1000 + 680


def test_a_turn_may_have_a_wait_of_its_own() -> None:
    caller = PlayedCaller([Turn(tone(100), wait_ms=100)])
    listen(caller, times(200, 1000))
    assert caller.turns_spoken[0].start_ms == 280


def test_a_turn_is_played_whole_and_once() -> None:
    heard = listen(PlayedCaller([Turn(tone(100))]), times(200, 4000))
    assert heard.count(True) == 5


def test_an_interrupting_caller_talks_over_the_line() -> None:
    caller = PlayedCaller([Turn(tone(100), interrupt_after_ms=400)])
    heard = listen(caller, times(0, 200, 2000))
    assert heard.index(True) == (200 + 400) // 20 - 1


def test_the_second_turn_waits_for_the_answer_to_the_first() -> None:
    caller = PlayedCaller([Turn(tone(100)), Turn(tone(200))], patience_s=60)
    listen(caller, times(200, 5000))
    assert caller.turns_left == 1
    listen_from = [
        caller.next_frame(5200 + 20 * index, audible) for index, audible in enumerate(times(200, 1000))
    ]
    assert sum(frame != SILENCE for frame in listen_from) == 10


def test_keys_are_pressed_once_when_their_turn_comes() -> None:
    caller = PlayedCaller([Turn(keys="1#")])
    listen(caller, times(200, 1000))
    assert (caller.keys_pressed(), caller.keys_pressed()) == ("1#", "")


def test_after_the_last_turn_the_caller_waits_and_then_hangs_up() -> None:
    caller = PlayedCaller([Turn(tone(100))], patience_s=3)
    listen(caller, times(200, 3600))
    assert not caller.has_hung_up
    listen(caller, times(0, 4000))
    assert caller.has_hung_up


def test_a_caller_who_hears_nothing_loses_patience() -> None:
    caller = PlayedCaller([Turn(tone(100))], patience_s=2)
    listen(caller, times(0, 2000))
    assert caller.has_hung_up


def test_a_line_that_goes_on_talking_keeps_a_caller_with_something_to_say() -> None:
    caller = PlayedCaller([Turn(tone(100))], patience_s=2)
    listen(caller, times(10_000))
    assert not caller.has_hung_up


def test_a_silent_caller_says_nothing_and_stays() -> None:
    caller = SilentCaller()
    assert not any(listen(caller, times(1000, 60_000)))
    assert not caller.has_hung_up


def test_a_silent_caller_may_have_a_limit() -> None:
    caller = SilentCaller(patience_s=1)
    listen(caller, times(0, 1000))
    assert caller.has_hung_up
