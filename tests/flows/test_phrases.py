"""Wordings: chosen in turn, slots filled, files checked."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import flows
from flows.errors import BadLanguageData, UnknownLanguage
from flows.line import LineFacts
from flows.phrases import choose, fill, fixed_sentences, parse_phrases, phrases, split_sentences

LINE = LineFacts()
WORDS_A_SECOND = 2.6  # a telephone voice at 155 words a minute
FORBIDDEN = re.compile(
    r"\bcalm down\b|\binconvenience\b|\bpolicy\b|know (exactly )?how you feel|no need to shout|\bunfortunately\b",
    re.IGNORECASE,
)


@given(st.lists(st.sampled_from(sorted(phrases("en"))), max_size=40))
def test_no_wording_returns_before_all_of_its_key_were_used(keys: list[str]) -> None:
    said: tuple[str, ...] = ()
    for key in keys:
        wording = choose(key, line=LINE, said=said)
        all_of_key = {f"{key}/{number}" for number in range(len(phrases("en")[key].variants))}
        assert wording.phrase_id not in said or all_of_key <= set(said)
        said += (wording.phrase_id,)


def test_a_name_is_put_in_when_it_is_known_and_leaves_no_trace_when_not() -> None:
    text = "I am sorry that we have kept you waiting for so long{, name}."
    assert fill(text, line=LINE, name="Mr Smith").endswith("for so long, Mr Smith.")
    assert fill(text, line=LINE).endswith("for so long.")


def test_an_emergency_number_is_spoken_digit_by_digit() -> None:
    assert fill("{emergency_number}", line=LineFacts(emergency_number="112")) == "1 1 2"


def test_a_wording_is_split_where_sentences_end() -> None:
    assert split_sentences("One. Two? Three!") == ("One.", "Two?", "Three!")


def test_fixed_sentences_have_no_open_slot_and_no_repeats() -> None:
    sentences = fixed_sentences(LINE)
    assert len(set(sentences)) == len(sentences)
    assert not [sentence for sentence in sentences if "{" in sentence]


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(UnknownLanguage, match="'tlh'"):
        phrases("tlh")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- a list", 1),
        ("good:\n  clauses: [calm.neutral]\n  variants: [Yes.]\nbad:\n  clauses: [calm.neutral]", 4),
        ("bad:\n  clauses: []\n  variants: [Yes.]", 1),
        ("bad:\n  clauses: [calm.neutral]\n  variants: ['Hello {nobody}.']", 1),
        ("bad:\n  clauses: [calm.neutral]\n  variants: ['Hello {name.']", 1),
        ("bad: [", 1),
    ],
)
def test_a_fault_in_a_phrase_file_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadLanguageData) as caught:
        parse_phrases(text, path="phrases.yaml")
    assert caught.value.line == line


def test_every_key_that_the_code_names_exists() -> None:
    """Keys are literals in flows/, or an issue's own empathy and apology."""
    code = "".join(path.read_text() for path in Path(flows.__file__).parent.glob("*.py"))
    prefixes = sorted({key.split(".")[0] for key in phrases("en")})
    named = set(re.findall(rf'say\([^)]*?"((?:{"|".join(prefixes)})\.[a-z_.]+)"', code))
    assert len(named) > 10
    assert named <= set(phrases("en"))


def test_every_phrase_is_used_by_the_code() -> None:
    code = "".join(path.read_text() for path in Path(flows.__file__).parent.glob("*.py"))
    composed = ("empathy.", "apology.", "safety.")
    unused = [key for key in phrases("en") if f'"{key}"' not in code and not key.startswith(composed)]
    assert unused == []


@pytest.mark.parametrize("key", sorted(phrases("en")))
def test_no_wording_blames_or_dismisses(key: str) -> None:
    for variant in phrases("en")[key].variants:
        assert not FORBIDDEN.search(variant)
        assert not variant.lower().startswith(("but ", "sorry"))


@pytest.mark.parametrize("key", sorted(phrases("en")))
def test_every_sentence_can_be_spoken_in_twelve_seconds(key: str) -> None:
    for variant in phrases("en")[key].variants:
        for sentence in split_sentences(variant):
            assert len(sentence.split()) / WORDS_A_SECOND <= 12


@pytest.mark.parametrize("key", [key for key in sorted(phrases("en")) if key.startswith("apology.")])
def test_an_apology_is_a_full_sentence_that_names_the_matter(key: str) -> None:
    for variant in phrases("en")[key].variants:
        assert len(variant.split()) >= 8
        assert "{, name}" in variant


@pytest.mark.parametrize("key", ["limit.end", "limit.end.threat"])
def test_every_farewell_for_abuse_invites_the_caller_to_call_again(key: str) -> None:
    """Invariant 4."""
    for variant in phrases("en")[key].variants:
        assert "call us again another time" in variant
