import pytest

from flows.errors import BadLanguageData
from flows.meaning.nodes import Nodes

NODES = Nodes("en/meaning.yaml")


def test_yes_and_no_stay_words() -> None:
    assert NODES.texts(NODES.compose("[yes, no, on]")) == ("yes", "no", "on")


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: [", 2), ("", 0), ("a: 1\na: 2", 2)], ids=["broken", "empty", "key twice"]
)
def test_a_fault_names_the_file_and_the_line(text: str, line: int) -> None:
    with pytest.raises(BadLanguageData, match=r"en/meaning\.yaml") as caught:
        NODES.mapping(NODES.compose(text))
    assert caught.value.line == line


def test_an_item_that_stands_twice_is_a_fault() -> None:
    with pytest.raises(BadLanguageData, match="occurs twice"):
        NODES.texts(NODES.compose("[late, early, late]"))


def test_a_word_where_a_number_belongs_is_a_fault() -> None:
    with pytest.raises(BadLanguageData, match="not a number"):
        NODES.number(NODES.compose("much"))
