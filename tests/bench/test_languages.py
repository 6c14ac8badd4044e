import numpy as np

from audio.signal import Samples16k
from bench.clips import Clip
from bench.languages import Examined, by_length, of_calls, simulated

LINE = ("en", "el")


def heard(language: str, *, seconds: float, en: float) -> Examined:
    """An utterance in `language` that sounds English with that probability."""
    clip = Clip("", Samples16k(np.zeros(round(seconds * 16_000), np.float32)), language)
    rated = sorted((("en", en), ("el", 1 - en)), key=lambda item: -item[1])
    return Examined(clip, tuple(rated))


def test_a_short_word_that_sounds_english_flips_no_greek_call() -> None:
    turns = [heard("el", seconds=3, en=0.02), heard("el", seconds=1, en=0.99), heard("el", seconds=3, en=0.1)]
    call = simulated(turns, languages=LINE)
    assert (call.utterances, call.elsewhere, call.flips) == (3, 0, 0)


def test_a_wrong_flip_is_counted() -> None:
    turns = [heard("el", seconds=3, en=0.02), heard("el", seconds=3, en=0.99)]
    call = simulated(turns, languages=LINE)
    assert (call.elsewhere, call.flips) == (1, 1)


def test_single_utterances_are_grouped_by_their_length() -> None:
    some = [
        heard("el", seconds=0.7, en=0.97),
        heard("el", seconds=0.8, en=0.4),
        heard("en", seconds=5, en=0.99),
    ]
    assert by_length(some) == [
        ("utterances of 0.5 to 1 s", "2", "0.50", "0, 1"),
        ("utterances of 3 to 30 s", "1", "1.00", "1, 0"),
    ]


def test_calls_are_made_for_each_language_and_main_language() -> None:
    some = [heard(tag, seconds=3, en=en) for tag, en in (("en", 0.99), ("el", 0.01))]
    names = [row[0] for row in of_calls(some, languages=LINE, calls=2)]
    assert names == [
        "calls in en to a line in en",
        "calls in el to a line in el",
        "calls in el to a line in en",
    ]
