"""The voice of a line, with its fixed sentences ready."""

import os
import tempfile
from pathlib import Path

import pytest

from audio.errors import VoiceFailed, VoiceUnavailable
from bot.line_config import LineConfig, facts
from bot.warming import voice_name, warm_voice
from flows.phrases import fixed_sentences

OTHER = LineConfig(business="Mill and Sons")


def told_nobody(_sentence: str) -> None:
    """Progress that no test reads."""


@pytest.fixture(scope="module")
def rendered(whisper_folder: Path) -> Path:
    """A folder in which the sentences of the default line are rendered, once for all runs."""
    folder = whisper_folder.parent.parent / "voice"
    warm_voice(LineConfig(), folder, report=told_nobody)
    return folder


@pytest.fixture
def folder(rendered: Path, tmp_path: Path) -> Path:
    """The same sentences in a folder of the test's own."""
    for file in rendered.iterdir():
        os.link(file, tmp_path / file.name)
    return tmp_path


@pytest.mark.parametrize(
    ("voice", "name"), [("default", "espeak/en"), ("espeak/en-gb", "espeak/en-gb"), ("piper", "piper")]
)
def test_a_line_has_the_voice_it_names_or_that_of_its_language(voice: str, name: str) -> None:
    assert voice_name(LineConfig(voice=voice)) == name


def test_every_fixed_sentence_is_ready_afterwards(rendered: Path) -> None:
    cache = warm_voice(LineConfig(), rendered, report=told_nobody)
    assert all(cache.get(sentence) for sentence in fixed_sentences(facts(LineConfig())))


def test_what_is_ready_is_neither_rendered_again_nor_told_about(rendered: Path) -> None:
    told: list[str] = []
    cache = warm_voice(LineConfig(), rendered, report=told.append)
    assert (cache.counts.rendered, told) == (0, [])


def test_only_the_sentences_that_are_missing_are_rendered_and_the_progress_is_told(folder: Path) -> None:
    told: list[str] = []
    cache = warm_voice(OTHER, folder, report=told.append)
    sentences = fixed_sentences(facts(OTHER))
    named = sum(OTHER.business in sentence for sentence in sentences)
    assert cache.counts.rendered == named > 0
    assert told[0] == f"25 of {len(sentences)} sentences are rendered"
    assert told[-1] == f"{len(sentences)} of {len(sentences)} sentences are rendered"


def test_a_voice_that_this_machine_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceUnavailable):
        warm_voice(LineConfig(voice="klingon"), tmp_path, report=told_nobody)


def test_a_voice_that_fails_stops_the_warming(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(VoiceFailed):
        warm_voice(OTHER, folder, report=told_nobody)
