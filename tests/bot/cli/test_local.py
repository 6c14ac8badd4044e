"""`calmline call` and `calmline demo`: calls on this machine."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from audio.mulaw import decode_mulaw
from audio.recordings import read_recording, write_wav
from audio.signal import TELEPHONE_HZ
from bot.cli import local
from tests.audio.spoken import call_of, spoken
from tests.bot.cli.calmline import calmline, calmline_process, is_one_sentence
from tests.bot.line_server import make_home


@dataclass(frozen=True)
class Called:
    """A call by the command, and the home in which it was made."""

    home: Path
    done: "subprocess.CompletedProcess[str]"

    def line(self, name: str) -> str:
        """What a line of the report says."""
        return next(
            row.split(maxsplit=1)[1] for row in self.done.stdout.splitlines() if row.startswith(f"  {name}")
        )


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory, whisper_folder: Path) -> Called:
    """A caller who says goodbye, in a folder whose name looks like markup."""
    folder = tmp_path_factory.mktemp("home") / "[" / "red]"
    folder.mkdir(parents=True)
    home = make_home(folder, whisper_folder)
    goodbye = home / "goodbye.wav"
    write_wav(goodbye, decode_mulaw(call_of(spoken("Goodbye!"), 100)), hz=TELEPHONE_HZ)
    return Called(home, calmline_process("call", str(goodbye), home=home, WHISPER_MODEL="base"))


def test_a_call_is_shown_as_it_happens(called: Called) -> None:
    assert called.done.returncode == 0, called.done.stderr
    assert "This call is recorded." in called.done.stdout
    assert "Goodbye" in called.done.stdout
    assert called.line("ended").startswith("served, 0 ms")


def test_the_report_says_how_long_the_caller_waited_and_that_the_log_replays_the_same(called: Called) -> None:
    assert called.line("waited").split()[1] == "s"
    assert called.line("replayed").endswith("commands, the same")


def test_recording_and_log_are_where_the_report_says(called: Called) -> None:
    recording, log = Path(called.line("recording")), Path(called.line("log"))
    assert len(read_recording(recording, target_hz=TELEPHONE_HZ)) > 8 * 5_000
    assert log.parent == recording.parent == called.home / "recordings"


def test_the_call_can_be_listed_and_replayed_by_its_id_and_by_its_file(called: Called) -> None:
    log = Path(called.line("log"))
    assert log.stem in calmline("calls", home=called.home).stdout
    assert calmline("replay", log.stem, home=called.home).exit_code == 0
    assert calmline("replay", str(log), home=called.home).exit_code == 0


def test_nothing_but_progress_is_on_standard_error(called: Called) -> None:
    assert "Traceback" not in called.done.stderr
    assert "WARNING" not in called.done.stderr


@pytest.mark.parametrize("arguments", [(), ("--mic", "a.wav")])
def test_either_recordings_or_the_microphone_must_be_given(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = calmline("call", *arguments, home=tmp_path)
    assert (result.exit_code, "--mic" in result.stderr) == (2, True)


@pytest.mark.parametrize("content", [None, b"", b"this is no sound", b"RIFF\0\0\0\0WAVE"])
def test_a_file_that_is_no_recording_is_refused_before_a_server_is_started(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "caller.wav"
    if content is not None:
        file.write_bytes(content)
    result = calmline("call", str(file), home=tmp_path / "home")
    assert is_one_sentence(result)
    assert "caller.wav cannot be read as audio" in result.stderr
    assert not (tmp_path / "home").exists()


def test_without_a_sound_library_the_microphone_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    result = calmline("call", "--mic", home=tmp_path)
    assert is_one_sentence(result)
    assert "Install the package sounddevice" in result.stderr


def test_a_demo_without_its_natural_voices_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)
    result = calmline("demo", home=tmp_path)
    assert (result.exit_code, "Traceback" in result.stderr) == (1, False)
    assert result.stderr.splitlines()[-1].startswith("Error: there is no voice")


def test_what_the_terminal_shows_is_drawn(tmp_path: Path) -> None:
    console = local._console(record=True)
    console.print("hello")
    local._draw(console, tmp_path / "demo.svg")
    assert "hello" in (tmp_path / "demo.svg").read_text(encoding="utf-8")


def test_a_drawing_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    console = local._console(record=True)
    console.print("hello")
    with pytest.raises(click.FileError, match="no such file"):
        local._draw(console, tmp_path / "none" / "demo.svg")
