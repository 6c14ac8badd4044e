from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.windows import (
    FULL_WINDOW_MS,
    MAX_TOKENS,
    Decoding,
    Guard,
    Outcome,
    Verdict,
    WindowPolicy,
    compression_ratio,
    retry_window_for,
    token_cap,
    verdict,
    window_for,
)

speech_ms = st.integers(1, FULL_WINDOW_MS)


def decoding(
    text: str = "I want my money back",
    *,
    capped: bool = False,
    mean_logprob: float = -0.3,
    no_speech: float = 0.02,
    window_ms: int = 8_000,
) -> Decoding:
    return Decoding(text, capped, mean_logprob, no_speech, window_ms)


@given(speech_ms)
def test_a_window_holds_the_speech_and_is_never_below_the_floor_nor_above_30_s(ms: int) -> None:
    assert max(6_000, ms) <= window_for(ms) <= FULL_WINDOW_MS


@given(speech_ms)
def test_a_window_keeps_its_margin_of_silence_until_the_full_one(ms: int) -> None:
    window_ms = window_for(ms)
    assert window_ms == FULL_WINDOW_MS or window_ms - ms >= 2_000


@given(speech_ms, speech_ms)
def test_more_speech_never_gets_a_shorter_window_nor_fewer_tokens(one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert window_for(less) <= window_for(more) or less < 1_200
    assert token_cap(less) <= token_cap(more) <= MAX_TOKENS


@pytest.mark.parametrize(
    ("ms", "window"), [(2_000, 6_000), (4_000, 6_000), (4_001, 7_000), (6_001, 10_000), (28_000, 30_000)]
)
def test_windows_come_in_buckets(ms: int, window: int) -> None:
    assert window_for(ms) == window


@pytest.mark.parametrize(("ms", "window"), [(300, 8_000), (1_199, 8_000), (1_200, 6_000)])
def test_a_single_word_has_a_longer_window(ms: int, window: int) -> None:
    assert window_for(ms) == window


def test_a_policy_sets_floor_margin_and_buckets() -> None:
    policy = WindowPolicy(floor_ms=6_000, margin_ms=1_000, word_floor_ms=0, buckets_ms=(6_000, 30_000))
    assert [window_for(ms, policy=policy) for ms in (1_000, 5_000, 5_001)] == [6_000, 6_000, 30_000]


@pytest.mark.parametrize("buckets", [(), (8_000,), (10_000, 8_000, 30_000)])
def test_buckets_that_do_not_rise_to_30_s_are_refused(buckets: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="30000"):
        WindowPolicy(buckets_ms=buckets)


@given(speech_ms)
def test_retries_grow_to_the_full_window_in_two_steps_and_end_there(ms: int) -> None:
    windows = [window_for(ms)]
    while longer := retry_window_for(windows[-1]):
        windows.append(longer)
    assert windows[-1] == FULL_WINDOW_MS
    assert len(windows) <= 3
    assert all(after >= min(2 * before, FULL_WINDOW_MS) for before, after in pairwise(windows))


def test_a_loop_compresses_far_better_than_speech() -> None:
    assert compression_ratio("I have been on hold for forty minutes and I want my money back.") < 1.5
    assert compression_ratio("I want it. " * 20) > 2.4
    assert compression_ratio("") == 0.0


def test_clear_speech_is_accepted() -> None:
    assert verdict(decoding()) == Verdict(Outcome.ACCEPT)


@pytest.mark.parametrize("text", ["", ".", "...", "♪ ♪"])
def test_a_text_without_letters_or_digits_holds_no_words(text: str) -> None:
    assert verdict(decoding(text)) == Verdict(Outcome.NO_WORDS, Guard.EMPTY)


@pytest.mark.parametrize(
    ("doubtful", "guard"),
    [
        (decoding(capped=True), Guard.RAN_ON),
        (decoding("Ha " * 60), Guard.REPEATS),
        (decoding("Dogs are sitting by the door. Dogs are sitting by the door. Dogs"), Guard.ECHO),
    ],
)
def test_a_loop_in_a_short_window_is_decoded_again(doubtful: Decoding, guard: Guard) -> None:
    assert verdict(doubtful) == Verdict(Outcome.RETRY, guard)


def test_a_loop_that_the_cap_stopped_in_the_full_window_holds_no_words() -> None:
    looped = decoding("Ha " * 60, capped=True, window_ms=FULL_WINDOW_MS)
    assert verdict(looped) == Verdict(Outcome.NO_WORDS, Guard.RAN_ON)


@pytest.mark.parametrize("text", ["No. " * 30, "I want a refund. I want a refund."])
def test_a_caller_who_repeats_himself_is_believed_in_the_full_window(text: str) -> None:
    assert verdict(decoding(text, window_ms=FULL_WINDOW_MS)).outcome is Outcome.ACCEPT


@pytest.mark.parametrize("text", ["no no", "hello, hello", "five five", "bye bye", "I said no, I said stop"])
def test_short_or_partial_repetition_is_plain_speech(text: str) -> None:
    assert verdict(decoding(text)).guard is None


def test_an_unsure_transcript_is_kept_unless_nobody_seems_to_speak() -> None:
    assert verdict(decoding(mean_logprob=-1.2, no_speech=0.3)).outcome is Outcome.ACCEPT
    assert verdict(decoding(mean_logprob=-1.2, no_speech=0.7)) == Verdict(Outcome.NO_WORDS, Guard.SILENCE)


def test_a_high_no_speech_probability_alone_drops_nothing() -> None:
    assert verdict(decoding(mean_logprob=-0.3, no_speech=0.95)).outcome is Outcome.ACCEPT


def test_a_very_unsure_transcript_is_noise() -> None:
    assert verdict(decoding(mean_logprob=-1.8, no_speech=0.1)) == Verdict(Outcome.NO_WORDS, Guard.NOISE)


def test_what_no_caller_says_is_dropped_however_sure() -> None:
    assert verdict(decoding("Thanks for watching!", mean_logprob=-0.1)).guard is Guard.PHANTOM


@pytest.mark.parametrize("text", ["Thank you.", "you", "Bye!"])
def test_what_callers_do_say_is_dropped_only_with_a_doubt(text: str) -> None:
    assert verdict(decoding(text)).outcome is Outcome.ACCEPT
    assert verdict(decoding(text, no_speech=0.7)) == Verdict(Outcome.NO_WORDS, Guard.PHANTOM)
    assert verdict(decoding(text, mean_logprob=-1.1)) == Verdict(Outcome.NO_WORDS, Guard.PHANTOM)


@given(
    st.text(max_size=200),
    st.booleans(),
    st.floats(-10, 0),
    st.floats(0, 1),
    st.sampled_from((8_000, 15_000, 30_000)),
)
def test_the_full_window_is_never_tried_again(
    text: str, capped: bool, mean_logprob: float, no_speech: float, window_ms: int
) -> None:
    judged = verdict(Decoding(text, capped, mean_logprob, no_speech, window_ms))
    assert judged.outcome is not Outcome.RETRY or window_ms < FULL_WINDOW_MS
