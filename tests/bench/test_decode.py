from pathlib import Path

import numpy as np

from audio.signal import Samples16k
from bench.clips import Clip
from bench.decode import Cost, measure, ratio, rows, ways
from tests.conftest import Speak

CHEAP = [Cost("stop it", "stop it", 10.0, 20.0), Cost("yes", "yes", 10.0, 30.0)]
DEAR = [Cost("stop it", "stop", 50.0, 90.0), Cost("yes", "yes", 70.0, 80.0)]


def test_costs_are_compared_over_all_clips_together() -> None:
    assert ratio(CHEAP, DEAR) == 6.0


def test_a_line_has_the_errors_and_the_costs_of_its_way() -> None:
    lines = rows({"here": CHEAP, "stock": DEAR}, language="en")
    assert lines[0] == ("here", "0.000", "10", "25", "30", "1.0")
    assert lines[1] == ("stock", "0.333", "60", "85", "90", "6.0")


def test_every_clip_is_decoded_by_every_way() -> None:
    clips = [Clip("a", Samples16k(np.zeros(3, np.float32))), Clip("b", Samples16k(np.zeros(4, np.float32)))]
    costs = measure({"length": lambda samples: str(len(samples))}, clips)
    assert [(cost.said, cost.heard) for cost in costs["length"]] == [("a", "3"), ("b", "4")]


def test_the_stock_decoding_hears_the_same(whisper_folder: Path, speak: Speak) -> None:
    sentence = speak("Please cancel my contract.")
    heard = {
        name: decode(sentence) for name, decode in ways(whisper_folder, threads=1, language="en").items()
    }
    assert len(heard) == 3
    assert all("cancel my contract" in text.lower() for text in heard.values())
