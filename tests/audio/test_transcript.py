"""Words as the ear counts and compares them."""

import pytest

from audio.transcript import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm here. Don’t stop!", ["i'm", "here", "don’t", "stop"]),
        ("Τι ώρα; 12:30", ["τι", "ώρα", "12", "30"]),
        ("... ?!", []),
        ("", []),
    ],
)
def test_words_are_in_lower_case_and_without_marks(text: str, words: list[str]) -> None:
    assert words_of(text) == words
