import pytest

from calmline import CalmlineError
from flows.errors import BadLanguageData, BadLogEntry, UnknownLanguage


@pytest.mark.parametrize(
    ("error", "start"),
    [
        (UnknownLanguage("tlh"), "there is no language 'tlh' on this line. "),
        (BadLanguageData("en/meaning.yaml", 7, "no id"), "en/meaning.yaml:7: no id. "),
        (BadLanguageData("en/meaning.yaml", 0, "empty"), "en/meaning.yaml: empty. "),
        (BadLogEntry("event: missing"), "this entry of the log cannot be read back: event: missing. "),
    ],
)
def test_an_error_says_what_happened_to_what(error, start):
    assert isinstance(error, CalmlineError)
    assert str(error).startswith(start)
