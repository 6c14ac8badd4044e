"""What happens while the caller speaks: patience with a pause, and a sign that somebody listens."""

from flows.commands import Command, Say, SetPatience, StopSpeaking
from flows.events import CallerPaused, CallerResumed, SpeechStarted, TurnEnded
from flows.listening import LONG_TURN_MS
from flows.state import Purpose
from tests.flows.dialogue import ANGER, Dialogue

VENT = "I have called four times and nobody ever calls me back and"


def talking(call: Dialogue | None = None) -> Dialogue:
    """A caller who has begun to speak."""
    call = call or Dialogue().answered()
    call.feed(SpeechStarted(call.at_ms))
    return call


def pauses(call: Dialogue, text: str, *, turn_ms: int = 2_000, longest_pause_ms: int = 0) -> list[Command]:
    """The caller pauses after `turn_ms` of talk."""
    start_ms = call.at_ms
    paused = CallerPaused(start_ms + turn_ms + 400, start_ms, start_ms + turn_ms, text, longest_pause_ms)
    return list(call.feed(paused))


def patience_ms(commands: list[Command]) -> int:
    [command] = [command for command in commands if isinstance(command, SetPatience)]
    return command.pause_ms


def said(commands: list[Command]) -> list[Say]:
    return [command for command in commands if isinstance(command, Say)]


def test_a_sentence_in_the_middle_is_given_more_time_than_a_finished_one() -> None:
    finished = patience_ms(pauses(talking(), "My parcel has not arrived."))
    assert patience_ms(pauses(talking(), "My parcel has not arrived because")) >= finished + 500


def test_an_upset_caller_is_given_more_time() -> None:
    upset = Dialogue().answered()
    upset.talk("this is a disgrace", **ANGER)
    calm = patience_ms(pauses(talking(), "My parcel has not arrived."))
    assert patience_ms(pauses(talking(upset), "My parcel has not arrived.")) > calm


def test_a_caller_who_pauses_long_is_given_as_much_again() -> None:
    assert patience_ms(pauses(talking(), "I bought it and", longest_pause_ms=1_700)) > 1_700


def test_the_reason_for_the_patience_is_in_the_log() -> None:
    [command] = pauses(talking(), "I bought it and")
    assert isinstance(command, SetPatience)
    assert command.why.evidence[0].rule == "unfinished"
    assert command.why.evidence[0].words == "and"


def test_a_long_turn_is_acknowledged_in_its_pauses() -> None:
    call = talking()
    [line] = said(pauses(call, VENT, turn_ms=LONG_TURN_MS))
    assert line.backchannel
    assert line.clauses == ("listen.backchannel",)
    assert call.state.outstanding[0].purpose is Purpose.BACKCHANNEL


def test_a_short_turn_is_not_acknowledged() -> None:
    assert said(pauses(talking(), VENT, turn_ms=LONG_TURN_MS - 100)) == []


def test_a_turn_that_is_probably_over_is_answered_and_not_acknowledged() -> None:
    assert said(pauses(talking(), "Can you help me?", turn_ms=12_000)) == []


def test_one_turn_is_not_acknowledged_at_every_pause() -> None:
    call = talking()
    pauses(call, VENT, turn_ms=9_000)
    call.hears()
    assert said(pauses(call, VENT, turn_ms=9_000)) == []


def test_an_acknowledgement_is_not_heard_over_words() -> None:
    call = talking()
    pauses(call, VENT, turn_ms=9_000)
    [command] = call.feed(CallerResumed(call.at_ms + 9_500))
    assert isinstance(command, StopSpeaking)
    assert command.backchannels_only


def test_a_caller_who_goes_on_stops_nothing_else() -> None:
    call = Dialogue()
    call.answered()
    call.talk("this is a disgrace", **ANGER)
    talking(call)
    assert call.feed(CallerResumed(call.at_ms + 500)) == ()


def test_an_acknowledgement_is_not_what_is_repeated() -> None:
    call = talking()
    before = call.state.last_line
    pauses(call, VENT, turn_ms=9_000)
    call.hears()
    assert call.state.last_line == before


def test_an_acknowledgement_that_still_plays_is_followed_by_the_answer() -> None:
    call = talking()
    pauses(call, VENT, turn_ms=9_000)
    call.feed(TurnEnded(call.at_ms + 11_000, call.at_ms, call.at_ms + 9_000))
    call.talk("nobody calls me back", **ANGER)
    assert len({line.line_id for line in said(call.commands)}) == len(said(call.commands))
