"""What the judgement knows of the line it speaks for."""

from dataclasses import FrozenInstanceError

import pytest

from flows.line import LineFacts
from flows.phrases import fill, phrases


def test_a_line_speaks_english_and_has_a_person_unless_told_otherwise() -> None:
    facts = LineFacts()
    assert (facts.language, facts.person_available, facts.caller_reachable) == ("en", True, True)


def test_facts_do_not_change_during_a_call() -> None:
    with pytest.raises(FrozenInstanceError):
        LineFacts().person_available = False  # type: ignore[misc]


def test_the_default_language_has_phrases() -> None:
    assert phrases(LineFacts().language)


def test_what_is_read_aloud_comes_from_the_facts() -> None:
    facts = LineFacts(business="Mill & Sons", callback_number="5 5 5, 0 1", emergency_number="112")
    text = fill("{business}: {callback_number}. {emergency_number}.", line=facts)
    assert text == "Mill & Sons: 5 5 5, 0 1. 1 1 2."
