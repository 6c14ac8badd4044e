"""A turn in parts."""

from dataclasses import replace

import numpy as np
import pytest

from audio.endpointing import CHUNK_MS
from audio.parts import NO_WORDS, Chunk, Failure, Part, joined, samples_of, why_no_words
from audio.signal import Samples16k
from tests.audio.spoken import heard_as

CALLS = replace(heard_as("I have called four times"), confidence=0.9, no_speech=0.2, cpu_ms=100, retries=1)
NOBODY = replace(heard_as("and nobody"), confidence=0.5, no_speech=0.1, cpu_ms=50, window_ms=6_000)


def chunks(*probabilities: float) -> list[Chunk]:
    return [
        Chunk((n + 1) * CHUNK_MS, Samples16k(np.full(512, n, dtype=np.float32)), probability)
        for n, probability in enumerate(probabilities)
    ]


def test_words_are_joined_in_their_order() -> None:
    assert joined([CALLS, NOBODY]).text == "I have called four times and nobody"
    assert joined([CALLS, heard_as(""), NOBODY]).text == "I have called four times and nobody"


def test_what_was_spent_is_added_and_the_confidence_is_that_of_the_words() -> None:
    both = joined([CALLS, NOBODY])
    assert (both.cpu_ms, both.retries, both.no_speech) == (150, 1, 0.1)
    assert 0.75 < both.confidence < 0.9


def test_the_language_is_that_of_the_most_words() -> None:
    greek = replace(NOBODY, language="el", language_probabilities=(("el", 0.9), ("en", 0.1)))
    assert joined([CALLS, greek]).language == "en"
    assert joined([greek, replace(CALLS, text="yes")]).language_probabilities[0] == ("el", 0.9)


def test_one_transcript_is_itself_and_none_are_refused() -> None:
    assert joined([CALLS]) is CALLS
    assert joined([heard_as(""), heard_as("")]).confidence == 0.0
    with pytest.raises(ValueError, match="no transcripts"):
        joined([])


def test_samples_follow_each_other() -> None:
    assert samples_of(chunks(0.9, 0.9)).tolist() == [0.0] * 512 + [1.0] * 512


def test_words_that_are_doubted_are_not_believed() -> None:
    noise = Part(1, chunks(*[0.3] * 20), replace(heard_as("Yeah!"), no_speech=0.6))
    speech = Part(2, chunks(*[0.95] * 20), heard_as("my parcel"))
    assert noise.believed is not None
    assert (noise.believed.text, speech.believed) == ("", speech.answer)
    assert why_no_words([noise]) != NO_WORDS
    assert why_no_words([speech]) == NO_WORDS


def test_a_part_without_words_has_none_to_believe() -> None:
    assert Part(1, chunks(0.9)).believed is None
    assert Part(1, chunks(0.9), Failure("too late")).believed is None
