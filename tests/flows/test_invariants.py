"""The invariants of the design, over random sequences of events: whatever happens, in whatever order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.abuse import Standing, is_strike
from flows.commands import Command, Disposition, EndCall, Say
from flows.decide import decide
from flows.events import (
    CallerLeft,
    CallResumed,
    CallStarted,
    Departure,
    EarFailed,
    Event,
    Heard,
    KeyPressed,
    LineHeard,
    NothingHeard,
    SpeechStarted,
    SpokenOver,
    TimerFired,
    TimerName,
    TurnEnded,
)
from flows.journal import (
    command_from_dict,
    command_to_dict,
    event_from_dict,
    event_to_dict,
    state_from_json,
    state_to_json,
)
from flows.line import LineFacts
from flows.meaning.model import Meaning, Wish, YesNo
from flows.state import State

PROBABILITY = st.sampled_from([0.0, 0.3, 0.6, 0.85, 0.99])
MEANINGS = st.builds(
    Meaning,
    directed_abuse=PROBABILITY,
    threat=PROBABILITY,
    swearing=PROBABILITY,
    anger=PROBABILITY,
    distress=PROBABILITY,
    crisis=st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.9]),
    danger_to_others=st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.9]),
    yes_no=st.sampled_from(YesNo),
    wants_person=st.sampled_from([False, False, False, True]),
    wants_callback=st.booleans(),
    wants_repeat=st.booleans(),
    apology=st.booleans(),
    thanks=st.booleans(),
    goodbye=st.booleans(),
    backchannel=st.booleans(),
    wish=st.sampled_from(Wish),
    intent=st.sampled_from(["none", "other", "hold", "returns", "billing"]),
    slots=st.dictionaries(st.just("name"), st.sampled_from(["Anna", "Mr. Smith"])),
)
STEPS = st.one_of(
    st.tuples(st.just("says"), MEANINGS, st.sampled_from([0.2, 0.9])),
    st.tuples(st.just("abuses")),
    st.tuples(st.just("line"), st.booleans(), st.booleans(), st.integers(0, 20)),
    st.tuples(st.sampled_from(["speaks", "pauses", "noise", "deaf", "over", "lost", "resumed"])),
    st.tuples(st.just("key"), st.sampled_from("0159*#")),
    st.tuples(st.just("timer"), st.sampled_from(TimerName)),
)


class Play:
    """Turns steps into events in any order, and keeps what was said, heard and decided."""

    def __init__(self, *, person_available: bool) -> None:
        self.state = State(line=LineFacts(person_available=person_available))
        self.at_ms = 0
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.trace: list[Event | Command] = []
        self.feed(CallStarted(0))

    def feed(self, event: Event) -> None:
        self.state, commands = decide(self.state, event)
        self.events.append(event)
        self.commands += commands
        self.trace += [event, *commands]

    def step(self, step: tuple[object, ...]) -> None:  # noqa: C901, PLR0912 - one case a step
        self.at_ms += 700
        at = self.at_ms
        match step:
            case ("says", Meaning() as meaning, float() as confidence):
                self.feed(Heard(at, at - 500, at, "words", "en", confidence, meaning))
            case ("abuses",):
                self.feed(Heard(at, at - 500, at, "words", "en", 0.9, Meaning(directed_abuse=0.99)))
            case ("line", bool() as to_its_end, bool() as lost, int() as heard):
                for line in self.state.outstanding[:1]:
                    lost_too = lost and not to_its_end
                    self.feed(LineHeard(at, line.line_id, to_its_end, heard * 100, 2_000, lost=lost_too))
            case ("speaks",):
                self.feed(SpeechStarted(at))
            case ("pauses",):
                self.feed(TurnEnded(at, at - 400, at))
            case ("noise",):
                self.feed(NothingHeard(at, at - 400, at, "noise"))
            case ("deaf",):
                self.feed(EarFailed(at, "overloaded"))
            case ("over",):
                for line in self.state.outstanding[:1]:
                    self.feed(SpokenOver(at, line.line_id, "words"))
            case ("lost",):
                self.feed(CallerLeft(at, Departure.SOCKET_LOST))
            case ("resumed",):
                self.feed(CallResumed(at))
            case ("key", str() as digit):
                self.feed(KeyPressed(at, digit))
            case ("timer", TimerName() as timer):
                self.feed(TimerFired(at, timer))


def said_with(play: Play, clause: str) -> list[Say]:
    return [command for command in play.commands if isinstance(command, Say) and clause in command.clauses]


def played(steps: list[tuple[object, ...]], person_available: bool) -> Play:
    play = Play(person_available=person_available)
    for step in steps:
        play.step(step)
    return play


PLAYS = st.builds(played, st.lists(STEPS, max_size=60), st.booleans())


@given(PLAYS)
@settings(max_examples=300)
def test_nobody_is_sent_away_for_abuse_without_a_warning_heard_to_its_end_and_abuse_after_it(
    play: Play,
) -> None:
    """Invariant 1."""
    for place, command in enumerate(play.trace):
        if not (isinstance(command, Say) and "limit.end" in command.clauses):
            continue
        before = play.trace[:place]
        warnings = {line.line_id for line in before if isinstance(line, Say) and "limit.warn" in line.clauses}
        heard = [
            number
            for number, event in enumerate(before)
            if isinstance(event, LineHeard) and event.to_its_end and event.line_id in warnings
        ]
        assert heard
        strikes = [event for event in before[heard[0] :] if isinstance(event, Heard)]
        assert any(is_strike(event.meaning, confidence=event.confidence) for event in strikes)


@given(PLAYS)
@settings(max_examples=300)
def test_a_warning_that_was_heard_is_the_last_one(play: Play) -> None:
    """Invariant 2."""
    warnings = {line.line_id for line in said_with(play, "limit.warn") if line.protected}
    heard = [
        place
        for place, event in enumerate(play.trace)
        if isinstance(event, LineHeard) and event.to_its_end and event.line_id in warnings
    ]
    later = play.trace[heard[0] :] if heard else []
    assert not [
        line for line in later if isinstance(line, Say) and line.protected and "limit.warn" in line.clauses
    ]


@given(PLAYS)
@settings(max_examples=300)
def test_the_line_never_closes_before_its_last_words_were_heard_or_their_acknowledgement_lost(
    play: Play,
) -> None:
    """Invariant 3, as far as the judgement goes."""
    ends = [command for command in play.commands if isinstance(command, EndCall)]
    assert len(ends) <= 1
    if ends:
        closed = [event for event in play.events if isinstance(event, LineHeard)]
        assert closed
        assert any(event.to_its_end or event.lost for event in closed)


@given(PLAYS)
@settings(max_examples=300)
def test_every_end_for_abuse_carries_the_invitation_to_call_again(play: Play) -> None:
    """Invariant 4."""
    ended = [
        c for c in play.commands if isinstance(c, EndCall) and c.disposition is Disposition.ENDED_FOR_ABUSE
    ]
    if ended:
        farewells = said_with(play, "limit.end")
        assert farewells
        assert all("call us again" in " ".join(line.sentences) for line in farewells)


@given(PLAYS)
@settings(max_examples=300)
def test_a_caller_in_need_is_never_ended_for_abuse(play: Play) -> None:
    """Invariant 5."""
    if play.state.standing is Standing.SHIELDED:
        ends = [command for command in play.commands if isinstance(command, EndCall)]
        assert all(end.disposition is not Disposition.ENDED_FOR_ABUSE for end in ends)


@given(PLAYS)
@settings(max_examples=200)
def test_a_log_decides_the_same_byte_for_byte(play: Play) -> None:
    """Invariant 8: events read back from JSON lead to the same commands and the same state."""
    state = State(line=play.state.line)
    commands: list[Command] = []
    for event in play.events:
        state, decided = decide(state, event_from_dict(event_to_dict(event)))
        commands += decided
    assert [command_to_dict(c) for c in commands] == [command_to_dict(c) for c in play.commands]
    assert state == play.state


@given(PLAYS)
@settings(max_examples=100)
def test_states_and_commands_survive_json(play: Play) -> None:
    assert state_from_json(state_to_json(play.state)) == play.state
    assert [command_from_dict(command_to_dict(command)) for command in play.commands] == play.commands


@given(PLAYS)
@settings(max_examples=200)
def test_a_call_apologises_at_most_twice(play: Play) -> None:
    """`apology.scarce`: counted over the lines that were at least begun."""
    unheard = {e.line_id for e in play.events if isinstance(e, LineHeard) and e.heard_ms == 0 and not e.lost}
    repeated = {line.sentences for line in said_with(play, "apology.full") if line.line_id not in unheard}
    assert len(repeated) <= 2
