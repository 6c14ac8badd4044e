"""`calmline models` and `calmline warm`."""

from pathlib import Path

import pytest

from tests.bot.cli.calmline import calmline, is_one_sentence


def test_the_model_is_found_and_the_voices_are_named(home: Path) -> None:
    result = calmline("models", home=home, WHISPER_MODEL="base")
    lines = result.stdout.splitlines()
    assert lines[0] == f"model: {home / 'models' / 'whisper-base'}"
    assert {"voice: espeak/en-us", "voice: piper/joe"} <= set(lines[1:])


def test_a_model_that_is_nowhere_is_a_sentence(tmp_path: Path) -> None:
    result = calmline("models", home=tmp_path, WHISPER_MODEL=str(tmp_path / "none"))
    assert is_one_sentence(result)
    assert "WHISPER_MODEL" in result.stderr


def test_warming_says_what_is_ready_and_where(home: Path) -> None:
    result = calmline("warm", home=home)
    assert result.exit_code == 0
    assert result.stdout.endswith(f"sentences of espeak/en-us are ready in {home / 'voice'}.\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [("voice: klingon", "no voice 'klingon'"), ("color: red", "line.yaml:1: there is no key 'color'")],
)
def test_a_line_that_cannot_be_warmed_says_why(tmp_path: Path, text: str, words: str) -> None:
    config = tmp_path / "line.yaml"
    config.write_text(text, encoding="utf-8")
    result = calmline("warm", home=tmp_path, LINE_CONFIG=str(config))
    assert result.exit_code == 1
    assert words in result.stderr


@pytest.mark.parametrize("command", ["warm", "models", "migrate", "calls", "serve"])
def test_a_home_that_is_a_file_is_a_sentence(tmp_path: Path, command: str) -> None:
    file = tmp_path / "file"
    file.touch()
    result = calmline(command, home=file, PORT="0")
    assert is_one_sentence(result)
    assert "CALMLINE_HOME" in result.stderr
