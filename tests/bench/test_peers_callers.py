import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.mulaw import silence
from audio.signal import MuLaw
from bench.peers.callers import CALLERS, LEAVES_AFTER_MS, PATIENCE_S, LeavingCaller, Script, joined, spoken
from bot.simulator.caller import Turn
from bot.simulator.loudness import FRAME_MS, SILENCE, audible_frames

LOUD = MuLaw(b"\x00\xff" * 80)
WORD = MuLaw(silence(60) + LOUD * 5 + silence(100))


def pauses_ms(audio: bytes) -> list[int]:
    """The silences between loud stretches."""
    marks = "".join("#" if loud else " " for loud in audible_frames(audio)).strip()
    return [len(gap) * FRAME_MS for gap in marks.split("#") if gap]


@settings(deadline=None, max_examples=30)  # a machine that is busy is no defect
@given(st.lists(st.integers(1, 50).map(lambda frames: frames * FRAME_MS), max_size=4))
def test_nothing_is_heard_for_exactly_as_long_as_the_caller_hesitates(wanted_ms: list[int]) -> None:
    assert pauses_ms(joined([WORD] * (len(wanted_ms) + 1), wanted_ms)) == wanted_ms


def test_the_ends_of_a_recording_stay_as_they_were_rendered() -> None:
    audio = joined([WORD, WORD], [400])
    assert audio.startswith(silence(60) + LOUD)
    assert audio.endswith(LOUD + silence(100))
    assert joined([WORD], []) == WORD


def test_a_hesitation_parts_what_is_rendered_and_is_not_read_aloud() -> None:
    rendered: list[str] = []

    def render(text: str) -> MuLaw:
        rendered.append(text)
        return WORD

    assert pauses_ms(spoken("My name is, <760> Peter Novak.", render)) == [760]
    assert rendered == ["My name is,", "Peter Novak."]


def test_every_caller_hesitates_and_takes_leave_without_hesitating() -> None:
    for caller in yaml.safe_load(CALLERS.read_text(encoding="utf-8")):
        assert 1 <= sum("<" in text for text in caller["says"]) <= 2
        assert "<" not in caller["says"][-1]
        assert "bye" in caller["says"][-1]


def hung_up_at_ms(caller: LeavingCaller, audible: range) -> int:
    """When the caller puts the phone down, if the line is heard in the frames that end within `audible`."""
    now_ms = 0
    while not caller.has_hung_up:
        now_ms += FRAME_MS
        caller.next_frame(now_ms, now_ms in audible or now_ms <= 200)
    return now_ms


def script() -> Script:
    return Script((Turn(MuLaw(LOUD * 10)),), (False,), wait_ms=700)


def test_a_caller_leaves_when_the_answer_to_the_last_turn_is_over() -> None:
    assert hung_up_at_ms(LeavingCaller(script()), range(2_000, 5_001)) == 5_000 + LEAVES_AFTER_MS


def test_a_caller_who_is_not_answered_leaves_when_patience_is_over() -> None:
    caller = LeavingCaller(script())
    left_ms = hung_up_at_ms(caller, range(0))
    assert left_ms - caller.turns_spoken[-1].end_ms == PATIENCE_S * 1000


def test_a_caller_who_has_not_spoken_stays() -> None:
    caller = LeavingCaller(script())
    assert caller.next_frame(FRAME_MS, False) == SILENCE
    assert not caller.has_hung_up
