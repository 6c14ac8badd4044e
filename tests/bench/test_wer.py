import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.wer import word_error_rate, word_errors, words

sentence = st.lists(st.sampled_from("abcd"), max_size=8)


def test_case_punctuation_and_single_digits_do_not_count() -> None:
    assert words("I’ve 3 dogs, NOT 30!") == ["i've", "three", "dogs", "not", "30"]


@pytest.mark.parametrize(
    ("heard", "errors"), [("a b c", 0), ("a c", 1), ("a x c", 1), ("a b b c d", 2), ("", 3)]
)
def test_insertions_deletions_and_replacements_each_count_once(heard: str, errors: int) -> None:
    assert word_errors(["a", "b", "c"], heard.split()) == errors


@given(sentence, sentence, sentence)
def test_the_errors_are_a_distance(one: list[str], other: list[str], third: list[str]) -> None:
    assert (word_errors(one, other) == 0) == (one == other)
    assert word_errors(one, other) == word_errors(other, one)
    assert word_errors(one, third) <= word_errors(one, other) + word_errors(other, third)


def test_the_rate_is_over_all_words_together() -> None:
    assert word_error_rate([("a b c", "a b c"), ("d", "x")]) == 0.25
    assert word_error_rate([("", "a")]) == 0.0
