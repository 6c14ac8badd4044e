"""The decisions of a call, event by event."""

import pytest

from flows.abuse import Standing
from flows.commands import (
    Afterwards,
    CancelTimer,
    Disposition,
    EndCall,
    Flag,
    FlagKind,
    PromiseCallback,
    Say,
    SetTimer,
    StopSpeaking,
)
from flows.decide import decide
from flows.events import (
    CallerLeft,
    CallResumed,
    CallStarted,
    Departure,
    EarFailed,
    KeyPressed,
    LineHeard,
    NothingHeard,
    SpeechStarted,
    SpokenOver,
    TimerFired,
    TimerName,
    TurnEnded,
)
from flows.line import LineFacts
from flows.state import State
from tests.flows.dialogue import ABUSE, ANGER, Dialogue, clauses, lines, words


def test_the_greeting_says_that_it_is_automated_and_that_the_call_is_recorded() -> None:
    _, commands = decide(State(), CallStarted(0))
    disclosure = lines(list(commands))[0]
    assert disclosure.protected
    assert "automated" in words([disclosure])
    assert "recorded" in words([disclosure])


def test_the_same_event_in_the_same_state_gives_the_same_commands() -> None:
    assert decide(State(), CallStarted(0)) == decide(State(), CallStarted(0))


def test_when_the_line_has_been_heard_the_caller_is_waited_for() -> None:
    call = Dialogue().answered()
    assert isinstance(call.commands[-1], SetTimer)
    assert call.commands[-1].timer is TimerName.SILENCE


def test_speech_stops_the_wait() -> None:
    commands = Dialogue().answered().feed(SpeechStarted(5_000))
    assert any(isinstance(command, CancelTimer) for command in commands)


def test_a_caller_who_has_finished_is_told_that_the_line_is_with_them_when_words_are_late() -> None:
    call = Dialogue().answered()
    call.feed(SpeechStarted(5_000))
    call.feed(TurnEnded(6_000, 5_000, 6_000))
    assert len(lines(call.waits(TimerName.CEILING))) == 1


def test_two_gentle_prompts_then_a_courteous_goodbye_into_silence() -> None:
    call = Dialogue().answered()
    for _ in range(2):
        assert len(lines(call.waits())) == 1
        call.hears()
    call.waits()
    call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.SILENT]


def test_the_silent_goodbye_names_the_number_when_there_is_one() -> None:
    call = Dialogue(LineFacts(callback_number="5 5 5 0 1 0 0")).answered()
    for _ in range(2):
        call.waits()
        call.hears()
    assert "5 5 5 0 1 0 0" in words(call.waits())


def test_endless_noise_counts_as_silence() -> None:
    call = Dialogue().answered()
    for turn in range(12):
        call.feed(SpeechStarted(turn * 1000))
        call.feed(TurnEnded(turn * 1000 + 500, turn * 1000, turn * 1000 + 500))
        call.feed(NothingHeard(turn * 1000 + 600, turn * 1000, turn * 1000 + 500, "no speech"))
        call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.SILENT]


def test_an_interruptible_line_stops_when_it_is_spoken_over() -> None:
    call = Dialogue().answered()
    call.says("hello", intent="hold")
    line_id = call.state.outstanding[0].line_id
    commands = call.feed(SpokenOver(9_000, line_id, "no wait"))
    assert [type(command) for command in commands] == [StopSpeaking]


def test_a_protected_line_goes_on_when_it_is_spoken_over() -> None:
    call = Dialogue().answered()
    call.says("you idiot", **ABUSE)
    line_id = call.state.outstanding[0].line_id
    assert call.feed(SpokenOver(9_000, line_id, "shut up you")) == ()


def test_abuse_is_warned_then_ended_with_an_invitation() -> None:
    call = Dialogue().answered()
    assert "limit.warn" in call.talk("you idiot", **ABUSE)
    assert call.state.standing is Standing.WARNED
    farewell = call.says("you are an idiot", **ABUSE)
    assert "call us again another time" in words(farewell)
    call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.ENDED_FOR_ABUSE]


def test_after_a_warning_the_work_goes_on() -> None:
    call = Dialogue().answered()
    call.talk("I have waited for an hour", intent="hold", **ANGER)
    call.says("you idiot", **ABUSE)
    call.hears()
    assert "call back" in words(call.commands[-4:])


def test_a_warning_that_was_cut_off_is_given_again() -> None:
    call = Dialogue().answered()
    call.says("you idiot", **ABUSE)
    call.hears(to_its_end=False)
    assert call.state.standing is Standing.CLEAR
    assert "limit.warn" in clauses(call.says("you idiot", **ABUSE))


def test_a_warning_whose_acknowledgement_is_lost_has_not_been_given() -> None:
    call = Dialogue().answered()
    call.says("you idiot", **ABUSE)
    call.hears(to_its_end=False, lost=True)
    assert call.state.standing is Standing.CLEAR


def test_a_lost_acknowledgement_of_the_farewell_cannot_keep_the_line_open() -> None:
    call = Dialogue().answered()
    call.talk("you idiot", **ABUSE)
    call.says("you idiot", **ABUSE)
    call.hears(to_its_end=False, lost=True)
    assert len(call.ends) == 1


def test_a_farewell_cut_off_by_a_lost_connection_is_said_again() -> None:
    call = Dialogue().answered()
    call.talk("you idiot", **ABUSE)
    call.says("you idiot", **ABUSE)
    call.hears(to_its_end=False)
    assert call.ends == []
    call.feed(CallerLeft(call.at_ms, Departure.SOCKET_LOST))
    again = call.feed(CallResumed(call.at_ms))
    assert "call us again" in words(list(again))
    call.hears()
    assert len(call.ends) == 1


def test_a_lost_connection_is_taken_up_where_it_broke() -> None:
    call = Dialogue().answered()
    call.talk("I have waited for an hour", intent="hold", **ANGER)
    call.feed(CallerLeft(call.at_ms, Departure.SOCKET_LOST))
    assert call.ends == []
    assert len(lines(list(call.feed(CallResumed(call.at_ms))))) == 1
    assert call.state.issue == "hold"


def test_a_caller_who_hangs_up_ends_the_call() -> None:
    call = Dialogue().answered()
    call.feed(CallerLeft(9_000, Departure.HUNG_UP))
    assert [end.disposition for end in call.ends] == [Disposition.CALLER_LEFT]


def test_nothing_follows_the_end() -> None:
    call = Dialogue().answered()
    call.feed(CallerLeft(9_000, Departure.HUNG_UP))
    assert call.says("hello") == []


def test_zero_asks_for_a_person() -> None:
    call = Dialogue().answered()
    call.feed(KeyPressed(5_000, "0"))
    call.hears()
    assert [(end.disposition, end.afterwards) for end in call.ends] == [
        (Disposition.TRANSFERRED, Afterwards.DIAL)
    ]


def test_what_could_not_be_heard_is_asked_again_and_then_a_person_takes_over() -> None:
    call = Dialogue().answered()
    for _ in range(3):
        call.feed(SpeechStarted(call.at_ms))
        call.feed(TurnEnded(call.at_ms, call.at_ms, call.at_ms))
        call.feed(EarFailed(call.at_ms, "overloaded"))
        call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.TRANSFERRED]


def test_a_cry_for_help_goes_to_a_person_at_once_and_is_flagged() -> None:
    call = Dialogue().answered()
    commands = call.says("I cannot go on", crisis=0.9)
    assert Flag in {type(command) for command in commands}
    assert "9 1 1" in words(commands)
    call.hears()
    assert call.ends[0].afterwards is Afterwards.DIAL


def test_a_cry_for_help_during_the_farewell_keeps_the_line_open() -> None:
    call = Dialogue().answered()
    call.talk("you idiot", **ABUSE)
    call.says("you idiot", **ABUSE)
    call.says("please, I cannot go on", crisis=0.9)
    call.hears()
    assert [end.disposition for end in call.ends] == [Disposition.TRANSFERRED]


def test_words_not_yet_known_hold_the_end_of_a_call() -> None:
    call = Dialogue().answered()
    call.talk("you idiot", **ABUSE)
    call.says("you idiot", **ABUSE)
    call.feed(SpeechStarted(call.at_ms))
    call.hears()
    assert call.ends == []
    call.feed(TurnEnded(call.at_ms, call.at_ms, call.at_ms))
    call.feed(NothingHeard(call.at_ms, call.at_ms, call.at_ms, "no speech"))
    assert len(call.ends) == 1


def test_without_a_person_to_transfer_to_a_crisis_stays_on_the_line() -> None:
    call = Dialogue(LineFacts(person_available=False)).answered()
    call.talk("I cannot go on", crisis=0.9)
    for _ in range(5):
        call.waits()
        call.hears()
    assert call.ends == []
    assert any(isinstance(command, PromiseCallback) for command in call.commands)


def test_a_threat_to_a_third_person_is_flagged_as_danger() -> None:
    commands = Dialogue().answered().says("I will hurt my neighbour", danger_to_others=0.9)
    assert [command.kind for command in commands if isinstance(command, Flag)] == [FlagKind.DANGER]


def test_a_threat_at_staff_counts_as_abuse_and_is_flagged() -> None:
    commands = Dialogue().answered().says("I will come and hurt you", threat=0.95)
    assert [command.kind for command in commands if isinstance(command, Flag)] == [FlagKind.THREAT]
    assert "Threats" in words(commands)


@pytest.mark.parametrize("departure", list(Departure))
def test_a_departure_never_makes_the_line_speak(departure: Departure) -> None:
    commands = Dialogue().answered().feed(CallerLeft(9_000, departure))
    assert not [command for command in commands if isinstance(command, Say)]


def test_an_event_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="not an event"):
        decide(State(), EndCall)  # type: ignore[arg-type]


def test_a_line_that_never_began_may_be_used_again() -> None:
    call = Dialogue().answered()
    call.says("I have waited for an hour", intent="hold", **ANGER)
    apologies = call.state.apologies
    line = call.state.outstanding[0]
    call.feed(LineHeard(call.at_ms, line.line_id, False, 0, 0))
    assert (apologies, call.state.apologies) == (1, 0)
    assert not set(line.phrases) & set(call.state.said)


def test_a_timer_that_fires_while_the_caller_speaks_says_nothing() -> None:
    call = Dialogue().answered()
    call.feed(SpeechStarted(5_000))
    assert call.feed(TimerFired(6_000, TimerName.SILENCE)) == ()
