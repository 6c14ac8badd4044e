"""The facts of a line."""

from pathlib import Path

import pytest

from bot.errors import BadLineConfig
from bot.line_config import DEFAULT_LINE, LineConfig, facts, load_line_config, parse_line_config


def fault(text: str) -> str:
    """What is said of a faulty file called line.yaml."""
    with pytest.raises(BadLineConfig) as caught:
        parse_line_config(text, name="line.yaml")
    return str(caught.value)


def test_the_shipped_example_is_the_default() -> None:
    assert load_line_config(None) == LineConfig()


def test_the_shipped_example_explains_every_key() -> None:
    text = DEFAULT_LINE.read_text()
    assert all(f"\n{key}: " in text for key in LineConfig.model_fields)


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "line.yaml"
    file.write_text("business: Mill Street Garage\nperson_number: +1 500 555-0009\n")
    config = load_line_config(file)
    assert (config.business, config.person_number) == ("Mill Street Garage", "+15005550009")


def test_callers_may_speak_more_than_the_lines_own_language() -> None:
    config = parse_line_config("language: en\nother_languages: el, zh-Hant, en\n", name="x")
    assert config.languages == ("en", "el", "zh-Hant")


@pytest.mark.parametrize("tags", ["Greek", "el tr", "el,,tr", "el, "])
def test_other_languages_are_tags_between_commas(tags: str) -> None:
    assert "languages are tags between commas" in fault(f'other_languages: "{tags}"\n')


def test_a_line_does_not_have_more_languages_than_can_be_told_apart() -> None:
    assert "8 languages at most" in fault("other_languages: de, el, fr, it, nl, pl, pt, tr\n")


def test_the_vocabulary_is_names_between_commas() -> None:
    assert parse_line_config("vocabulary: Qwixel,  Brightwell Kettle ,\n", name="x").names == (
        "Qwixel",
        "Brightwell Kettle",
    )


def test_an_empty_file_is_the_default() -> None:
    assert parse_line_config("# nothing yet\n", name="line.yaml") == LineConfig()


def test_a_word_stays_the_word_that_was_written() -> None:
    assert parse_line_config("country: NO\nemergency_number: 112\n", name="x").country == "NO"


def test_a_bad_value_is_named_with_its_line() -> None:
    assert fault("business: Mill\n\nperson_number: 0500 55\n").startswith("line.yaml:3: person_number: ")


def test_a_number_out_of_bounds_is_named_with_its_line() -> None:
    assert fault("# hours\ncallback_hours: 1\n").startswith("line.yaml:2: callback_hours: ")


def test_a_mistyped_key_gets_a_suggestion() -> None:
    assert fault("busines: Mill\n") == "line.yaml:1: there is no key 'busines'; did you mean 'business'?"


def test_an_unknown_key_gets_the_list_of_keys() -> None:
    assert "the keys are business, language" in fault("zzz: 1\n")


def test_a_key_given_twice_is_refused() -> None:
    assert (
        fault("country: US\ncountry: CA\n") == "line.yaml:2: country is given twice; the first is in line 1"
    )


def test_broken_yaml_is_named_with_its_line() -> None:
    assert fault('business: Mill\nvoice: "open\n').startswith("line.yaml:3: it is not YAML: ")


@pytest.mark.parametrize("text", ["- business\n", "business: [a, b]\n", "business: {a: b}\n"])
def test_lists_and_mappings_are_refused(text: str) -> None:
    assert fault(text).startswith("line.yaml:1: ")


def test_another_country_needs_its_own_emergency_number() -> None:
    assert fault("business: Mill\ncountry: GR\n") == (
        "line.yaml:2: emergency_number must be given for country GR"
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadLineConfig, match=r"none\.yaml: it cannot be read"):
        load_line_config(tmp_path / "none.yaml")


def test_an_enormous_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "line.yaml"
    file.write_text("# " + "x" * 70_000)
    with pytest.raises(BadLineConfig, match="larger"):
        load_line_config(file)


def test_the_judgement_learns_that_nobody_can_be_rung() -> None:
    assert not facts(LineConfig()).person_available


def test_the_judgement_reads_the_callback_number_digit_by_digit() -> None:
    known = facts(LineConfig(callback_number="+15005550006", person_number="+15005550009"))
    assert known.person_available
    assert known.callback_number == "5 0 0, 5 5 5, 0 0 0 6"
