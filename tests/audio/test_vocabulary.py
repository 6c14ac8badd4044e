from hypothesis import given
from hypothesis import strategies as st

from audio.vocabulary import MAX_CHARACTERS, MAX_NAMES, vocabulary_prompt
from audio.whisper import Whisper
from tests.conftest import Speak


def test_names_are_a_list_that_ends_in_a_full_stop() -> None:
    assert vocabulary_prompt(["Qwixel", "Mirabelle  Plus"]) == "Qwixel, Mirabelle Plus."


def test_without_names_there_is_no_prompt() -> None:
    assert vocabulary_prompt([]) == vocabulary_prompt(["", " ", ","]) == ""


def test_empty_and_repeated_names_are_left_out() -> None:
    assert vocabulary_prompt(["Qwixel", " ", "Qwixel.", "Ruxley"]) == "Qwixel, Ruxley."


@given(st.lists(st.text(max_size=60), max_size=80))
def test_a_prompt_is_bounded_and_holds_the_first_names_whole(names: list[str]) -> None:
    prompt = vocabulary_prompt(names)
    assert len(prompt) <= MAX_CHARACTERS
    assert not prompt or prompt.endswith(".")
    assert vocabulary_prompt([*names, "One More"]).startswith(prompt[:-1])


def test_no_more_names_are_told_than_are_of_use() -> None:
    assert vocabulary_prompt(str(n) for n in range(100)).count(",") == MAX_NAMES - 1


def test_whisper_writes_a_name_of_the_vocabulary(whisper: Whisper, speak: Speak) -> None:
    prompt = vocabulary_prompt(["Nordhaven", "Qwixel", "Zephyrine"])
    assert "Qwixel" in whisper.transcribe(speak("I am calling about my Qwixel account."), prompt=prompt).text
