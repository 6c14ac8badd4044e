"""The abuse policy (`limit.*`) as a finite machine: the table decides, the docs draw it, a test visits every cell.

A call has one standing. A situation is what has just happened, as far as abuse is concerned. Each cell of the table
says what the line does and which standing follows. The machine warns once; it ends a call only from WARNED, which is
reached only when the carrier has acknowledged the end of the warning; and a caller in need (a crisis, a danger, a
person asked for) moves to SHIELDED, from which no cell leads to an end.
"""

from dataclasses import dataclass
from enum import StrEnum

from flows.meaning.model import Meaning

POLICY_VERSION = "2026-11.1"

STRIKE_PROBABILITY = 0.8
"""A strike needs to be near certain; between doubt and this the line answers with empathy instead."""

STRIKE_CONFIDENCE = 0.45
"""A strike is never given on words that the recogniser itself doubts (`limit.not`)."""

REACTION_MS = 400
"""Speech that began this little before the acknowledgement arrived came after the warning: the acknowledgement
travels for up to 200 ms, and the ear dates speech 200 ms early to keep its first sound."""


class Standing(StrEnum):
    """Where the caller stands with the abuse policy."""

    CLEAR = "clear"
    WARNING = "warning"  # the warning is being said
    WARNED = "warned"  # the warning was heard to its end
    ENDING = "ending"  # the farewell is being said
    ENDED = "ended"
    SHIELDED = "shielded"  # a crisis, a danger, a person wanted: never ended by the line


class Situation(StrEnum):
    """What has just happened, as far as abuse is concerned."""

    ABUSE = "abuse"
    ABUSE_OVER_WARNING = "abuse_over_warning"  # said before the warning was heard to its end
    APOLOGY = "apology"
    PERSON_NEEDED = "person_needed"  # crisis, danger to others, or "I want a person"
    WARNING_HEARD = "warning_heard"
    WARNING_CUT_OFF = "warning_cut_off"
    FAREWELL_HEARD = "farewell_heard"
    FAREWELL_CUT_OFF = "farewell_cut_off"
    FAREWELL_LOST = "farewell_lost"  # its audio has long run out and no acknowledgement came


class Act(StrEnum):
    """What the line does about it."""

    STAY = "stay"  # nothing on account of abuse; the conversation goes on
    WARN = "warn"
    RESUME = "resume"  # back to the caller's matter
    ACKNOWLEDGE = "acknowledge"  # an apology
    SAY_FAREWELL = "say_farewell"
    END = "end"
    HAND_OVER = "hand_over"
    STAY_CALM = "stay_calm"  # answer kindly, count nothing


@dataclass(frozen=True)
class Ruling:
    """One cell: what the line does, and the standing that follows."""

    act: Act
    then: Standing


def _row(standing: Standing, **acts: Ruling) -> dict[tuple[Standing, Situation], Ruling]:
    """One row of the table. A situation that the row does not name changes nothing."""
    named = {Situation(name): ruling for name, ruling in acts.items()}
    return {
        (standing, situation): named.get(situation, Ruling(Act.STAY, standing)) for situation in Situation
    }


POLICY: dict[tuple[Standing, Situation], Ruling] = {
    **_row(
        Standing.CLEAR,
        abuse=Ruling(Act.WARN, Standing.WARNING),
        apology=Ruling(Act.ACKNOWLEDGE, Standing.CLEAR),
        person_needed=Ruling(Act.HAND_OVER, Standing.SHIELDED),
    ),
    **_row(
        Standing.WARNING,
        apology=Ruling(Act.ACKNOWLEDGE, Standing.WARNING),
        person_needed=Ruling(Act.HAND_OVER, Standing.SHIELDED),
        warning_heard=Ruling(Act.RESUME, Standing.WARNED),
        warning_cut_off=Ruling(Act.STAY, Standing.CLEAR),
    ),
    **_row(
        Standing.WARNED,
        abuse=Ruling(Act.SAY_FAREWELL, Standing.ENDING),
        apology=Ruling(Act.ACKNOWLEDGE, Standing.WARNED),
        person_needed=Ruling(Act.HAND_OVER, Standing.SHIELDED),
    ),
    **_row(
        Standing.ENDING,
        person_needed=Ruling(Act.HAND_OVER, Standing.SHIELDED),
        farewell_heard=Ruling(Act.END, Standing.ENDED),
        farewell_lost=Ruling(Act.END, Standing.ENDED),
    ),
    **_row(Standing.ENDED),
    **_row(
        Standing.SHIELDED,
        abuse=Ruling(Act.STAY_CALM, Standing.SHIELDED),
        abuse_over_warning=Ruling(Act.STAY_CALM, Standing.SHIELDED),
        apology=Ruling(Act.ACKNOWLEDGE, Standing.SHIELDED),
        person_needed=Ruling(Act.HAND_OVER, Standing.SHIELDED),
    ),
}


def rule(standing: Standing, situation: Situation) -> Ruling:
    """The cell for `situation` in `standing`. Every pair has one."""
    return POLICY[standing, situation]


def is_strike(meaning: Meaning, *, confidence: float) -> bool:
    """Whether an utterance counts as abuse directed at the agent (`limit.warn`, `limit.not`)."""
    certain = max(meaning.directed_abuse, meaning.threat) >= STRIKE_PROBABILITY
    return certain and confidence >= STRIKE_CONFIDENCE
