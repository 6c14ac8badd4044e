"""The abuse table at work: look up the cell, move to its standing, log the ruling."""

from flows.abuse import POLICY_VERSION, Act, Situation, rule
from flows.commands import Rule, Why
from flows.draft import Draft


def apply_policy(draft: Draft, situation: Situation, *, why: Why) -> Act:
    """Rule on `situation`, remember the standing that follows, and return what the line is to do."""
    before = draft.state.standing
    ruling = rule(before, situation)
    draft.change(standing=ruling.then)
    draft.add(Rule(why, situation.value, before.value, ruling.then.value, POLICY_VERSION))
    return ruling.act
