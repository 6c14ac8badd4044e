"""Every error of the judgement is a sentence: what happened, to what, what to do next."""

import pytest

from flows import errors
from flows.errors import BadLanguageData, BadLogEntry, FlowsError, UnknownLanguage
from tests.errors import classes, drawn_tree, real_tree

SENTENCES = {
    UnknownLanguage("tlh"): "there is no language 'tlh' on this line. Choose one that has a folder under "
    "flows/languages, or add the folder.",
    BadLanguageData(
        "en/meaning.yaml", 7, "no id"
    ): "en/meaning.yaml:7: no id. Mend the file and start again.",
    BadLanguageData("en/meaning.yaml", 0, "empty"): "en/meaning.yaml: empty. Mend the file and start again.",
    BadLogEntry(
        "event: missing"
    ): "this entry of the log cannot be read back: event: missing. Replay it with the version that wrote it.",
}


@pytest.mark.parametrize("error", SENTENCES, ids=lambda error: type(error).__name__)
def test_an_error_is_a_sentence(error: FlowsError) -> None:
    assert str(error) == SENTENCES[error]


def test_every_error_has_its_sentence_here() -> None:
    assert {type(error) for error in SENTENCES} | {FlowsError} == set(classes(errors))


def test_the_tree_that_is_drawn_is_the_tree_there_is() -> None:
    assert drawn_tree(errors) == real_tree(errors)
