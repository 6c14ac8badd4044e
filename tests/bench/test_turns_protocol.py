from hypothesis import given
from hypothesis import strategies as st

from audio.signal import MuLaw
from bench.turns.listening import Silence
from bench.turns.protocol import Patience, Pause, best_within, end_of_turn_ms, judge_pauses
from bench.turns.spoken import SpokenTurn


def pause(*, chunks: int, last: bool = False, decode_ms: int = 100, name: str = "a") -> Pause:
    """A silence from 960 ms; each chunk of 32 ms is known 8 ms after it ends. The turn's last sound was at 900 ms."""
    known_ms = tuple(968 + 32 * (n + 1) for n in range(chunks))
    turn = SpokenTurn(name, "a", "answer", "", False, "en", MuLaw(b""), 900)
    return Pause(turn, Silence(960, known_ms, (True,) * chunks, last), "Yes.", decode_ms, 0, 0)


def fixed(patience_ms: int) -> Patience:
    return lambda _pause: patience_ms


def test_a_fixed_patience_ends_the_turn_with_the_first_chunk_that_is_long_enough() -> None:
    assert end_of_turn_ms(pause(chunks=40), 400, speculate_ms=None) == 968 + 13 * 32


def test_a_pause_that_is_shorter_than_the_patience_ends_nothing() -> None:
    assert end_of_turn_ms(pause(chunks=12), 400, speculate_ms=None) is None
    assert end_of_turn_ms(pause(chunks=13), 400, speculate_ms=None) is not None


def test_a_turn_that_is_over_ends_when_its_words_come() -> None:
    late = pause(chunks=40, decode_ms=300)
    assert end_of_turn_ms(late, 400, speculate_ms=200) == 968 + 7 * 32 + 300


def test_until_the_words_come_the_fallback_holds() -> None:
    slow = pause(chunks=90, decode_ms=2_000)
    assert end_of_turn_ms(slow, 3_000, speculate_ms=200) == 968 + 32 * 32


def test_a_chunk_that_may_be_speech_ends_no_turn() -> None:
    silence = pause(chunks=3).silence
    noisy = Silence(0, tuple(range(32, 32 * 21, 32)), (True,) * 9 + (False,) * 3 + (True,) * 8, last=True)
    assert end_of_turn_ms(Pause(pause(chunks=1).turn, noisy, "", 0, 0, 0), 320, speculate_ms=None) == 13 * 32
    assert silence.length_ms == 96


def test_pauses_within_turns_are_cuts_and_the_last_ones_are_waits() -> None:
    pauses = [
        pause(chunks=5),
        pause(chunks=30),
        pause(chunks=90, last=True),
        pause(chunks=90, last=True, name="b"),
    ]
    outcome = judge_pauses(pauses, lambda _pause: 500, speculate_ms=None)
    assert (outcome.cut_share, outcome.turn_share) == (0.5, 0.5)
    assert outcome.waits_ms == (968 + 16 * 32 + 20 - 900,) * 2


@given(st.integers(300, 2_500), st.integers(0, 500), st.integers(1, 120))
def test_more_patience_never_cuts_more_and_never_waits_less(
    patience_ms: int, more_ms: int, chunks: int
) -> None:
    silence = pause(chunks=chunks)
    soon = end_of_turn_ms(silence, patience_ms, speculate_ms=200)
    late = end_of_turn_ms(silence, patience_ms + more_ms, speculate_ms=200)
    assert late is None or (soon is not None and soon <= late)


def test_the_best_outcome_within_a_share_waits_least() -> None:
    pauses = [pause(chunks=15), pause(chunks=90, last=True)]
    outcomes = [judge_pauses(pauses, always, speculate_ms=None) for always in map(fixed, (400, 600, 900))]
    assert best_within(outcomes, 0.0) is outcomes[1]
    assert best_within(outcomes, 1.0) is outcomes[0]
    assert best_within(outcomes[:1], 0.0, per_turn=True) is None
