import pytest

from flows.meaning.lexicon import load_language

SPELLING = load_language("en").spelling


@pytest.mark.parametrize(
    ("masked", "meant"), [("f***", "fuck"), ("sh*t", "shit"), ("a**hole", "asshole"), ("f***ing", "fucking")]
)
def test_a_mask_stands_for_the_likeliest_word(masked: str, meant: str) -> None:
    assert SPELLING.settle(masked) == meant


def test_a_mask_that_fits_no_word_leaves_its_letters() -> None:
    assert SPELLING.settle("zz*q") == "zzq"


def test_a_known_word_with_double_letters_is_kept() -> None:
    assert SPELLING.settle("noooo") == "no"
    assert SPELLING.settle("angry") == "angry"


def test_contractions_become_the_words_they_stand_for() -> None:
    assert SPELLING.words_of("you're") == ("you", "are")
    assert SPELLING.words_of("isn't") == ("is", "not")
    assert SPELLING.words_of("won't") == ("will", "not")
