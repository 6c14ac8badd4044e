"""Abuse at the agent, threats at staff, and danger to somebody else.

Who is addressed is the language's data: rules of the forms that address the listener ("you ...", an order, a rude word
called out), shields for quotes, self-blame, idioms and things. What is left to judge here is how they meet.
"""

from flows.meaning.model import Evidence
from flows.meaning.scoring import PLACES, Hit, probability
from flows.meaning.tokens import Utterance

CRISIS_OVERRIDES = "safety.crisis overrides"
CERTAIN_CRISIS = 0.5
_KEPT_IN_CRISIS = 0.5


def judge_address(
    hits: tuple[Hit, ...], utterance: Utterance, *, crisis: float
) -> tuple[dict[str, float], tuple[Evidence, ...]]:
    """Probabilities of `directed_abuse`, `threat` and `danger_to_others`, with their evidence.

    In a cry for help (`crisis` at least CERTAIN_CRISIS) rude words are halved, so that they never reach a strike
    (`safety.crisis`). A threat is kept: it is put before a person as well.
    """
    abuse, evidence = probability("directed_abuse", hits, utterance)
    threat, threat_evidence = probability("threat", hits, utterance)
    danger, danger_evidence = probability("danger_to_others", hits, utterance)
    if crisis >= CERTAIN_CRISIS and abuse > 0.0:
        abuse = round(abuse * _KEPT_IN_CRISIS, PLACES)
        evidence = (*evidence, Evidence("directed_abuse", CRISIS_OVERRIDES, "", _KEPT_IN_CRISIS - 1.0))
    scores = {"directed_abuse": abuse, "threat": threat, "danger_to_others": danger}
    return scores, (*evidence, *threat_evidence, *danger_evidence)
