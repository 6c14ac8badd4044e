import pytest

from audio.whisper import Whisper
from bench.clips import Clip
from bench.vocabulary import FORMS, NAMES, TEMPLATES, made_noise, names_in, row
from tests.conftest import Speak


def test_names_are_found_in_any_case_and_as_whole_words() -> None:
    assert names_in("The qwixel and mirabelle plus.") == {"Qwixel", "Mirabelle Plus"}
    assert names_in("Qwixels and a mirabelle") == set()


def test_no_form_loses_a_name() -> None:
    named = {form for form, written in FORMS.items() if names_in(written(NAMES)) == set(NAMES)}
    assert named == set(FORMS) - {"none"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_sentence_has_a_place_for_a_name(template: str) -> None:
    assert names_in(template.format("Qwixel")) == {"Qwixel"}


def test_a_line_tells_what_the_vocabulary_helped_and_harmed(whisper: Whisper, speak: Speak) -> None:
    clip = Clip("I am calling about my Qwixel account.", speak("I am calling about my Qwixel account."))
    cells = row(
        "list", whisper, named=[("Qwixel", clip)], others=[clip], quiet=made_noise(1), names=("Qwixel",)
    )
    assert cells[:2] == ("list", "1 of 1")
    assert cells[-2] == "0 of 1"
