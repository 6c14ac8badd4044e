from pathlib import Path

import pytest

from bench.batching import Model, Served, in_one_batch, one_by_one, row, utterances


@pytest.fixture(scope="module")
def model(whisper_folder: Path) -> Model:
    return Model(whisper_folder, threads=1, workers=2)


def test_everybody_in_a_batch_waits_for_all(model: Model) -> None:
    served = in_one_batch(model, utterances(2))
    assert len(set(served.waited_ms)) == 1
    assert served.cpu_ms > 0


def test_one_by_one_everybody_has_an_answer_of_his_own(model: Model) -> None:
    served = one_by_one(model, utterances(2))
    assert len(set(served.waited_ms)) == 2


def test_utterances_are_of_one_window_and_differ() -> None:
    one, other = utterances(2)
    assert one.shape == other.shape == (80, 800)
    assert (one != other).any()


def test_a_line_has_medians_over_the_rounds() -> None:
    rounds = [Served(100.0, (10.0, 30.0)), Served(300.0, (20.0, 40.0)), Served(200.0, (10.0, 50.0))]
    assert row(2, "a way", rounds) == ("2", "a way", "100", "30", "40")
