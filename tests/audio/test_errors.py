"""Every error of ear and voice is a sentence: what happened, to what, what to do next."""

import pytest

from audio import errors
from audio.errors import (
    AudioError,
    BadAudio,
    ModelDamaged,
    ModelMissing,
    RecognitionFailed,
    RecordingFailed,
    VoiceFailed,
    VoiceUnavailable,
)
from tests.errors import classes, drawn_tree, real_tree

SENTENCES = {
    BadAudio("a.wav", "there is no such file"): "a.wav cannot be read as audio: there is no such file. "
    "Give a WAV, FLAC or OGG file with sound in it.",
    ModelMissing("base", "no network"): "the model base is not on this machine and could not be fetched "
    "(no network). Connect to the network and run `calmline models`, or set WHISPER_MODEL to a folder that "
    "holds it.",
    ModelDamaged("model.bin", "a" * 64, "b" * 64): "model.bin is damaged: its SHA-256 is bbbbbbbbbbbb… and "
    "should be aaaaaaaaaaaa…. Delete it and run `calmline models`.",
    RecognitionFailed("out of memory"): "the recogniser failed: out of memory. The caller is asked to say it "
    "again.",
    VoiceUnavailable(
        "klingon", "espeak/en-us"
    ): "there is no voice 'klingon'; this machine has espeak/en-us.",
    VoiceUnavailable(
        "x", "none", "Install one."
    ): "there is no voice 'x'; this machine has none. Install one.",
    VoiceFailed(
        "espeak/en-us", "...", "no letter"
    ): "the voice espeak/en-us did not render '...': no letter.",
    RecordingFailed("a.flac", "disk full"): "the recording a.flac could not be written: disk full. The call "
    "goes on without it; make room, or point CALMLINE_HOME elsewhere.",
}


@pytest.mark.parametrize("error", SENTENCES, ids=lambda error: type(error).__name__)
def test_an_error_is_a_sentence(error: AudioError) -> None:
    assert str(error) == SENTENCES[error]


def test_every_error_has_its_sentence_here() -> None:
    assert {type(error) for error in SENTENCES} | {AudioError} == set(classes(errors))


def test_the_tree_that_is_drawn_is_the_tree_there_is() -> None:
    assert drawn_tree(errors) == real_tree(errors)
