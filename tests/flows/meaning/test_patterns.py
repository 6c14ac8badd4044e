import pytest

from flows.meaning.patterns import PatternFault, compile_pattern

LISTS = {"rude": ("stupid", "out of your mind"), "very": ("so", "very")}


def matches(source: str, line: str) -> bool:
    return compile_pattern(source, LISTS).regex.search(f"| {line} | ") is not None


def test_words_match_in_order_across_a_comma() -> None:
    assert matches("shut up", "just shut , up")
    assert not matches("shut up", "up shut")


def test_a_word_never_matches_inside_another() -> None:
    assert not matches("cock", "cockburn")


def test_a_list_stands_for_its_phrases() -> None:
    assert matches("you are <rude>", "you are out of your mind")


def test_an_optional_element_may_be_repeated_three_times() -> None:
    assert matches("are <very>* <rude>", "are so very so stupid")
    assert not matches("are <very>* <rude>", "are so very so very stupid")


def test_a_gap_stays_within_its_sentence() -> None:
    assert matches("you .. late", "you are so late")
    assert not matches("you .. late", "you | late")


def test_the_word_before_can_be_forbidden() -> None:
    assert matches("-to shut up", "now shut up")
    assert not matches("-to shut up", "told me to shut up")


def test_what_follows_can_be_forbidden() -> None:
    assert not matches("you are dead !wrong", "you are dead wrong")


def test_an_element_may_be_the_end_of_the_sentence() -> None:
    assert matches("pay now|$", "i pay")
    assert not matches("pay now|$", "i pay later")


@pytest.mark.parametrize("source", ["", "..", "-to", "<nothing>", "a||b", "b!d", "!a?", "w*?"])
def test_a_pattern_that_means_nothing_is_refused(source: str) -> None:
    with pytest.raises(PatternFault):
        compile_pattern(source, LISTS)


def test_the_triggers_are_the_rarest_element_that_must_occur() -> None:
    assert compile_pattern("a|b|c late very?", LISTS).triggers == {"late"}
