import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.turn_end import (
    MAX_PATIENCE_MS,
    MIN_PATIENCE_MS,
    NUMBER_BEGUN_MS,
    PATIENCE_MS,
    TurnEndReason,
    judge_pause,
)

WORDS = (
    "yes",
    "No,",
    "um",
    "the",
    "and",
    "it",
    "for.",
    "what",
    "is",
    "4",
    "77-1",
    "two",
    "A",
    "B-C",
    "Hello.",
    "why?",
)
texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
asked = st.sampled_from(("", "issue", "yes_no", "choice", "name", "phone_number"))
languages = st.sampled_from(("en", "el"))


def reason(text: str, *, expecting: str = "issue", upset: bool = False) -> TurnEndReason:
    return judge_pause(text, expecting=expecting, upset=upset).reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes.", TurnEndReason.SHORT_ANSWER),
        ("No, thank you.", TurnEndReason.SHORT_ANSWER),
        ("Okay, that's fine, thanks. Bye.", TurnEndReason.SHORT_ANSWER),
        ("My order has not come.", TurnEndReason.FINISHED),
        ("That is not what I paid for.", TurnEndReason.FINISHED),
        ("Yes, I think it is.", TurnEndReason.FINISHED),
        ("When do you open?", TurnEndReason.QUESTION),
        ("I bought it and", TurnEndReason.UNFINISHED),
        ("I bought it and.", TurnEndReason.UNFINISHED),
        ("My order number is...", TurnEndReason.UNFINISHED),
        ("I'm calling because...", TurnEndReason.UNFINISHED),
        ("I paid with.", TurnEndReason.UNFINISHED),
        ("Let me see.", TurnEndReason.UNFINISHED),
        ("If you send somebody tomorrow.", TurnEndReason.UNFINISHED),
        ("My number is um", TurnEndReason.FILLER),
        ("My order number is 471-992.", TurnEndReason.NUMBERS),
        ("Four seven one", TurnEndReason.NUMBERS),
        ("I paid 240 for it in 2019.", TurnEndReason.FINISHED),
        ("Hello.", TurnEndReason.OPEN),
        ("So I have this invoice here.", TurnEndReason.OPEN),
        ("", TurnEndReason.OPEN),
    ],
)
def test_the_words_tell_whether_the_caller_has_finished(text: str, expected: TurnEndReason) -> None:
    assert reason(text) is expected


def test_the_more_is_missing_the_longer_the_caller_is_given() -> None:
    kinds = ("Yes.", "It is broken.", "Hello.", "It is broken and")
    patience = [judge_pause(text).patience_ms for text in kinds]
    assert patience == sorted(set(patience))


def test_a_telephone_number_that_was_asked_for_is_whole_at_ten_digits() -> None:
    begun = judge_pause("020-79", expecting="phone_number")
    whole = judge_pause("020-7946-0133", expecting="phone_number")
    assert begun.patience_ms == NUMBER_BEGUN_MS
    assert (whole.reason, whole.patience_ms) == (TurnEndReason.FINISHED, PATIENCE_MS[TurnEndReason.FINISHED])


@pytest.mark.parametrize("text", ["H-A-R", "H A R", "HR."])
def test_a_name_that_is_spelled_is_waited_for(text: str) -> None:
    assert reason(text, expecting="name") is TurnEndReason.NUMBERS


def test_of_a_name_that_was_asked_for_a_second_word_may_follow() -> None:
    assert reason("It's Margaret.", expecting="name") is TurnEndReason.OPEN
    assert reason("It's Margaret Ellison.", expecting="name") is TurnEndReason.FINISHED


def test_a_vent_is_waited_for_longer_than_a_sentence() -> None:
    calm, upset = (judge_pause("Nobody ever calls me back.", upset=upset) for upset in (False, True))
    assert upset.reason is TurnEndReason.VENT
    assert upset.patience_ms > calm.patience_ms


def test_the_plain_answer_of_an_upset_caller_is_taken_at_once() -> None:
    assert reason("Yes.", expecting="yes_no", upset=True) is TurnEndReason.SHORT_ANSWER
    assert reason("Yes.", expecting="issue", upset=True) is TurnEndReason.VENT


def test_a_caller_who_pauses_within_sentences_gets_more_than_that() -> None:
    assert judge_pause("I bought it and", longest_pause_ms=1_800).patience_ms > 1_800


def test_one_long_search_for_a_word_does_not_make_every_sentence_slow() -> None:
    plain, after = (judge_pause("It is broken.", longest_pause_ms=ms).patience_ms for ms in (0, 1_500))
    assert plain < after < 1_000


def test_what_told_is_given_as_evidence() -> None:
    assert judge_pause("I sent it back because").evidence == "because"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Το κόστος είναι μεγάλο.", TurnEndReason.FINISHED),
        ("Πότε ανοίγετε;", TurnEndReason.QUESTION),
        ("Θέλω να...", TurnEndReason.UNFINISHED),
        ("210 55", TurnEndReason.NUMBERS),
        ("Θέλω", TurnEndReason.OPEN),
    ],
)
def test_a_language_without_data_is_judged_by_marks_and_digits(text: str, expected: TurnEndReason) -> None:
    assert judge_pause(text, language="el").reason is expected


@given(texts, languages, asked, st.booleans(), st.integers(0, 20_000))
def test_the_patience_is_within_its_bounds(
    text: str, language: str, expecting: str, upset: bool, longest_ms: int
) -> None:
    told = judge_pause(text, language=language, expecting=expecting, upset=upset, longest_pause_ms=longest_ms)
    assert MIN_PATIENCE_MS <= told.patience_ms <= MAX_PATIENCE_MS


@given(texts, asked, st.booleans(), st.integers(0, 4_000), st.integers(0, 4_000))
def test_longer_own_pauses_never_shorten_it(
    text: str, expecting: str, upset: bool, one: int, more: int
) -> None:
    short, long = (
        judge_pause(text, expecting=expecting, upset=upset, longest_pause_ms=ms).patience_ms
        for ms in (one, one + more)
    )
    assert short <= long


@given(texts, asked, st.integers(0, 4_000))
def test_being_upset_never_shortens_it(text: str, expecting: str, longest_ms: int) -> None:
    calm, upset = (
        judge_pause(text, expecting=expecting, upset=upset, longest_pause_ms=longest_ms).patience_ms
        for upset in (False, True)
    )
    assert calm <= upset
