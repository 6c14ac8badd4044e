import subprocess
import sys

import pytest

from audio.errors import VoiceUnavailable
from audio.voice.choose import open_voice, voices


@pytest.mark.parametrize(
    ("asked", "opened"),
    [
        ("espeak", "espeak/en-us"),
        ("espeak/en-gb", "espeak/en-gb"),
        ("piper", "piper/joe"),
        ("piper/joe", "piper/joe"),
    ],
)
def test_a_voice_opens_by_its_name(asked: str, opened: str) -> None:
    assert open_voice(asked).name == opened


def test_every_listed_english_voice_opens() -> None:
    listed = [name for name in voices() if name.startswith(("piper/", "espeak/en"))]
    assert [open_voice(name).name for name in listed] == listed


@pytest.mark.parametrize("name", ["", "siri", "kokoro/af", "/espeak"])
def test_an_unknown_name_is_answered_with_what_there_is(name: str) -> None:
    with pytest.raises(VoiceUnavailable, match=r"piper/joe, .*espeak/en-us.* others"):
        open_voice(name)


def test_without_piper_the_line_still_speaks_and_says_how_to_get_it() -> None:
    """Piper is GPL-3.0: nothing may need it."""
    code = (
        "import sys; sys.modules['piper'] = None\n"
        "from audio.voice.choose import open_voice\n"
        "print(len(open_voice('espeak').render('hello')) > 0)\n"
        "try: open_voice('piper')\n"
        "except Exception as error: print(error)"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed.startswith("True\n")
    assert "Install requirements/voices.txt" in printed
