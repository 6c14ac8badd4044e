import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from audio.errors import VoiceFailed, VoiceUnavailable
from audio.voice import espeak
from audio.voice.espeak import EspeakVoice, espeak_languages
from audio.voice.finish import PEAK_DBFS, SPEECH_DBFS, speech_dbfs
from audio.whisper import Whisper
from tests.audio.voice.heard import SENTENCE, samples, share_of_power, words


@pytest.fixture(scope="module")
def voice() -> EspeakVoice:
    return EspeakVoice("en")


def test_english_is_american_unless_asked_for(voice: EspeakVoice) -> None:
    assert (voice.name, EspeakVoice("en-GB").name) == ("espeak/en-us", "espeak/en-gb")


def test_voices_that_sound_different_have_different_identities(voice: EspeakVoice) -> None:
    others = [EspeakVoice("en-gb"), EspeakVoice("en-us", rate_wpm=180)]
    assert len({voice.identity, *(other.identity for other in others)}) == 3


def test_speech_has_the_common_loudness_and_is_not_clipped(voice: EspeakVoice) -> None:
    heard = samples(voice.render(SENTENCE))
    assert speech_dbfs(heard, hz=8000) == pytest.approx(SPEECH_DBFS, abs=0.5)
    assert np.max(np.abs(heard)) <= 10 ** (PEAK_DBFS / 20) * 1.04  # mu-law may round up by a thirty-second


def test_speech_lies_in_the_telephone_band(voice: EspeakVoice) -> None:
    audio = voice.render(SENTENCE)
    assert share_of_power(audio, 300, 3400) > 0.7
    assert share_of_power(audio, 0, 60) < 0.01


def test_longer_texts_last_longer(voice: EspeakVoice) -> None:
    one, three = voice.render(SENTENCE), voice.render(" ".join([SENTENCE] * 3))
    assert 2500 < len(one) / 8 < 5000
    assert 2.8 < len(three) / len(one) < 3.6


def test_speech_begins_and_ends_without_a_wait(voice: EspeakVoice) -> None:
    heard = np.abs(samples(voice.render("Hello there.")))
    loud = np.flatnonzero(heard > 0.02)
    assert loud[0] < 100 * 8
    assert len(heard) - loud[-1] < 200 * 8


def test_a_recogniser_understands_it(voice: EspeakVoice, whisper: Whisper) -> None:
    assert {"thank", "you", "calling", "help", "today"} <= set(words(whisper, voice.render(SENTENCE)))


def test_every_rendering_is_whole_when_threads_and_voices_alternate(voice: EspeakVoice) -> None:
    quick = EspeakVoice("en-gb", rate_wpm=220)
    with ThreadPoolExecutor(4) as pool:
        lengths = list(pool.map(lambda i: len((voice, quick)[i % 2].render(SENTENCE)), range(40)))
    for kind in (lengths[::2], lengths[1::2]):
        assert max(kind) - min(kind) < 50 * 8
    assert min(lengths[::2]) > 1.4 * max(lengths[1::2])


def test_the_first_sentence_of_a_process_is_whole(voice: EspeakVoice) -> None:
    code = f"from audio.voice.espeak import *\nprint(len(EspeakVoice('en').render({SENTENCE!r})))"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert int(printed) == pytest.approx(len(voice.render(SENTENCE)), abs=50 * 8)


def test_rendering_leaves_no_file_and_prints_nothing(
    voice: EspeakVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    voice.render(SENTENCE)
    assert (list(tmp_path.iterdir()), capfd.readouterr().out) == ([], "")


def test_a_missing_temporary_folder_is_a_failure_of_that_sentence_only(
    voice: EspeakVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        with pytest.raises(VoiceFailed, match="gone"):
            voice.render(SENTENCE)
    assert voice.render(SENTENCE)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_that_cannot_be_written_does_not_hang_the_engine(voice: EspeakVoice) -> None:
    whole = len(voice.render(SENTENCE))
    with espeak._TURN, pytest.raises(RuntimeError, match="did not come to the end"):
        espeak._engine().speak(
            SENTENCE, Path("/dev/full"), voice_id="gmw/en-us", rate_wpm=espeak.RATE_WPM, patience_s=0.5
        )
    assert len(voice.render(SENTENCE)) == pytest.approx(whole, abs=50 * 8)


@pytest.mark.parametrize("text", ["", "...", "\ud800", "a" * 2000])
def test_what_cannot_be_spoken_is_refused_and_the_next_sentence_is_fine(
    voice: EspeakVoice, text: str
) -> None:
    with pytest.raises(VoiceFailed, match="espeak/en-us"):
        voice.render(text)
    assert voice.render("Hello.")


def test_hostile_text_is_spoken_as_text(voice: EspeakVoice) -> None:
    plain = len(voice.render("hello there"))
    assert len(voice.render("hello [[h@l'oU]] <break time='60s'/> there")) < 8 * plain


def test_an_unknown_language_is_refused_with_its_neighbours() -> None:
    with pytest.raises(VoiceUnavailable, match="espeak/en-us"):
        EspeakVoice("en-mars")


def test_over_a_hundred_languages_are_known() -> None:
    assert {"en-us", "en-gb", "el", "tr", "de"} <= set(espeak_languages())
    assert len(espeak_languages()) > 100


def test_the_environment_is_as_before(voice: EspeakVoice) -> None:
    voice.render("Hello.")
    assert "espeakng_loader" not in os.environ.get("ESPEAK_DATA_PATH", "")


def test_data_that_would_end_the_process_is_refused(tmp_path: Path) -> None:
    assert "holds no voices" in espeak._data_problem(tmp_path)
    assert "shorter path" in espeak._data_problem(Path("/" + "d" * 159))
    assert espeak._data_problem(Path(espeakng_loader.get_data_path())) == ""


def test_piper_and_espeak_speak_in_one_process_in_either_order() -> None:
    """Piper carries its own eSpeak under the same symbol names."""
    espeak_says = "print(len(EspeakVoice('en').render('hello')) > 0)"
    piper_says = "print(len(PiperVoice().render('hello')) > 0)"
    for order in ([espeak_says, piper_says, espeak_says], [piper_says, espeak_says, piper_says]):
        imports = "from audio.voice.espeak import EspeakVoice\nfrom audio.voice.piper import PiperVoice"
        code = "\n".join([imports, *order])
        done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
        assert done.stdout.split() == ["True"] * 3, done.stderr


def test_memory_does_not_grow_with_the_number_of_sentences(voice: EspeakVoice) -> None:
    voice.render(SENTENCE)
    before = _resident_kb()
    for number in range(150):
        voice.render(f"This is sentence {number}, and thank you for waiting.")
    assert _resident_kb() - before < 3000


def _resident_kb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
