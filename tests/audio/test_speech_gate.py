"""Whether the words of a turn are believed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from audio.speech_gate import Doubt, SpeechFacts, doubt, reason, speech_facts
from tests.audio.spoken import heard_as

probability = st.floats(0, 1)


def test_facts_are_the_best_chunk_and_the_voiced_time() -> None:
    assert speech_facts([0.1, 0.25, 0.6, 0.3, 0.2]) == SpeechFacts(best=0.6, voiced_ms=96)


def test_without_chunks_there_is_no_evidence() -> None:
    assert speech_facts([]) == SpeechFacts(best=0.0, voiced_ms=0)


def test_a_plain_short_word_is_kept() -> None:
    assert doubt(heard_as("No."), facts=SpeechFacts(best=0.35, voiced_ms=128)) is None


def test_what_both_doubt_is_dropped() -> None:
    unsure = replace(heard_as("Yeah!"), no_speech=0.45)
    assert doubt(unsure, facts=SpeechFacts(best=0.5, voiced_ms=160)) is Doubt.NO_SPEECH


def test_clear_speech_is_kept_whatever_the_recogniser_doubts() -> None:
    unsure = replace(heard_as("Nine."), no_speech=0.9)
    assert doubt(unsure, facts=SpeechFacts(best=0.85, voiced_ms=500)) is None


def test_more_words_than_there_is_time_for_are_dropped_when_the_recogniser_doubts_too() -> None:
    unsure = replace(heard_as("Oh my god!"), no_speech=0.34)
    assert doubt(unsure, facts=SpeechFacts(best=0.7, voiced_ms=224)) is Doubt.TOO_FAST
    assert doubt(replace(unsure, no_speech=0.05), facts=SpeechFacts(best=0.7, voiced_ms=224)) is None


def test_fast_speech_is_kept() -> None:
    unsure = replace(heard_as("I don't know"), no_speech=0.35)
    assert doubt(unsure, facts=SpeechFacts(best=0.7, voiced_ms=320)) is None


def test_a_script_without_spaces_is_never_too_fast() -> None:
    unsure = replace(heard_as("我要退款谢谢你"), no_speech=0.35)
    assert doubt(unsure, facts=SpeechFacts(best=0.9, voiced_ms=96)) is None


def test_no_words_are_not_doubted() -> None:
    nothing = replace(heard_as(""), no_speech=0.9)
    assert doubt(nothing, facts=SpeechFacts(best=0.1, voiced_ms=0)) is None


def test_every_doubt_is_told_as_a_sentence() -> None:
    assert len({reason(found) for found in Doubt}) == len(Doubt)


@given(probability, probability, probability, st.integers(0, 3_000), st.text("ab ", max_size=30))
def test_more_evidence_of_speech_never_makes_a_doubt(
    no_speech: float, best: float, better: float, voiced_ms: int, text: str
) -> None:
    best, better = sorted((best, better))
    transcript = replace(heard_as(text), no_speech=no_speech)
    if doubt(transcript, facts=SpeechFacts(best, voiced_ms)) is None:
        assert doubt(transcript, facts=SpeechFacts(better, voiced_ms)) is None
        assert doubt(replace(transcript, no_speech=no_speech / 2), facts=SpeechFacts(best, voiced_ms)) is None


@given(st.lists(probability, max_size=100))
def test_facts_stay_within_the_turn(probabilities: list[float]) -> None:
    facts = speech_facts(probabilities)
    assert 0 <= facts.voiced_ms <= len(probabilities) * 32
    assert 0 <= facts.best <= 1
