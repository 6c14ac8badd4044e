"""The blocks about the judgement: the abuse policy's table and drawing, its thresholds, and the times of a call."""

from audio.endpointing import DEFAULT_PATIENCE_MS
from bot import call, ledger, session
from flows import abuse, answer, decide, draft, listening, turn_end
from flows.abuse import POLICY, Act, Situation, Standing
from tests.manual.markdown import fenced, table
from tests.manual.types import comments


def policy_table() -> str:
    """Rows: situations; columns: standings. A dash is a cell that changes nothing."""

    def cell(standing: Standing, situation: Situation) -> str:
        ruling = POLICY[standing, situation]
        stays = ruling.then is standing
        if ruling.act is Act.STAY and stays:
            return "–"
        return f"`{ruling.act}`" if stays else f"`{ruling.act}` → {ruling.then}"

    rows = [
        (f"`{situation}`", *(cell(standing, situation) for standing in Standing)) for situation in Situation
    ]
    return table(("", *(str(standing) for standing in Standing)), rows)


def policy_diagram() -> str:
    """The cells that change the standing, as arrows: what happened, and what the line does."""
    arrows: dict[tuple[Standing, Standing, Act], list[str]] = {}
    for (standing, situation), ruling in POLICY.items():
        if ruling.then is not standing:
            arrows.setdefault((standing, ruling.then, ruling.act), []).append(situation)
    lines = ["stateDiagram-v2", f"    [*] --> {Standing.CLEAR}"]
    lines += [
        f"    {before} --> {after}: {', '.join(why)} / {act}" for (before, after, act), why in arrows.items()
    ]
    lines.append(f"    {Standing.ENDED} --> [*]")
    return fenced("\n".join(lines), "mermaid")


def standings() -> str:
    words = {**comments(Standing), Standing.CLEAR.name: "where every call begins"}
    return table(
        ("standing", "meaning"),
        [(f"`{s}`", words.get(s.name, "the line has closed the call")) for s in Standing],
    )


def times() -> str:
    """How long the line waits for what."""
    rows = [
        ("a pause of the caller that ends a turn, while its words are not known", DEFAULT_PATIENCE_MS),
        *(
            (f"the same, after words that look {reason.value.replace('_', ' ')}", pause_ms)
            for reason, pause_ms in turn_end.PATIENCE_MS.items()
        ),
        ("a turn so long is acknowledged in its pauses", listening.LONG_TURN_MS),
        (
            "silence ceiling: so long a caller who has finished waits before hearing something",
            decide.CEILING_MS,
        ),
        ("the same, once the line has said that it is there", decide.CEILING_AGAIN_MS),
        ("silence on both sides before the line asks whether the caller is there", draft.SILENCE_MS),
        ("so far ahead of playback audio is sent at most", ledger.AHEAD_MS),
        ("so long after a line should be over a missing mark counts as lost", ledger.LOST_AFTER_MS),
        ("so long a line waits for a sentence to be rendered", ledger.RENDER_WITHIN_MS),
        ("so long a final transcript may take", round(session.FINAL_WITHIN_S * 1000)),
        ("so long the stream stays open after the last word", call.TAIL_MS),
    ]
    return table(("time", "ms"), [(what, f"{value_ms:,}") for what, value_ms in rows])


def thresholds() -> str:
    """From which probability something counts."""
    rows = [
        ("directed abuse or a threat: a strike", abuse.STRIKE_PROBABILITY),
        ("the recogniser's confidence that a strike needs", abuse.STRIKE_CONFIDENCE),
        ("a crisis", answer.CRISIS_PROBABILITY),
        ("a danger to others", answer.DANGER_PROBABILITY),
        ("upset: anger, distress, or abuse below a strike", answer.UPSET_PROBABILITY),
    ]
    return table(("what", "from"), [(what, str(value)) for what, value in rows])
