"""The abuse table at work."""

from itertools import product

import pytest

from flows.abuse import POLICY, POLICY_VERSION, Act, Situation, Standing
from flows.commands import Rule, Why
from flows.draft import Draft
from flows.meaning.model import Evidence
from flows.policy import apply_policy
from flows.state import State

WHY = Why("limit.warn", (Evidence("directed_abuse", "abuse.you_insult", "you idiot", 0.9),))


@pytest.mark.parametrize(("standing", "situation"), list(product(Standing, Situation)))
def test_every_cell_gives_its_act_and_its_standing(standing: Standing, situation: Situation) -> None:
    draft = Draft(State(standing=standing))
    ruling = POLICY[standing, situation]
    assert apply_policy(draft, situation, why=WHY) is ruling.act
    assert draft.state.standing is ruling.then


def test_a_ruling_is_logged_with_both_standings_its_evidence_and_the_version_of_the_policy() -> None:
    draft = Draft(State())
    apply_policy(draft, Situation.ABUSE, why=WHY)
    assert draft.commands == [Rule(WHY, "abuse", "clear", "warning", POLICY_VERSION)]


def test_a_ruling_that_changes_nothing_is_logged_as_well() -> None:
    draft = Draft(State(standing=Standing.WARNING))
    assert apply_policy(draft, Situation.ABUSE_OVER_WARNING, why=WHY) is Act.STAY
    assert [command.after for command in draft.commands if isinstance(command, Rule)] == ["warning"]


def test_the_rest_of_the_state_is_left_alone() -> None:
    draft = Draft(State(name="Anna", issue="hold"))
    apply_policy(draft, Situation.ABUSE, why=WHY)
    assert draft.state == State(name="Anna", issue="hold", standing=Standing.WARNING)
