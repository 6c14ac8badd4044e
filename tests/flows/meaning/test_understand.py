from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.errors import UnknownLanguage
from flows.meaning import understand
from flows.meaning.lexicon import PROBABILITIES, load_language
from flows.meaning.tokens import MAX_WORDS, read

UTTERANCES = yaml.safe_load((Path(__file__).parent / "utterances_en.yaml").read_text(encoding="utf-8"))
RULE_WORDS = sorted(load_language("en").spelling.known)
SPOKEN = st.lists(st.sampled_from([*RULE_WORDS, "?", ",", '"', "***"]), max_size=40).map(" ".join)
ANYTHING = st.one_of(st.text(max_size=300), SPOKEN)


@given(ANYTHING, st.sampled_from(["", "yes_no", "choice", "name", "issue"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_judged_and_judged_the_same_again(text: str, expecting: str) -> None:
    assert understand(text, expecting=expecting) == understand(text, expecting=expecting)


@given(ANYTHING)
@settings(max_examples=150, deadline=None)
def test_probabilities_are_rounded_and_evidence_is_in_the_text(text: str) -> None:
    meaning = understand(text)
    for label in PROBABILITIES:
        value = getattr(meaning, label)
        assert 0.0 <= value <= 1.0
        assert value == round(value, 3)
    assert all(reason.words in text for reason in meaning.evidence)


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "you are ", "so very ", "he said you ", "*", "f *", "\u0000", "😡 "),
        *("s t u p i d ", "5 ", '" ', "don't ", "-", "\n", "ﬁ", "İ"),
    ],
)
def test_five_thousand_characters_of_anything_stay_within_the_bound(piece: str) -> None:
    text = (piece * 5000)[:5000]
    understand(text)
    assert len(read(text, load_language("en").spelling).words()) <= MAX_WORDS


def test_a_cry_for_help_at_the_end_of_a_long_rant_is_heard() -> None:
    assert understand("and nobody ever called me back " * 300 + "I want to kill myself").crisis >= 0.5


def test_nothing_said_means_nothing() -> None:
    meaning = understand("")
    assert (meaning.intent, meaning.slots, meaning.evidence) == ("none", {}, ())


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UnknownLanguage, match="tlh"):
        understand("nuqneH", language="tlh")


@pytest.mark.parametrize("batch", ["a", "b"])
def test_the_utterances_behind_the_rules_never_strike_the_innocent(batch: str) -> None:
    """Batch c is held out: bench/meaning.py reports it, and no test may press the rules towards it."""
    innocent = [
        row for row in UTTERANCES if row["batch"] == batch and row["class"] not in ("abuse", "threat")
    ]
    judged = [(row["text"], understand(row["text"])) for row in innocent]
    assert [text for text, meaning in judged if max(meaning.directed_abuse, meaning.threat) >= 0.8] == []


def test_the_utterances_are_marked_as_they_must_be() -> None:
    assert len(UTTERANCES) >= 220
    assert sum(row["hard"] for row in UTTERANCES) / len(UTTERANCES) >= 0.45
    assert len({row["text"] for row in UTTERANCES}) == len(UTTERANCES)
