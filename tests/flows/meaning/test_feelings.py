import pytest

from flows.meaning import Wish, understand


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself", "I just can't go on", "nobody would miss me", "he's hitting me", "she's not breathing",
        "I can smell gas", "they'd be better off without me",
    ],
)  # fmt: skip
def test_a_cry_for_help_is_heard(text: str) -> None:
    assert understand(text).crisis >= 0.5


@pytest.mark.parametrize(
    "text", ["this wait is killing me", "I'm dying to know", "I can't go on holiday now"]
)
def test_an_idiom_is_no_cry_for_help(text: str) -> None:
    assert understand(text).crisis < 0.2


def test_an_emergency_long_past_weighs_less() -> None:
    assert understand("my dad had a stroke two years ago").crisis < understand("my dad had a stroke").crisis


def test_swearing_is_told_from_abuse() -> None:
    meaning = understand("where is my fucking parcel")
    assert meaning.swearing >= 0.5
    assert meaning.directed_abuse < 0.2


def test_anger_is_heard_without_a_rude_word() -> None:
    assert understand("this is completely unacceptable").anger >= 0.5


def test_capitals_and_exclamation_marks_add_to_anger() -> None:
    assert understand("NOT THIS AGAIN PLEASE!!").anger > understand("not this again please").anger


def test_distress_is_heard() -> None:
    assert understand("I don't know what to do, I'm desperate").distress >= 0.5


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("this is outrageous, give me my money back", Wish.COMPENSATION),
        ("nobody ever listens to me", Wish.RESPECT),
        ("this is ridiculous", Wish.VENT),
        ("this is ridiculous, get me a manager", Wish.NONE),
        ("hello there", Wish.NONE),
    ],
)
def test_the_three_wishes_are_told_apart(text: str, wish: Wish) -> None:
    assert understand(text).wish is wish
