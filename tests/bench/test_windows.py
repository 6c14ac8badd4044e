from pathlib import Path

import numpy as np
import pytest

from audio.signal import Samples16k
from audio.transcript import Transcript
from audio.windows import FULL_WINDOW_MS, window_for
from bench.clips import Clip
from bench.windows import POLICIES, Heard, groups, row, show


@pytest.mark.parametrize(
    ("policy", "windows"),
    [
        ("30 s", [30_000, 30_000]),
        ("max(8, d + 2)", [8_000, 8_000]),
        ("max(6, d + 2)", [6_000, 7_000]),
        ("max(5, d + 1.5)", [5_000, 7_000]),
        ("the line's", [8_000, 7_000]),
    ],
)
def test_a_policy_is_what_its_name_says(policy: str, windows: list[int]) -> None:
    assert [window_for(ms, policy=POLICIES[policy]) for ms in (1_000, 5_000)] == windows
    assert window_for(FULL_WINDOW_MS, policy=POLICIES[policy]) == FULL_WINDOW_MS


def test_a_line_tells_errors_costs_retries_and_silence() -> None:
    def heard(said: str, text: str, *, cpu_ms: float, retries: int = 0) -> Heard:
        clip = Clip(said, Samples16k(np.zeros(1, np.float32)))
        return Heard(clip, Transcript(text, "en", 0.9, 0.1, 8_000, 1, retries), cpu_ms)

    made = [heard("stop it", "Stop it!", cpu_ms=10), heard("yes", "", cpu_ms=20, retries=2)]
    assert row("en words", "30 s", made) == ("en words (2)", "30 s", "0.333", "15", "15", "2", "1")


def test_without_recordings_a_voice_speaks() -> None:
    assert [len(clips) for clips in groups(None, languages=["el"], count=1).values()] == [1]


def test_a_language_without_recordings_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "manifest.tsv").write_text("set\taudio\tlanguage\ttranscript\tduration_s\tnote\n")
    assert groups(tmp_path, languages=["en"], count=1) == {}


def test_a_table_prints_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    show([("1", "2")], columns=("a", "b"), title="", markdown=True)
    assert capsys.readouterr().out == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
