"""`calmline transcribe`, `say` and `understand`."""

import json
from pathlib import Path

import pytest

from audio.mulaw import decode_mulaw
from audio.recordings import read_recording, write_wav
from audio.signal import TELEPHONE_HZ
from tests.audio.spoken import call_of, spoken
from tests.bot.cli.calmline import calmline, is_one_sentence

UNDERSTOOD = (
    "directed_abuse threat swearing anger distress crisis danger_to_others strike yes_no wants_person "
    "wants_callback apology thanks intent slots evidence"
)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A caller on a telephone."""
    file = tmp_path / "caller.wav"
    write_wav(file, decode_mulaw(call_of(300, spoken("I want my money back."), 300)), hz=TELEPHONE_HZ)
    return file


def test_speech_is_written_down(home: Path, recording: Path) -> None:
    result = calmline("transcribe", str(recording), home=home, WHISPER_MODEL="base")
    assert (result.exit_code, result.stdout.lower().strip()) == (0, "i want my money back.")


def test_a_transcript_as_json_says_what_it_cost(home: Path, recording: Path) -> None:
    result = calmline("transcribe", "--json", str(recording), home=home, WHISPER_MODEL="base")
    found = json.loads(result.stdout)
    assert {"text", "language", "window_ms", "cpu_s", "retries"} <= set(found)
    assert (found["language"], found["retries"], found["file"]) == ("en", 0, str(recording))
    assert found["window_ms"] > 1000 * found["seconds"]
    assert 0 < found["cpu_s"] < 30
    assert found["text"] == " ".join(segment["text"] for segment in found["segments"])


def test_several_files_are_told_apart_and_silence_has_no_words(
    home: Path, recording: Path, tmp_path: Path
) -> None:
    quiet = tmp_path / "quiet.wav"
    write_wav(quiet, decode_mulaw(call_of(1_000)), hz=TELEPHONE_HZ)
    result = calmline("transcribe", str(recording), str(quiet), home=home, WHISPER_MODEL="base")
    heard, nothing = result.stdout.splitlines()
    assert heard.startswith(f"{recording}: ")
    assert nothing.rstrip() == f"{quiet}:"


@pytest.mark.parametrize("content", [None, b"", b"this is no sound"])
def test_a_file_that_is_no_recording_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "caller.wav"
    if content is not None:
        file.write_bytes(content)
    result = calmline("transcribe", str(file), home=tmp_path)
    assert is_one_sentence(result)
    assert "caller.wav" in result.stderr


def test_without_a_file_there_is_nothing_to_transcribe(tmp_path: Path) -> None:
    assert calmline("transcribe", home=tmp_path).exit_code == 2


@pytest.mark.parametrize("option", ["-o", "--output"])
def test_a_text_is_spoken_into_a_file(tmp_path: Path, option: str) -> None:
    file = tmp_path / "morning.wav"
    result = calmline("say", "Good morning.", option, str(file), home=tmp_path)
    assert (result.exit_code, result.stdout.startswith(f"{file}: ")) == (0, True)
    assert 4_000 < len(read_recording(file, target_hz=TELEPHONE_HZ)) < 16_000


def test_another_voice_sounds_different(tmp_path: Path) -> None:
    sounds = []
    for voice in ("espeak/en-us", "espeak/en-gb"):
        file = tmp_path / "a.wav"
        assert calmline("say", "Hello.", "-o", str(file), "--voice", voice, home=tmp_path).exit_code == 0
        sounds.append(file.read_bytes())
    assert sounds[0] != sounds[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("", "-o", "a.wav"), "no letter or digit"),
        (("Hello.", "-o", "a.wav", "--voice", "klingon"), "no voice 'klingon'"),
        (("Hello.", "-o", "a.wav", "--lang", "tlh"), "no voice 'espeak/tlh'"),
        (("Hello.", "-o", "none/a.wav"), "Give -o a file in a folder that exists"),
    ],
)
def test_what_cannot_be_said_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = calmline("say", *arguments, home=tmp_path)
    assert is_one_sentence(result)
    assert words in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_text_without_a_file_to_speak_it_into_is_a_wrong_use(tmp_path: Path) -> None:
    result = calmline("say", "Hello.", home=tmp_path)
    assert (result.exit_code, "--output" in result.stderr) == (2, True)


def test_every_line_is_judged_and_every_judgement_has_all_its_fields(tmp_path: Path) -> None:
    result = calmline("understand", home=tmp_path, stdin="you are an idiot\n\nthis damn machine broke\n")
    judged = [json.loads(row) for row in result.stdout.splitlines()]
    assert [one["text"] for one in judged] == ["you are an idiot", "", "this damn machine broke"]
    assert all(set(UNDERSTOOD.split()) <= set(one) for one in judged)
    assert [one["strike"] for one in judged] == [True, False, False]
    assert judged[0]["evidence"][0]["words"]


def test_nothing_to_judge_is_no_error(tmp_path: Path) -> None:
    result = calmline("understand", home=tmp_path)
    assert (result.exit_code, result.stdout) == (0, "")


def test_bytes_that_are_no_text_do_not_stop_it(tmp_path: Path) -> None:
    result = calmline("understand", home=tmp_path, stdin=b"\xff\xfe\nI want a person\n")
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[-1])["wants_person"]


@pytest.mark.parametrize("language", ["tlh", "", "..", "../en"])
def test_a_language_that_the_line_does_not_speak_is_a_sentence(tmp_path: Path, language: str) -> None:
    result = calmline("understand", "--lang", language, home=tmp_path, stdin="hello")
    assert is_one_sentence(result)
