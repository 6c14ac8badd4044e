from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml

from audio.activity import ActivityModel
from audio.barge_in import BargeIn, Said, StopWanted
from audio.endpointing import CHUNK_MS
from audio.signal import Samples8k
from bench.barge_in import Heard, OnSound, OnWords, Policy, Result, Words, figures, hear, run
from bench.barge_in_material import LEAD_MS, Clip, Kind, cut, recorded, rendered
from flows.meaning import understand
from tests.audio.spoken import spoken

TEXTS = yaml.safe_load((Path(__file__).parents[2] / "bench" / "barge_in.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def words(whisper_folder: Path) -> Words:
    return Words(whisper_folder, times_ms=(95, 215))


def over_the_line(text: str, kind: Kind) -> Heard:
    return hear(Clip(text, "joe", kind, *cut(spoken(text))), ActivityModel(), seed=0)


def stop_ms(policy: Policy) -> int | None:
    """When a policy stops the line without any words, in a second of speech."""
    for start_ms in range(0, 1_000, CHUNK_MS):
        if any(isinstance(sign, StopWanted) for sign in policy.feed(0.9, start_ms=start_ms)):
            return start_ms + CHUNK_MS
    return None


def test_there_are_enough_texts_and_they_mean_what_they_should() -> None:
    assert len(TEXTS["interruptions"]) >= 60
    assert len(TEXTS["backchannels"]) >= 15
    assert [text for text in TEXTS["interruptions"] if understand(text).backchannel] == []
    assert [row["text"] for row in TEXTS["backchannels"] if not understand(row["text"]).backchannel] == []


def test_a_clip_is_cut_shortly_before_its_first_loud_sound() -> None:
    tone = 0.1 * np.sin(np.arange(8_000, dtype=np.float32))
    samples, onset_ms = cut(np.concatenate((np.zeros(4_000, dtype=np.float32), tone)).astype(np.float32))
    assert onset_ms == LEAD_MS
    assert np.abs(samples[: LEAD_MS * 8]).max() < 0.01 < np.abs(samples[LEAD_MS * 8 :][:80]).max()


def test_silence_gives_no_clip() -> None:
    assert len(cut(np.zeros(8_000, dtype=np.float32))[0]) == 0


def test_recorded_sounds_are_told_apart_by_their_words_and_labels(tmp_path: Path) -> None:
    rows = [
        ("s", "Stop it.", "en", ""),
        ("s", "Yeah.", "en", ""),
        ("n", "", "none", "coughing"),
        ("m", "", "none", "music"),
    ]
    lines = ["set\tid\taudio\tlanguage\ttranscript\tlabel\tnote"]
    for n, (name, text, language, label) in enumerate(rows):
        soundfile.write(tmp_path / f"{n}.flac", np.full(4_000, 0.1, dtype=np.float32), 8_000)
        lines.append(f"{name}\tid{n}\t{n}.flac\t{language}\t{text}\t{label}\t")
    (tmp_path / "manifest.tsv").write_text("\n".join(lines), encoding="utf-8")
    assert {clip.name: clip.kind for clip in recorded(tmp_path, each=9)} == {
        "Stop it.": Kind.WORDS,
        "Yeah.": Kind.BACKCHANNEL,
        "coughing": Kind.NOISE,
    }


def test_clips_of_other_voices_come_from_two_folders(tmp_path: Path) -> None:
    for folder, name in (("stop", "hold_on-ann"), ("keep", "yeah-bob")):
        (tmp_path / folder).mkdir()
        soundfile.write(tmp_path / folder / f"{name}.flac", np.full(4_000, 0.1, dtype=np.float32), 8_000)
    found = [(clip.name, clip.kind) for clip in rendered(tmp_path)]
    assert found == [("hold on", Kind.WORDS), ("yeah", Kind.BACKCHANNEL)]


def test_sound_alone_stops_after_so_much_speech() -> None:
    assert stop_ms(OnSound(200)) == 224
    assert stop_ms(OnWords(200, 160)) is None


def test_words_alone_stop_at_the_first_that_are_real() -> None:
    policy = OnWords(32, 160)
    policy.feed(0.9, start_ms=0)
    assert policy.answered(Said.LISTENING) == []
    assert policy.answered(Said.WORD) == [StopWanted(CHUNK_MS)]


def test_a_spoken_interruption_silences_the_line_and_stops_it(words: Words) -> None:
    result = run(over_the_line("I already told you that.", Kind.WORDS), BargeIn(), words, window_ms=3_000)
    assert result.silent_ms is not None
    assert result.silent_ms <= 320
    assert result.stopped_ms is not None


def test_a_spoken_okay_stops_nothing(words: Words) -> None:
    result = run(over_the_line("Okay.", Kind.BACKCHANNEL), BargeIn(), words, window_ms=3_000)
    assert result.stopped_ms is None


def test_figures_count_silences_false_stops_and_gaps() -> None:
    def clip(kind: Kind) -> Clip:
        return Clip("", "", kind, Samples8k(np.zeros(1, dtype=np.float32)), 0)

    row = figures(
        [
            (clip(Kind.WORDS), Result(silent_ms=250, stopped_ms=600)),
            (clip(Kind.WORDS), Result()),
            (clip(Kind.BACKCHANNEL), Result(silent_ms=260, gaps_ms=[400], cpu_ms=90)),
            (clip(Kind.NOISE), Result(silent_ms=500, stopped_ms=500)),
        ]
    )
    assert row == ["50 %", "50 %", "250 / 250", "50 %", "0 %", "100 %", "100 %", "0 %", "400 / 400", "90"]
