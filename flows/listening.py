"""While the caller speaks: how long a pause may become, and a sign in a long turn that somebody listens."""

from typing import Final

from flows.commands import SetPatience, Why
from flows.draft import Draft
from flows.events import CallerPaused, CallerResumed
from flows.meaning.model import Evidence
from flows.state import Mood, Purpose, Stage
from flows.turn_end import TurnEnd, judge_pause

LONG_TURN_MS: Final = 8_000
"""A caller who has talked for so long, or so long since the last sign, hears one (`listen.backchannel`)."""

THINKING_MS: Final = 600
"""A caller who is given so much patience is probably not done: there is time for a word."""


def on_pause(draft: Draft, paused: CallerPaused) -> None:
    """The caller pauses: judge by the words whether the turn is over (`listen.patient`)."""
    judged = judge_pause(
        paused.text,
        language=draft.state.line.language,
        expecting=draft.state.expecting,
        upset=draft.state.mood is not Mood.NEUTRAL,
        longest_pause_ms=paused.longest_pause_ms,
    )
    evidence = (Evidence("turn_end", judged.reason.value, judged.evidence, 1.0),)
    draft.add(SetPatience(Why("listen.patient", evidence), judged.patience_ms))
    if _wants_backchannel(draft, paused, judged):
        draft.change(backchannel_ms=paused.at_ms)
        draft.say("listen.backchannel", why=Why("listen.backchannel", evidence), purpose=Purpose.BACKCHANNEL)


def on_resumed(draft: Draft, resumed: CallerResumed) -> None:
    """The caller goes on: the line is not heard over words."""
    del resumed
    draft.hush_backchannel(why=Why("listen.backchannel"))


def _wants_backchannel(draft: Draft, paused: CallerPaused, judged: TurnEnd) -> bool:
    """Whether a short acknowledgement fits here: a long turn, a pause, and nothing else to be said."""
    state = draft.state
    quiet_since_ms = max(paused.start_ms, state.backchannel_ms)
    return (
        paused.end_ms - quiet_since_ms >= LONG_TURN_MS
        and judged.patience_ms >= THINKING_MS
        and not state.outstanding
        and state.stage not in {Stage.CLOSING, Stage.IN_NEED}
    )
