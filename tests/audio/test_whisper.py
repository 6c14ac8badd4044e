from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from audio.errors import ModelMissing, RecognitionFailed
from audio.signal import EAR_HZ, Samples16k
from audio.whisper import Whisper
from audio.windows import WindowPolicy
from tests.conftest import Speak

REFUND = "I have been waiting for three weeks and I want my money back."


def test_a_sentence_over_the_telephone_is_understood(whisper: Whisper, speak: Speak) -> None:
    heard = whisper.transcribe(speak(REFUND))
    assert "money back" in heard.text.lower()
    assert heard.language == "en"
    assert heard.confidence > 0.5
    assert heard.no_speech < 0.5


def test_a_short_turn_is_decoded_in_the_shortest_window(whisper: Whisper, speak: Speak) -> None:
    heard = whisper.transcribe(speak("My order has not come."))
    assert (heard.window_ms, heard.retries) == (8_000, 0)


def test_a_short_window_is_several_times_faster_than_the_full_one(
    whisper: Whisper, whisper_folder: Path, speak: Speak
) -> None:
    full = Whisper.load(whisper_folder, policy=WindowPolicy(floor_ms=30_000))
    speech = speak("My order has not come.")
    fast_ms = min(whisper.transcribe(speech).cpu_ms for _ in range(3))
    slow_ms = min(full.transcribe(speech).cpu_ms for _ in range(2))
    assert fast_ms * 2 < slow_ms


def test_a_curt_answer_is_kept(whisper: Whisper, speak: Speak) -> None:
    assert whisper.transcribe(speak("Thank you.")).text.strip(".! ").lower() == "thank you"


def test_the_words_do_not_change_from_call_to_call(whisper: Whisper, speak: Speak) -> None:
    assert len({whisper.transcribe(speak(REFUND)).text for _ in range(3)}) == 1


def test_threads_may_share_a_model(whisper: Whisper, speak: Speak) -> None:
    sentences = [REFUND, "Please cancel my subscription.", "I want to speak to a manager."]
    alone = [whisper.transcribe(speak(sentence)).text for sentence in sentences]
    with ThreadPoolExecutor(3) as threads:
        together = list(threads.map(lambda sentence: whisper.transcribe(speak(sentence)).text, sentences))
    assert together == alone


def test_the_language_is_found_out_when_it_is_not_given(whisper: Whisper, speak: Speak) -> None:
    heard = whisper.transcribe(speak(REFUND), language=None)
    assert heard.language == "en"
    assert "money back" in heard.text.lower()


def test_a_vocabulary_helps_with_a_rare_name(whisper: Whisper, speak: Speak) -> None:
    sentence = speak("I am calling about my Qwixel account.")
    assert "Qwixel" not in whisper.transcribe(sentence).text
    assert "Qwixel" in whisper.transcribe(sentence, prompt="Qwixel").text


def test_a_vocabulary_without_end_is_cut(whisper: Whisper, speak: Speak) -> None:
    names = ", ".join(f"Smith{n}" for n in range(500))
    assert "money back" in whisper.transcribe(speak(REFUND), prompt=names).text.lower()


def test_a_beam_finds_the_words_too(whisper: Whisper, speak: Speak) -> None:
    assert "money back" in whisper.transcribe(speak(REFUND), beam=3).text.lower()


@pytest.mark.parametrize("level", [0.0, 1e-3, 0.1])
def test_silence_and_hiss_hold_no_words(whisper: Whisper, level: float) -> None:
    hiss = np.random.default_rng(1).normal(0.0, level, 3 * EAR_HZ).astype(np.float32)
    heard = whisper.transcribe(Samples16k(hiss))
    assert (heard.text, heard.confidence) == ("", 0.0)


def test_a_window_too_short_for_whisper_is_noticed_and_decoded_again(
    whisper_folder: Path, speak: Speak
) -> None:
    """Without margin or floor Whisper loops; the guards bring the sentence back."""
    policy = WindowPolicy(floor_ms=1_000, margin_ms=0, buckets_ms=(1_000, 2_000, 8_000, 30_000))
    heard = Whisper.load(whisper_folder, policy=policy).transcribe(speak("Stop it."))
    assert "stop it" in heard.text.lower()
    assert heard.window_ms > 1_000


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros(0, np.float32), "no audio"),
        (np.zeros(30 * EAR_HZ + 1, np.float32), "30 s"),
        (np.full(EAR_HZ, np.nan, np.float32), "not numbers"),
    ],
)
def test_audio_that_cannot_be_decoded_is_refused(whisper: Whisper, samples: Samples16k, reason: str) -> None:
    with pytest.raises(RecognitionFailed, match=reason):
        whisper.transcribe(samples)


@pytest.mark.parametrize("language", ["xx", "english", "", "<|en|>"])
def test_an_unknown_language_is_refused(whisper: Whisper, speak: Speak, language: str) -> None:
    with pytest.raises(RecognitionFailed, match="token"):
        whisper.transcribe(speak(REFUND), language=language)


def test_a_folder_without_a_readable_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(ModelMissing, match="cannot be loaded"):
        Whisper.load(tmp_path)
