import pytest

from flows.meaning.lexicon import load_language
from flows.meaning.tokens import MAX_WORDS, read

SPELLING = load_language("en").spelling


def words(text: str) -> list[str]:
    return read(text, SPELLING).words()


def test_case_and_curly_apostrophes_do_not_matter() -> None:
    assert words("YOU’RE late") == words("you're late") == ["you", "are", "late"]


def test_words_without_apostrophes_are_written_out_too() -> None:
    assert words("youre not and i cant") == ["you", "are", "not", "and", "i", "can", "not"]


def test_a_masked_word_is_read_as_the_word_behind_it() -> None:
    assert words("f*** that s**t") == ["fuck", "that", "shit"]


def test_a_mask_set_apart_from_its_letter_is_read_too() -> None:
    assert words("f *** you") == ["fuck", "you"]


def test_drawn_out_words_are_shortened() -> None:
    assert words("you stuuupid") == ["you", "stupid"]


def test_a_word_spelled_letter_by_letter_is_joined_when_the_rules_know_it() -> None:
    assert words("s t u p i d") == ["stupid"]


def test_initials_are_not_joined() -> None:
    assert words("p q z") == ["p", "q", "z"]


def test_a_stammer_counts_once_but_a_digit_twice() -> None:
    assert words("I I want seven seven") == ["i", "want", "seven", "seven"]


def test_fillers_are_left_out_unless_they_are_all_that_was_said() -> None:
    assert words("um you er know") == ["you", "know"]
    assert words("um") == ["um"]


@pytest.mark.parametrize("text", ["uh-huh", "Uh huh.", "um, uh-huh"])
def test_a_filler_stays_where_it_begins_a_phrase_of_the_lists(text: str) -> None:
    assert words(text) == ["uh", "huh"]


def test_a_filler_set_apart_from_the_next_word_begins_no_phrase() -> None:
    assert words("uh, huh?") == ["huh"]


def test_the_point_after_a_title_ends_no_sentence() -> None:
    assert read("Mr. Dick called", SPELLING).line == "| mr dick called | "


def test_punctuation_at_the_end_adds_no_second_break() -> None:
    assert read("Okay.", SPELLING).line == read("okay", SPELLING).line == "| okay | "


def test_a_slice_gives_the_words_back_as_they_were_written() -> None:
    utterance = read("Well, YOU'RE late", SPELLING)
    assert utterance.slice(3, 6) == "YOU'RE late"


def test_a_very_long_text_keeps_its_beginning_and_its_end() -> None:
    found = words("first " + "one two three " * 1000 + "last")
    assert len(found) <= MAX_WORDS
    assert (found[0], found[-1]) == ("first", "last")
