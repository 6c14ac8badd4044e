import pytest

from flows.errors import BadLanguageData, UnknownLanguage
from flows.meaning.lexicon import load_language, parse_language
from flows.meaning.rules import Language

FILE = """\
spelling:
  expand: {ur: your}
  endings: {"'re": are}
  masked: [fuck]
  fillers: [um]
  titles: [mr]
numbers:
  digits: {one: "1"}
  repeats: {double: 2}
lists:
  rude: [stupid]
rules:
  - {id: rude, label: directed_abuse, weight: 0.9, any: ["you are <rude>"]}
shields:
  - {id: said, hides: [directed_abuse], covers: sentence, any: ["he said"]}
issues:
  - {intent: hold, name: the wait, any: ["wait"]}
"""


def parse(text: str) -> Language:
    return parse_language(text, tag="xx", path="xx/meaning.yaml")


def test_english_is_loaded_once() -> None:
    assert load_language("en") is load_language("en")


@pytest.mark.parametrize("tag", ["xx", "../en", "", "en/..", "EN-"])
def test_a_language_without_a_folder_is_unknown(tag: str) -> None:
    with pytest.raises(UnknownLanguage):
        load_language(tag)


def test_a_small_file_is_compiled() -> None:
    assert parse(FILE).rules["rude"].weight == 0.9


@pytest.mark.parametrize(
    ("good", "bad", "problem", "line"),
    [
        ("<rude>", "<rood>", "does not exist", 13),
        ("weight: 0.9", "weight: 2", "weight", 13),
        ("label: directed_abuse", "label: rudeness", "no label", 13),
        ("covers: sentence", "covers: all", "covers", 15),
        ("hides: [directed_abuse]", "hides: [rudeness]", "no label", 15),
        ("intent: hold", "intent: held", "no intent", 17),
        ("double: 2", "double: two", "not a number", 9),
        ("masked: [fuck]", "mask: [fuck]", "no key", 4),
    ],
)
def test_a_fault_is_told_with_its_line(good: str, bad: str, problem: str, line: int) -> None:
    with pytest.raises(BadLanguageData, match=problem) as caught:
        parse(FILE.replace(good, bad))
    assert caught.value.line == line


def test_two_rules_with_one_id_are_a_fault() -> None:
    twice = FILE.replace("shields:", '  - {id: rude, label: anger, any: ["mad"]}\nshields:')
    with pytest.raises(BadLanguageData, match="occurs twice"):
        parse(twice)
