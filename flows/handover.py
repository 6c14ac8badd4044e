"""To a person: on request, in need, or when the line cannot help (`solve.escalate`, `safety.*`)."""

from flows.commands import Disposition, Flag, FlagKind, PromiseCallback, Why
from flows.draft import Draft
from flows.state import Purpose, Stage


def hand_to_person(draft: Draft, key: str, *, why: Why) -> None:
    """Say to whom and why, then transfer. Without a person to transfer to, promise a call back."""
    if _is_handing_over(draft):
        return
    draft.hush(why=why, protected_too=True)
    draft.change(ending=None, cut_by_loss=None)
    if draft.state.line.person_available:
        draft.change(stage=Stage.CLOSING)
        _transfer(draft, key, why=why)
        return
    draft.change(stage=Stage.CHECKING, expecting="yes_no")
    if _promise(draft, why=why):
        draft.say("handover.no_person", "check.anything_else", why=why)
    else:
        draft.say("handover.nobody", "check.anything_else", why=why)


def hand_over_in_need(draft: Draft, kind: FlagKind, *, why: Why) -> None:
    """A crisis or a danger: flag it, give the emergency number, and a person at once (`safety.crisis`)."""
    key = "safety.crisis" if kind is FlagKind.CRISIS else "safety.danger"
    draft.add(Flag(why, kind))
    if _is_handing_over(draft):
        return
    if draft.state.stage is Stage.IN_NEED:
        draft.say("safety.stay", why=why)
        return
    draft.hush(why=why, protected_too=True)
    draft.change(ending=None, cut_by_loss=None)
    if draft.state.line.person_available:
        draft.change(stage=Stage.CLOSING)
        _transfer(draft, key, why=why)
    else:
        _promise(draft, why=why)
        draft.change(stage=Stage.IN_NEED, expecting="")
        promised = draft.state.callback_promised
        draft.say(f"{key}.no_person" if promised else f"{key}.nobody", why=why, protected=True)


def _is_handing_over(draft: Draft) -> bool:
    """Whether a transfer is already being announced."""
    return any(line.ends_with is Disposition.TRANSFERRED for line in draft.state.outstanding)


def _transfer(draft: Draft, key: str, *, why: Why) -> None:
    draft.say(key, why=why, purpose=Purpose.LAST_WORDS, protected=True, ends_with=Disposition.TRANSFERRED)


def _promise(draft: Draft, *, why: Why) -> bool:
    """Promise a call back, if there is a number that a person could ring; whether one is promised."""
    state = draft.state
    if not state.callback_promised and (state.line.caller_reachable or state.number):
        draft.add(PromiseCallback(why, about=state.issue, number=state.number))
        draft.change(callback_promised=True)
    return draft.state.callback_promised
