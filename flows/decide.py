"""The decision: `decide(state, event) -> (state, commands)`. Pure; the whole conduct of a call hangs on it."""

from functools import singledispatch

from flows.abuse import Situation, Standing
from flows.answer import answer
from flows.closing import end_now, finish_line
from flows.commands import Command, Disposition, SetTimer, Why
from flows.draft import Draft
from flows.events import (
    CallerLeft,
    CallerPaused,
    CallerResumed,
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
from flows.handover import hand_to_person
from flows.listening import on_pause, on_resumed
from flows.policy import apply_policy
from flows.state import LineSaid, Purpose, Stage, State

CEILING_MS = 1_500
"""So long a caller who has finished waits at most before the line says that it is with them."""

CEILING_AGAIN_MS = 5_000
"""The same, once that was said."""

SILENT_PROMPTS = 2
"""So often the line asks into a silence before it says goodbye (scenario `silent`)."""

NOISES_AS_SILENCE = 3
"""So many turns of mere noise in a row are a silence: music on hold must not keep the line open."""

EAR_FAILURES = 3
"""So often the line asks to hear it again before a person takes over."""


def decide(state: State, event: Event) -> tuple[State, tuple[Command, ...]]:
    """What follows from `event` in `state`. The same two give the same result, anywhere and always."""
    if state.over:
        return state, ()
    draft = Draft(state)
    _on(event, draft)
    return draft.state, tuple(draft.commands)


@singledispatch
def _on(event: Event, draft: Draft) -> None:
    raise TypeError(
        f"{type(event).__name__} is not an event of a call; see flows/events.py for those that are"
    )


@_on.register
def _(event: CallStarted, draft: Draft) -> None:
    draft.say("greeting.disclosure", why=Why("greeting.disclosure"), protected=True)
    draft.say("greeting.open", why=Why("greeting.open"))


@_on.register
def _(event: CallResumed, draft: Draft) -> None:
    why = Why("greeting.resumed")
    draft.change(caller_speaking=False, turns_without_words=0, outstanding=())
    cut = draft.state.cut_by_loss
    if cut is None:
        draft.say("greeting.resumed", why=why)
    else:
        draft.change(cut_by_loss=None)
        draft.say_again(cut, why=why)


@_on.register
def _(event: SpeechStarted, draft: Draft) -> None:
    draft.change(caller_speaking=True)
    draft.cancel(TimerName.SILENCE, why=Why("listen.patient"))


@_on.register
def _(event: CallerPaused, draft: Draft) -> None:
    on_pause(draft, event)


@_on.register
def _(event: CallerResumed, draft: Draft) -> None:
    on_resumed(draft, event)


@_on.register
def _(event: TurnEnded, draft: Draft) -> None:
    draft.change(caller_speaking=False, turns_without_words=draft.state.turns_without_words + 1)
    draft.add(SetTimer(Why("listen.ceiling"), TimerName.CEILING, CEILING_MS))


@_on.register
def _(event: Heard, draft: Draft) -> None:
    _words_are_known(draft)
    draft.change(silences=0, ear_failures=0, noises=0)
    answer(draft, event)
    draft.await_caller(why=Why("listen.patient"))


@_on.register
def _(event: NothingHeard, draft: Draft) -> None:
    _words_are_known(draft)
    draft.change(noises=draft.state.noises + 1)
    if _end_if_held(draft):
        return
    if draft.state.noises >= NOISES_AS_SILENCE:
        draft.change(noises=0)
        _break_silence(draft)
    draft.await_caller(why=Why("listen.nothing_heard"))


@_on.register
def _(event: EarFailed, draft: Draft) -> None:
    _words_are_known(draft)
    draft.change(ear_failures=draft.state.ear_failures + 1)
    if _end_if_held(draft):
        return
    if draft.state.stage is Stage.CLOSING:
        return
    if draft.state.ear_failures >= EAR_FAILURES and draft.state.line.person_available:
        hand_to_person(draft, "handover.ear", why=Why("solve.hold.ear_failed"))
    else:
        draft.say("clarify.again", why=Why("listen.ear_failed"))


@_on.register
def _(event: SpokenOver, draft: Draft) -> None:
    if any(line.line_id == event.line_id and not line.protected for line in draft.state.outstanding):
        draft.hush(why=Why("listen.barge_in"))


@_on.register
def _(event: LineHeard, draft: Draft) -> None:
    line = next((said for said in draft.state.outstanding if said.line_id == event.line_id), None)
    if line is None:
        return
    draft.change(outstanding=tuple(said for said in draft.state.outstanding if said is not line))
    if event.heard_ms == 0 and not event.lost:
        _give_back(draft, line)
    if line.purpose is Purpose.WARNING:
        _warning_is_over(draft, event)
    elif line.ends_with is not None:
        finish_line(draft, line, event)
    elif draft.state.stage is not Stage.CLOSING and event.to_its_end and line.purpose is Purpose.TALK:
        draft.change(last_line=line)
    draft.await_caller(why=Why("listen.patient"))


@_on.register
def _(event: KeyPressed, draft: Draft) -> None:
    if event.digit == "0" and draft.state.stage is not Stage.CLOSING:
        apply_policy(draft, Situation.PERSON_NEEDED, why=Why("menu.person"))
        hand_to_person(draft, "handover.person", why=Why("menu.person"))


@_on.register
def _(event: TimerFired, draft: Draft) -> None:
    if event.timer is TimerName.CEILING:
        _reassure(draft)
    else:
        _break_silence(draft)


@_on.register
def _(event: CallerLeft, draft: Draft) -> None:
    if event.departure is Departure.SOCKET_LOST:
        return  # the carrier may open the stream again: CallResumed
    promised = draft.state.callback_promised
    end_now(draft, Disposition.CALLBACK if promised else Disposition.CALLER_LEFT, why=Why("call.caller_left"))


def _words_are_known(draft: Draft) -> None:
    """One turn fewer is waiting for its words."""
    waiting = max(0, draft.state.turns_without_words - 1)
    draft.change(turns_without_words=waiting)
    if waiting == 0:
        draft.cancel(TimerName.CEILING, why=Why("listen.ceiling"))


def _end_if_held(draft: Draft) -> bool:
    """End a call whose last line was heard and that only waited for words that turned out to be none."""
    held = draft.state.ending
    if held is None:
        return False
    if not (draft.state.caller_speaking or draft.state.turns_without_words):
        end_now(draft, held.disposition, why=Why("close.nothing_more"), acknowledged=held.acknowledged)
    return True


def _give_back(draft: Draft, line: LineSaid) -> None:
    """A line that never began has not been said: its wordings and its apology are there to be used."""
    state = draft.state
    unsaid = tuple(phrase for phrase in state.said if phrase not in line.phrases)
    apologies = sum(phrase.startswith("apology.") for phrase in line.phrases)
    draft.change(said=unsaid, apologies=max(0, state.apologies - apologies))


def _warning_is_over(draft: Draft, event: LineHeard) -> None:
    """The warning was heard to its end, or it was not given (`limit.heard`)."""
    situation = Situation.WARNING_HEARD if event.to_its_end else Situation.WARNING_CUT_OFF
    apply_policy(draft, situation, why=Why("limit.heard"))
    if draft.state.standing is not Standing.WARNED:
        return
    draft.change(warning_heard_ms=event.at_ms)
    state = draft.state
    if not (state.outstanding or state.caller_speaking or state.turns_without_words):
        known = state.issue != "none" and not state.callback_promised
        draft.say("limit.resume.issue" if known else "limit.resume", why=Why("limit.warn.resume"))
        if known:
            draft.change(stage=Stage.OFFERED, offered_choice=False, expecting="yes_no")


def _reassure(draft: Draft) -> None:
    """The caller has finished and has heard nothing for the length of the ceiling."""
    if draft.state.turns_without_words == 0:
        return
    why = Why("listen.ceiling")
    if not draft.state.outstanding and draft.state.stage is not Stage.CLOSING:
        draft.say("bridge.moment", why=why, protected=True)  # a second long: the answer must not cut it off
    draft.add(SetTimer(why, TimerName.CEILING, CEILING_AGAIN_MS))


def _break_silence(draft: Draft) -> None:
    """Nobody has said anything: two gentle prompts, then a courteous goodbye (scenario `silent`)."""
    state = draft.state
    if state.outstanding or state.caller_speaking or state.turns_without_words:
        return
    draft.change(silences=state.silences + 1)
    why = Why("listen.silence")
    if state.stage is Stage.IN_NEED:
        draft.say("safety.stay", why=Why("safety.stay"))
    elif state.silences < SILENT_PROMPTS:
        draft.say("silence.prompt", why=why)
    else:
        key = "silence.goodbye.number" if state.line.callback_number else "silence.goodbye"
        promised = Disposition.CALLBACK if state.callback_promised else Disposition.SILENT
        draft.change(stage=Stage.CLOSING)
        draft.say(key, why=why, purpose=Purpose.LAST_WORDS, protected=True, ends_with=promised)
