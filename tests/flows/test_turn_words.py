import pytest

from flows.errors import BadLanguageData
from flows.turn_words import TurnWords, beginning, ending, parse_turn_words, turn_words

SECTIONS = tuple(TurnWords.__dataclass_fields__)
WHOLE = "\n".join(f"{name}: [some words]" for name in SECTIONS)


def test_the_english_file_has_words_of_every_kind() -> None:
    known = turn_words("en")
    assert all(getattr(known, name) for name in SECTIONS)


@pytest.mark.parametrize("language", ["el", "no-such", "../en", ""])
def test_a_language_without_the_file_has_no_words(language: str) -> None:
    assert turn_words(language) == TurnWords()


def test_a_section_is_a_list_of_phrases_or_of_such_lists() -> None:
    text = WHOLE.replace("answers: [some words]", "answers: [one, [two, i do]]")
    assert parse_turn_words(text, path="turn.yaml").answers == {("one",), ("two",), ("i", "do")}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("fillers: [some words]", "fillers: [Um]", "not in lower case"),
        ("fillers: [some words]", "fillers: [um, [um]]", "occurs twice"),
        ("fillers: [some words]", "fillers: um", "a list with at least one item"),
        ("fillers:", "filler:", "there is no key 'filler'"),
    ],
)
def test_a_fault_names_the_file_and_the_line(old: str, new: str, problem: str) -> None:
    line = WHOLE[: WHOLE.index(old)].count("\n") + 1
    with pytest.raises(BadLanguageData) as caught:
        parse_turn_words(WHOLE.replace(old, new), path="turn.yaml")
    assert str(caught.value).startswith(f"turn.yaml:{line}: ")
    assert problem in str(caught.value)


def test_a_missing_section_is_a_fault() -> None:
    with pytest.raises(BadLanguageData, match="'ends' is missing"):
        parse_turn_words(WHOLE.replace("ends: [some words]\n", "", 1), path="turn.yaml")


def test_the_longest_phrase_is_found_at_either_end() -> None:
    known = frozenset({("do",), ("i", "do"), ("yes",)})
    assert ending(["yes", "i", "do"], known) == ("i", "do")
    assert beginning(["yes", "i", "do"], known) == ("yes",)
    assert ending([], known) == beginning(["no"], known) == ()
