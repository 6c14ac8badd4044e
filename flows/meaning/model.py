"""What an utterance means, as plain data that goes into the log."""

from dataclasses import dataclass, field
from enum import StrEnum


class YesNo(StrEnum):
    """The answer in an utterance, if it is one."""

    YES = "yes"
    NO = "no"
    REFUSE = "refuse"
    NONE = "none"


class Wish(StrEnum):
    """What an upset caller wants first (`listen.needs`)."""

    VENT = "vent"
    RESPECT = "respect"
    COMPENSATION = "compensation"
    NONE = "none"


@dataclass(frozen=True)
class Evidence:
    """One reason for one probability: the rule that spoke, the words it saw, and how far it pushed."""

    label: str
    rule: str
    words: str
    weight: float


@dataclass(frozen=True)
class Meaning:
    """The judgement of one utterance.

    Probabilities lie in 0..1 and are rounded to three decimals, so that a log reads back to the same value.
    `intent` is an id of `flows/languages/<tag>/meaning.yaml` or "none".
    """

    directed_abuse: float = 0.0
    threat: float = 0.0
    swearing: float = 0.0
    anger: float = 0.0
    distress: float = 0.0
    crisis: float = 0.0
    danger_to_others: float = 0.0
    yes_no: YesNo = YesNo.NONE
    wants_person: bool = False
    wants_callback: bool = False
    wants_repeat: bool = False
    apology: bool = False
    thanks: bool = False
    goodbye: bool = False
    backchannel: bool = False
    wish: Wish = Wish.NONE
    intent: str = "none"
    slots: dict[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
