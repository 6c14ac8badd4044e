from audio.mulaw import silence
from bench.peers.heard import HeardTurn, heard_turns
from bot.simulator.caller import Span
from bot.simulator.carrier import Ending
from bot.simulator.measures import turn_timings
from bot.simulator.phone import StreamRecord


def loud(ms: int) -> bytes:
    return b"\x00\xff" * (ms * 4)


def stream(caller: bytes, line: bytes, *turns: Span) -> StreamRecord:
    """A stream on which this was said and heard."""
    return StreamRecord(
        stream_sid="MZ1",
        line_track=line,
        caller_track=caller,
        heard_by_caller=(),
        marks_returned=(),
        violations=(),
        ending=Ending.CALLER_HUNG_UP,
        closed_at_ms=len(line) // 8,
        unplayed_bytes=0,
        greeting_ms=0,
        turns=turn_timings(caller, line, turns),
        late_ms=0,
    )


CALLER = silence(1_000) + loud(400) + silence(600) + loud(400) + silence(3_600)
TURN = Span(1_000, 2_400)


def test_an_answer_within_a_hesitation_is_talking_into_the_turn() -> None:
    line = silence(1_700) + loud(500) + silence(1_000) + loud(1_000) + silence(1_800)
    heard = heard_turns([stream(CALLER, line, TURN)], [True])
    assert heard == [HeardTurn(True, wait_ms=800, answer_ms=800, talked_into=True)]


def test_an_answer_after_the_turn_is_not() -> None:
    line = silence(3_000) + loud(1_000) + silence(2_000)
    heard = heard_turns([stream(CALLER, line, TURN)], [True])
    assert heard == [HeardTurn(True, wait_ms=600, answer_ms=600, talked_into=False)]


def test_a_turn_without_an_answer_has_no_times() -> None:
    heard = heard_turns([stream(CALLER, silence(6_000), TURN)], [False])
    assert heard == [HeardTurn(False, wait_ms=None, answer_ms=None, talked_into=False)]


def test_turns_of_a_second_stream_follow_those_of_the_first() -> None:
    one = stream(CALLER, silence(6_000), TURN)
    assert [turn.hesitates for turn in heard_turns([one, one], [True, False])] == [True, False]
