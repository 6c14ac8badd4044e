from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.language import (
    LIKELY_ABOVE,
    MAX_LANGUAGES,
    SURE_ABOVE,
    LanguageChoice,
    Probabilities,
    Standing,
    among,
    decoded_in,
    distinct,
    whisper_language,
)

LINE = ("en", "el", "zh-Hant")
LONG_MS, SHORT_MS = 3_000, 500


def rated(best: str, probability: float, *, line: tuple[str, ...] = LINE) -> Probabilities:
    """`best` with that probability, the rest shared by the others."""
    others = [tag for tag in line if tag != best]
    return ((best, probability), *((tag, (1 - probability) / len(others)) for tag in others))


def settled(language: str = "en") -> LanguageChoice:
    return LanguageChoice.of(LINE).heard(rated(language, 0.97), speech_ms=LONG_MS)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        ("ZH-Hans", "zh"),
        ("cmn-Hant", "zh"),
        ("nb-NO", "no"),
        ("fil", "tl"),
    ],
)
def test_whisper_is_asked_for_the_language_of_a_tag(tag: str, name: str) -> None:
    assert whisper_language(tag) == name


def test_two_scripts_of_one_language_are_one() -> None:
    assert distinct(["en", "zh-Hant", "zh-Hans", "en-GB"]) == ("en", "zh-Hant")


def test_probabilities_are_restricted_to_the_line_and_sum_to_one() -> None:
    found = [("de", 0.7), ("zh", 0.2), ("en", 0.1)]
    rated_ = among(found, LINE)
    assert [tag for tag, _ in rated_] == ["zh-Hant", "en", "el"]
    assert [share for _, share in rated_] == pytest.approx([2 / 3, 1 / 3, 0.0])


def test_languages_that_were_not_found_at_all_are_equally_probable() -> None:
    assert among([("de", 1.0)], ["el", "en"]) == (("el", 0.5), ("en", 0.5))


@given(
    st.lists(st.tuples(st.sampled_from(("en", "el", "zh", "de")), st.floats(0, 1)), max_size=5),
    st.lists(st.sampled_from(LINE), min_size=1, max_size=5),
)
def test_probabilities_always_sum_to_one_and_fall(found: list[tuple[str, float]], tags: list[str]) -> None:
    shares = [share for _, share in among(found, tags)]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("language", "above", "chosen"),
    [("en", 0.9, "en"), ("en", 0.6, "el"), (None, 2.0, "el"), ("el", 2.0, "el")],
)
def test_words_are_decoded_in_the_asked_language_until_another_is_probable_enough(
    language: str | None, above: float, chosen: str
) -> None:
    assert decoded_in(rated("el", 0.8), language=language, switch_above=above) == chosen


def test_speech_that_was_not_examined_is_decoded_in_the_asked_language() -> None:
    assert decoded_in((), language="tr", switch_above=0.0) == "tr"
    with pytest.raises(ValueError, match="probabilities"):
        decoded_in((), language=None, switch_above=0.0)


def test_a_line_of_one_language_is_settled_and_never_examined() -> None:
    choice = LanguageChoice.of(["zh-Hans", "zh-Hant"])
    assert (choice.standing, choice.language) == (Standing.SETTLED, "zh-Hans")
    assert choice.ask(speech_ms=LONG_MS).languages == ()
    assert choice.heard((("zh-Hans", 1.0),), speech_ms=LONG_MS) == choice


@pytest.mark.parametrize("count", [0, MAX_LANGUAGES + 1])
def test_no_language_or_too_many_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 8"):
        LanguageChoice.of([f"q{chr(97 + n)}" for n in range(count)])


def test_the_first_sentence_decides() -> None:
    choice = LanguageChoice.of(LINE)
    ask = choice.ask(speech_ms=LONG_MS)
    assert (ask.language, ask.languages, ask.switch_above) == ("en", LINE, LIKELY_ABOVE)
    after = choice.heard(rated("el", 0.9), speech_ms=LONG_MS)
    assert (after.language, after.standing) == ("el", Standing.SETTLED)


def test_a_first_yes_leaves_the_call_provisional_in_the_main_language() -> None:
    choice = LanguageChoice.of(LINE)
    assert choice.ask(speech_ms=SHORT_MS).switch_above == SURE_ABOVE
    after = choice.heard(rated("el", 0.9), speech_ms=SHORT_MS)
    assert (after.language, after.standing) == ("en", Standing.PROVISIONAL)
    assert after.heard(rated("el", 0.9), speech_ms=LONG_MS).standing is Standing.SETTLED


def test_an_unclear_sentence_is_a_guess_and_the_next_one_settles_it() -> None:
    guess = LanguageChoice.of(LINE).heard(rated("el", 0.6), speech_ms=2_500)
    assert (guess.language, guess.standing) == ("el", Standing.PROVISIONAL)
    assert guess.heard(rated("el", 0.7), speech_ms=2_500).standing is Standing.SETTLED


def test_a_settled_call_is_not_examined_in_short_utterances() -> None:
    ask = settled("el").ask(speech_ms=SHORT_MS)
    assert (ask.language, ask.languages) == ("el", ())
    assert settled().heard((), speech_ms=SHORT_MS) == settled()


@given(st.lists(st.tuples(st.sampled_from(LINE), st.floats(0.34, 1.0)), max_size=8))
def test_no_number_of_short_utterances_flips_a_settled_call(heard: list[tuple[str, float]]) -> None:
    choice = settled()
    for language, probability in heard:
        choice = choice.heard(rated(language, probability), speech_ms=1_999)
    assert choice == settled()


def test_a_confident_switch_is_followed_at_once() -> None:
    assert settled().ask(speech_ms=LONG_MS).switch_above == SURE_ABOVE
    after = settled().heard(rated("zh-Hant", 0.97), speech_ms=LONG_MS)
    assert (after.language, after.hint) == ("zh-Hant", None)


def test_a_likely_switch_is_followed_when_it_comes_twice_in_a_row() -> None:
    hinted = settled().heard(rated("el", 0.85), speech_ms=LONG_MS)
    assert (hinted.language, hinted.hint) == ("en", "el")
    assert hinted.ask(speech_ms=LONG_MS).switch_above == LIKELY_ABOVE
    after = hinted.heard(rated("el", 0.85), speech_ms=LONG_MS)
    assert (after.language, after.hint) == ("el", None)


def test_a_hint_is_forgotten_when_the_caller_goes_on_in_the_language_of_the_call() -> None:
    hinted = settled().heard(rated("el", 0.85), speech_ms=LONG_MS)
    assert hinted.heard(rated("en", 0.6), speech_ms=LONG_MS) == settled()
    assert hinted.heard(rated("el", 0.7), speech_ms=LONG_MS) == settled()


@given(st.lists(st.tuples(st.sampled_from(LINE), st.floats(0.34, 1.0), st.integers(1, 30_000)), max_size=12))
def test_the_words_of_a_settled_call_and_its_choice_are_in_one_language(
    heard: list[tuple[str, float, int]],
) -> None:
    choice = LanguageChoice.of(LINE)
    for language, probability, speech_ms in heard:
        ask = choice.ask(speech_ms=speech_ms)
        found = rated(language, probability) if ask.languages else ()
        was_settled = choice.standing is Standing.SETTLED
        used = decoded_in(found, language=ask.language, switch_above=ask.switch_above)
        choice = choice.heard(found, speech_ms=speech_ms)
        assert choice.language in LINE
        assert not was_settled or used == choice.language


def test_every_state_prints() -> None:
    assert str(LanguageChoice.of(["en", "el"])) == "en (open; en 0.00 s, el 0.00 s)"
    assert str(settled()) == "en (settled)"
    assert str(replace(settled(), hint="el")) == "en (settled; hint el)"
