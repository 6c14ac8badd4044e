"""The demo's two callers, as data and as sound."""

from pathlib import Path

import pytest

from bot.demo import WAIT_MS, demo_caller, demo_calls
from bot.simulator.loudness import SILENCE, is_audible
from flows.abuse import is_strike
from flows.meaning import understand

WAITING, ABUSIVE = demo_calls()


def strikes(says: tuple[str, ...]) -> list[bool]:
    """Which of a caller's turns are abuse."""
    return [is_strike(understand(text, language="en"), confidence=1.0) for text in says]


def test_there_are_two_callers_with_titles_and_voices_of_their_own() -> None:
    assert len({WAITING.title, ABUSIVE.title}) == 2
    assert WAITING.pitch != ABUSIVE.pitch


def test_the_first_caller_is_angry_and_never_abusive() -> None:
    assert not any(strikes(WAITING.says))
    assert understand(WAITING.says[0], language="en").intent == "hold"


def test_the_second_caller_swears_at_the_matter_and_then_insults_twice() -> None:
    assert strikes(ABUSIVE.says) == [False, True, True]


@pytest.mark.parametrize("call", [WAITING, ABUSIVE], ids=["waiting", "abusive"])
def test_a_caller_says_every_turn_once_the_line_has_finished(whisper_folder: Path, call: object) -> None:
    assert call in (WAITING, ABUSIVE)
    script = WAITING if call is WAITING else ABUSIVE
    caller = demo_caller(script, cache=whisper_folder.parent.parent / "callers")
    assert caller.turns_left == len(script.says)
    caller.next_frame(20, True)
    frames = [caller.next_frame(now_ms, False) for now_ms in range(40, 4_000, 20)]
    loud = [number for number, frame in enumerate(frames) if is_audible(frame)]
    assert frames[0] == SILENCE
    assert WAIT_MS <= 20 * (loud[0] + 1) <= WAIT_MS + 300
    assert caller.turns_left == len(script.says) - 1
