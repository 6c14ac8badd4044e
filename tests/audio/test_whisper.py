from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from audio.errors import ModelMissing, RecognitionFailed
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.resample import resample
from audio.script import to_script
from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples16k
from audio.whisper import GLANCE_MS, GLANCE_TOKENS, Whisper
from audio.windows import WindowPolicy
from tests.audio.spoken import spoken
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
    assert (heard.window_ms, heard.retries) == (6_000, 0)


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


def test_the_language_is_found_among_those_of_the_line(whisper: Whisper, speak: Speak) -> None:
    heard = whisper.transcribe(speak(REFUND), language="el", languages=("el", "en-GB"))
    assert (heard.language, [tag for tag, _ in heard.language_probabilities]) == ("en-GB", ["en-GB", "el"])
    assert heard.language_probability == heard.language_probabilities[0][1] > 0.9
    assert "money back" in heard.text.lower()


def test_a_language_that_is_not_probable_enough_is_told_and_not_followed(
    whisper: Whisper, speak: Speak
) -> None:
    heard = whisper.transcribe(speak(REFUND), language="el", languages=("el", "en"), switch_above=2.0)
    assert heard.language == "el"
    assert heard.language_probability < 0.1
    assert heard.language_probabilities[0][0] == "en"


def test_speech_on_a_line_of_one_language_is_not_examined(whisper: Whisper, speak: Speak) -> None:
    heard = whisper.transcribe(speak(REFUND), language="en", languages=("en",))
    assert (heard.language_probability, heard.language_probabilities) == (1.0, ())


def test_probabilities_are_those_of_the_line_alone(whisper: Whisper, speak: Speak) -> None:
    heard = whisper.transcribe(speak(REFUND), language=None, languages=("tr", "zh-Hans", "zh-Hant", "el"))
    assert sum(share for _, share in heard.language_probabilities) == pytest.approx(1.0)
    assert len(heard.language_probabilities) == 3


def test_mandarin_is_written_in_the_script_of_the_line(whisper: Whisper, speak: Speak) -> None:
    """No Mandarin voice is at hand, but Whisper writes what it is told to write."""
    written = ""
    for sentence in ("I want my money back.", "Ching how ma.", "Shie shie nee."):
        speech = speak(sentence)
        plain = whisper.transcribe(speech, language="zh").text
        for tag in ("zh-Hans", "zh-Hant"):
            assert whisper.transcribe(speech, language=tag).text == to_script(plain, tag=tag)
        written += plain
    assert any("\u4e00" <= character <= "\u9fff" for character in written)


@pytest.mark.parametrize("samples", [1, 159, 48_007, 127_900, 128_000])
@pytest.mark.parametrize("level", [0.0, 0.1])
def test_silence_after_the_speech_is_not_computed_and_is_the_same(
    whisper: Whisper, samples: int, level: float
) -> None:
    speech = Samples16k(np.random.default_rng(2).normal(0.0, level, samples).astype(np.float32))
    whole = FeatureExtractor()(np.pad(speech, (0, 128_000 - samples)), padding=0)
    assert np.abs(whisper.features(speech, window_ms=8_000) - whole).max() < 1e-5


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
    policy = WindowPolicy(
        floor_ms=1_000, margin_ms=0, word_floor_ms=0, buckets_ms=(1_000, 2_000, 8_000, 30_000)
    )
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


def beginning_of(text: str, *, ms: int) -> Samples16k:
    """The first `ms` of a sentence as the ear has them, from the first sound on; the same in every run."""
    heard = decode_mulaw(encode_mulaw(spoken(text)))
    return Samples16k(resample(heard, orig_hz=TELEPHONE_HZ, target_hz=EAR_HZ)[: ms * EAR_HZ // 1000])


def quiet(ms: int) -> Samples16k:
    return Samples16k(np.zeros(ms * EAR_HZ // 1000, dtype=np.float32))


@pytest.mark.parametrize("ms", [400, 600, 1_000])
def test_a_glance_finds_words_in_the_first_sounds_of_an_interruption(whisper: Whisper, ms: int) -> None:
    glance = whisper.glance(beginning_of("Stop, wait a minute.", ms=ms))
    assert "stop" in glance.text.lower()
    assert (glance.window_ms, glance.language) == (GLANCE_MS, "en")
    assert 0 < glance.confidence <= 1


def test_a_glance_is_not_made_again_when_it_loops_and_says_little(whisper: Whisper) -> None:
    glance = whisper.glance(Samples16k(np.tile(beginning_of("Stop, wait a minute.", ms=500), 5)))
    assert glance.retries == 0
    assert len(glance.text.split()) <= GLANCE_TOKENS


@pytest.mark.parametrize("level", [0.0, 1e-3, 0.1])
def test_a_glance_at_silence_or_hiss_finds_no_words(whisper: Whisper, level: float) -> None:
    hiss = np.random.default_rng(1).normal(0.0, level, EAR_HZ).astype(np.float32)
    glance = whisper.glance(Samples16k(hiss))
    assert (glance.text, glance.confidence) == ("", 0.0)


def test_a_glance_is_at_the_newest_audio_alone(whisper: Whisper) -> None:
    stop = beginning_of("Stop, wait a minute.", ms=1_000)
    earlier = np.concatenate((beginning_of("Please cancel my order.", ms=2_000), quiet(1_500), stop))
    assert whisper.glance(Samples16k(earlier)).text == whisper.glance(Samples16k(earlier[-40_000:])).text
    assert whisper.glance(Samples16k(np.concatenate((stop, quiet(2_500))))).text == ""


def test_audio_of_any_length_may_be_glanced_at(whisper: Whisper) -> None:
    long = np.concatenate((quiet(40_000), beginning_of("Stop, wait a minute.", ms=1_000)))
    assert "stop" in whisper.glance(Samples16k(long)).text.lower()


@pytest.mark.parametrize(
    ("samples", "reason"),
    [(np.zeros(0, np.float32), "no audio"), (np.full(EAR_HZ, np.nan, np.float32), "not numbers")],
)
def test_audio_that_cannot_be_glanced_at_is_refused(
    whisper: Whisper, samples: Samples16k, reason: str
) -> None:
    with pytest.raises(RecognitionFailed, match=reason):
        whisper.glance(samples)
