import pytest

from flows.meaning import understand
from flows.meaning.address import CRISIS_OVERRIDES

STRIKE, SITUATION = 0.8, 0.2


def score(text: str) -> float:
    meaning = understand(text)
    return max(meaning.directed_abuse, meaning.threat)


@pytest.mark.parametrize(
    ("at_the_agent", "not_at_the_agent"),
    [
        ("you useless idiot", "this useless kettle"),
        ("you're useless", "your website is useless"),
        ("go to hell", "to hell with the voucher"),
        ("fuck you", "fuck this queue"),
        ("shut up", "the alarm will not shut up"),
        ("you piece of crap", "that fridge is a piece of crap"),
        ("talking to a stupid robot", "my stupid robot vacuum"),
        ("you people are idiots", "you people never call back"),
        ("are you stupid", "do you think I am stupid"),
        ("your an idiot", "your bloody invoice"),
    ],
)
def test_the_same_words_at_the_agent_and_at_the_situation(at_the_agent: str, not_at_the_agent: str) -> None:
    assert score(at_the_agent) >= STRIKE
    assert score(not_at_the_agent) < SITUATION


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("you are a moron", "he said you are a moron"),
        ("you stupid cow", "the fitter called me a stupid cow"),
        ("shut up", "your colleague told me to shut up"),
        ("get lost you idiot", 'the note said "get lost you idiot"'),
        ("I will break your neck", "he told me he will break my neck"),
    ],
)
def test_what_is_said_counts_and_what_is_quoted_does_not(said: str, quoted: str) -> None:
    assert score(said) >= STRIKE
    assert score(quoted) < SITUATION


def test_a_quote_ends_where_the_caller_turns_back_to_the_agent() -> None:
    assert score("he called me a fool but you are the idiot") >= STRIKE


@pytest.mark.parametrize(
    "text",
    [
        "I'm such an idiot",
        "stupid me",
        "I feel like a moron",
        "what an idiot I am",
        "call me stupid but it broke",
    ],
)
def test_rude_words_about_oneself_are_no_abuse(text: str) -> None:
    assert score(text) < SITUATION


@pytest.mark.parametrize(
    "text",
    [
        "are you even capable of understanding",
        "what are you good for",
        "a toaster would be more help than you",
    ],
)
def test_a_put_down_needs_no_rude_word(text: str) -> None:
    assert score(text) >= STRIKE


@pytest.mark.parametrize(
    "text", ["my name is Dick Cockburn", "can I speak to Mr Dick", "this is Dick Cock speaking"]
)
def test_a_surname_insults_nobody(text: str) -> None:
    assert score(text) < SITUATION


@pytest.mark.parametrize("text", ["kill my subscription", "you're killing me", "I'd kill for a coffee"])
def test_words_of_violence_in_an_idiom_threaten_nobody(text: str) -> None:
    meaning = understand(text)
    assert max(meaning.threat, meaning.danger_to_others, meaning.crisis) < SITUATION


@pytest.mark.parametrize("text", ["I'll come down there and break your neck", "i'm going to kill you"])
def test_violence_against_staff_is_a_threat(text: str) -> None:
    assert understand(text).threat >= STRIKE


def test_violence_against_a_neighbour_is_danger_and_no_threat_at_staff() -> None:
    meaning = understand("I'm going to stab my neighbour")
    assert meaning.danger_to_others >= 0.6
    assert meaning.threat < SITUATION


@pytest.mark.parametrize("text", ["I'm sorry I called you an idiot", "I did not mean to call you stupid"])
def test_taking_it_back_is_no_new_abuse(text: str) -> None:
    assert score(text) < SITUATION
    assert understand(text).apology


def test_a_rude_word_in_a_cry_for_help_is_never_a_strike() -> None:
    meaning = understand("you stupid idiots I am going to kill myself")
    assert meaning.crisis >= 0.5
    assert score("you stupid idiots I am going to kill myself") < STRIKE
    assert CRISIS_OVERRIDES in [reason.rule for reason in meaning.evidence]


@pytest.mark.parametrize(
    "text", ["F *** you", "f*** you", "FUUUCK you", "ur an idiot", "YOU ARE AN IDIOT!!!"]
)
def test_spelling_does_not_hide_abuse(text: str) -> None:
    assert score(text) >= STRIKE


def test_abuse_in_quotation_marks_from_end_to_end_is_still_said() -> None:
    assert score('"you are an idiot"') >= STRIKE
