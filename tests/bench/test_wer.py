import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.wer import characters, word_error_rate, word_errors, words

sentence = st.lists(st.sampled_from("abcd"), max_size=8)


def test_case_punctuation_and_single_digits_do_not_count() -> None:
    assert words("I’ve 3 dogs, NOT 30!") == ["i've", "three", "dogs", "not", "30"]


@pytest.mark.parametrize(
    ("language", "text", "compared"),
    [
        ("tr", "İki IŞIK 5", ["iki", "ışık", "beş"]),
        ("el", "Το ΚΈΡΜΑ, 2", ["το", "κερμα", "δυο"]),
        ("de", "Für 3", ["für", "3"]),
    ],
)
def test_words_are_compared_as_their_language_writes_them(
    language: str, text: str, compared: list[str]
) -> None:
    assert words(text, language=language) == compared


def test_characters_are_compared_in_one_script_with_numbers_spelt() -> None:
    assert characters("退錢，15元、20 元、3元、108") == list("退钱十五元二十元三元一零八")


def test_the_rate_of_mandarin_is_over_characters() -> None:
    assert word_error_rate([("我要退钱", "我要退錢。")], language="zh") == 0.0
    assert word_error_rate([("我要退钱", "我要")], language="zh") == 0.5


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
