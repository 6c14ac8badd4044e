import numpy as np
import pytest

from audio.activity import ActivityModel
from audio.echo import Suppressed
from audio.signal import MuLaw, Samples8k, Samples16k
from bench.echo import (
    FRAME_MS,
    LINE_START_MS,
    PATHS,
    DoubleTalk,
    EchoPath,
    Heard,
    call_audio,
    echo_of,
    hear,
    impulse_response,
    phrases,
    suppressed,
)


class Recorder:
    """A suppressor that passes everything on, and remembers when it was told what."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int]] = []
        self.heard_ms = 0

    def line(self, payload: MuLaw, *, start_ms: int) -> None:
        self.told.append((self.heard_ms, start_ms, len(payload)))

    def suppress(self, samples: Samples8k, *, start_ms: int) -> Suppressed:
        self.heard_ms = start_ms
        return Suppressed(samples, samples)


def click(length: int = 8_000) -> Samples8k:
    samples = np.zeros(length, np.float32)
    samples[[0, length // 2]] = 1
    return Samples8k(samples)


def heard(*onsets_ms: int) -> Heard:
    return Heard(onsets_ms, Samples16k(np.zeros(0, np.float32)))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_an_echo_has_the_level_of_its_path(path: EchoPath) -> None:
    energy = np.sum(impulse_response(path) ** 2)
    assert 10 * np.log10(energy) == pytest.approx(path.level_db, abs=0.01)


def test_an_echo_comes_after_its_delay_and_jumps_in_the_middle() -> None:
    back = np.abs(echo_of(click(), EchoPath(0, delay_ms=100, jump_ms=40), length=16_000))
    first, second = int(np.argmax(back[:4_000])), 4_000 + int(np.argmax(back[4_000:]))
    assert first == pytest.approx(800, abs=16)
    assert second - first == 4_000 + 320


def test_a_call_without_a_line_holds_the_caller_alone() -> None:
    path, caller = EchoPath(noise_dbfs=-90), click(1_600)
    audio = call_audio(None, path, caller=caller)
    assert np.flatnonzero(np.abs(audio) > 0.5).tolist() == [16_000, 16_800]
    assert len(audio) % (FRAME_MS * 8) == 0


def test_the_suppressor_is_told_of_the_line_as_it_is_sent() -> None:
    recorder, audio = Recorder(), Samples8k(np.zeros(16_000, np.float32))
    out, _ = suppressed(audio, MuLaw(b"\x80" * 8_000), by=recorder)
    assert np.array_equal(out.words, audio)
    assert [start_ms for _, start_ms, _ in recorder.told] == list(range(LINE_START_MS, 1_500, 100))
    assert all(start_ms <= now_ms + 400 + FRAME_MS for now_ms, start_ms, _ in recorder.told)


def test_silence_is_heard_as_no_turn() -> None:
    silence = Samples8k(np.zeros(8_000, np.float32))
    assert hear(Suppressed(silence, silence), ActivityModel()).onsets_ms == ()


def test_a_caller_is_noticed_by_an_onset_while_speaking_and_any_other_is_false() -> None:
    talk = DoubleTalk("No.", heard(2_200), heard(900, 2_264), (2_000, 3_000))
    assert talk.delay_ms == 64
    assert talk.false_turns == 1
    assert DoubleTalk("No.", heard(2_200), heard(3_500), (2_000, 3_000)).delay_ms is None


def test_phrases_are_spread_over_all_purposes_and_have_no_slots() -> None:
    chosen = phrases(50)
    assert len(set(chosen)) == 50
    assert not any("{" in text for text in chosen)


def test_a_path_says_what_it_is() -> None:
    assert EchoPath(-10, 50, room_ms=100, jump_ms=-40).name == "-10 dB 50 ms, room 100 ms, jump -40 ms"
    assert EchoPath(-100, 0).name == "no echo"
