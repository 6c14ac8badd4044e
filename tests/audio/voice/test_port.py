import pytest

from audio.errors import VoiceFailed
from audio.voice.port import MAX_CHARACTERS, speakable


def test_control_characters_and_lone_surrogates_become_spaces() -> None:
    assert speakable(" Hello\0 there,\n\tcaller\ud800! ", voice="v") == "Hello there, caller !"


@pytest.mark.parametrize("text", ["", "  \n", "...", "?!", "\0"])
def test_a_text_without_letters_cannot_be_spoken(text: str) -> None:
    with pytest.raises(VoiceFailed, match="no letter or digit"):
        speakable(text, voice="v")


def test_letters_of_any_script_and_digits_can_be_spoken() -> None:
    assert [speakable(t, voice="v") for t in ("Καλημέρα", "你好", "42")] == ["Καλημέρα", "你好", "42"]


def test_a_text_beyond_the_limit_is_refused_and_not_quoted_whole() -> None:
    with pytest.raises(VoiceFailed, match="1001 characters") as caught:
        speakable("a" * (MAX_CHARACTERS + 1), voice="v")
    assert len(str(caught.value)) < 250
