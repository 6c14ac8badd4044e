"""What the carrier's own voice says."""

import re

import pytest

from bot.carrier_phrases import CarrierPhrases, carrier_phrases
from bot.errors import BadLineConfig
from bot.line_config import LineConfig

ENGLISH = carrier_phrases("en").filled(LineConfig(business="Mill & Sons", callback_hours=48))
SENTENCES = {name: text for name, text in ENGLISH if name != "say_language"}


def test_the_slots_are_filled() -> None:
    assert not re.search(r"[{}]", " ".join(SENTENCES.values()))
    assert "Mill & Sons" in ENGLISH.callback_taken
    assert "48 hours" in ENGLISH.callback_taken


def test_the_emergency_number_is_read_digit_by_digit() -> None:
    assert "9 1 1" in ENGLISH.emergency


@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
def test_no_sentence_is_a_bare_sorry_or_a_worn_phrase(text: str) -> None:
    assert "inconvenience" not in text.lower()
    assert "calm down" not in text.lower()
    for sentence in re.split(r"(?<=[.!?]) ", text):
        assert "sorry" not in sentence.lower() or len(sentence.split()) > 6


@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
def test_every_sentence_is_complete_and_on_one_line(text: str) -> None:
    assert re.fullmatch(r"[A-Z][^\n]*[.!?]", text)


def test_a_business_with_braces_in_its_name_is_no_slot() -> None:
    assert "{business}" in carrier_phrases("en").filled(LineConfig(business="{business}")).busy


def test_a_language_without_sentences_is_named() -> None:
    with pytest.raises(BadLineConfig, match=r"flows/languages/xx/carrier\.yaml"):
        carrier_phrases("xx")


def test_the_sentences_are_read_once() -> None:
    assert carrier_phrases("en") is carrier_phrases("en")
    assert isinstance(ENGLISH, CarrierPhrases)
