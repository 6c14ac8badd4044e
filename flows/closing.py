"""How a call ends: after its last line was heard, once no words are waiting to be understood."""

from flows.abuse import Act, Situation
from flows.commands import Afterwards, Disposition, EndCall, Why
from flows.draft import Draft
from flows.events import LineHeard
from flows.policy import apply_policy
from flows.state import Ending, LineSaid, Purpose, Stage


def say_farewell(draft: Draft, *, why: Why) -> None:
    """Thank the caller and close; the call ends when that was heard."""
    promised = draft.state.callback_promised
    draft.change(stage=Stage.CLOSING, expecting="")
    draft.say(
        "farewell.callback" if promised else "farewell.served",
        why=why,
        purpose=Purpose.LAST_WORDS,
        protected=True,
        ends_with=Disposition.CALLBACK if promised else Disposition.SERVED,
    )


def finish_line(draft: Draft, line: LineSaid, event: LineHeard) -> None:
    """A line after which the call ends was heard, or was lost, or was cut off by a lost connection."""
    assert line.ends_with is not None, "only lines that end the call come here"
    why = Why("close.heard" if event.to_its_end else "close.lost" if event.lost else "close.cut_off")
    if not (event.to_its_end or event.lost):
        if not any(other.ends_with for other in draft.state.outstanding):  # else it made way for a transfer
            draft.change(cut_by_loss=line)
        if line.purpose is Purpose.ABUSE_FAREWELL:
            apply_policy(draft, Situation.FAREWELL_CUT_OFF, why=why)
        return
    state = draft.state
    words_to_come = state.caller_speaking or state.turns_without_words > 0
    if words_to_come and line.ends_with is not Disposition.TRANSFERRED:
        # A cry for help may be among the words that are not known yet (`safety.crisis`).
        draft.change(ending=Ending(line.ends_with, acknowledged=event.to_its_end))
        return
    end_now(draft, line.ends_with, why=why, acknowledged=event.to_its_end)


def end_now(draft: Draft, disposition: Disposition, *, why: Why, acknowledged: bool = True) -> None:
    """Close the stream. An end for abuse happens only when the policy table says END."""
    if disposition is Disposition.ENDED_FOR_ABUSE:
        situation = Situation.FAREWELL_HEARD if acknowledged else Situation.FAREWELL_LOST
        if apply_policy(draft, situation, why=why) is not Act.END:
            draft.change(ending=None)
            return
    afterwards = Afterwards.DIAL if disposition is Disposition.TRANSFERRED else Afterwards.HANG_UP
    draft.change(over=True, ending=None)
    draft.add(EndCall(why, disposition, afterwards))
