"""The line's echo in the caller's audio, with lines and callers that real voices spoke."""

import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.activity import Activity, ActivityModel
from audio.echo import EchoSuppressor
from audio.endpointing import CHUNK_MS, Endpointing, Onset
from audio.mulaw import decode_mulaw, encode_mulaw, silence
from audio.resample import Upsampler
from audio.signal import MuLaw, Samples8k
from audio.voice.espeak import EspeakVoice
from tests.audio.spoken import spoken

LINE_MS = 500
LINE = "All that waiting, and still no answer. Of course that is exhausting."


@cache
def line_of(text: str = LINE) -> MuLaw:
    return EspeakVoice("en").render(text)


def echo(line: MuLaw, *, delay_ms: int = 150, level_db: float = -20, jump_ms: int = 0) -> Samples8k:
    """What comes back of a line that begins at `LINE_MS`, with a little hiss; `jump_ms` later from its middle on."""
    sent = decode_mulaw(line) * np.float32(10 ** (level_db / 20))
    out = np.random.default_rng(3).normal(0, 1e-4, len(sent) + 16_000).astype(np.float32)
    begin, middle = (LINE_MS + delay_ms) * 8, len(sent) // 2
    out[begin : begin + middle] += sent[:middle]
    begin += middle + jump_ms * 8
    out[begin : begin + len(sent) - middle] += sent[middle:]
    return carried(Samples8k(out))


def carried(samples: Samples8k) -> Samples8k:
    return decode_mulaw(encode_mulaw(samples))


def tell(suppressor: EchoSuppressor, line: MuLaw) -> None:
    """As the ledger gives it out, in pieces."""
    for begin in range(0, len(line), 800):
        suppressor.line(MuLaw(line[begin : begin + 800]), start_ms=LINE_MS + begin // 8)


def through(suppressor: EchoSuppressor, audio: Samples8k, *, start_ms: int = 0) -> Samples8k:
    frames = [
        suppressor.suppress(Samples8k(audio[begin : begin + 160]), start_ms=start_ms + begin // 8).activity
        for begin in range(0, len(audio), 160)
    ]
    return Samples8k(np.concatenate(frames))


def onsets_ms(audio: Samples8k, model: ActivityModel) -> list[int]:
    endpointing, signs = Endpointing(), []
    upsampled = Upsampler().feed(Samples8k(np.append(audio, np.zeros(4_000, np.float32))))
    for number, probability in enumerate(Activity(model).feed(upsampled)):
        signs += endpointing.feed(probability, start_ms=number * CHUNK_MS)
    return [sign.at_ms for sign in signs if isinstance(sign, Onset)]


def level_dbfs(audio: Samples8k) -> float:
    return float(10 * np.log10(np.mean(audio**2) + 1e-12))


@given(st.lists(st.integers(0, 700), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_while_the_line_is_silent_the_callers_audio_is_not_touched(sizes: list[int], seed: int) -> None:
    suppressor, at = EchoSuppressor(), 0
    for samples in np.split(np.random.default_rng(seed).uniform(-1, 1, sum(sizes)), np.cumsum(sizes)[:-1]):
        piece = Samples8k(samples.astype(np.float32))
        out = suppressor.suppress(piece, start_ms=at // 8)
        assert np.array_equal(out.activity, piece)
        assert np.array_equal(out.words, piece)
        at += len(piece)


def test_900_ms_after_the_line_the_callers_audio_is_not_touched_any_more() -> None:
    suppressor, caller = EchoSuppressor(), carried(spoken("I want to speak to a manager."))
    tell(suppressor, line_of())
    through(suppressor, echo(line_of()))
    start_ms = LINE_MS + len(line_of()) // 8 + 900
    assert np.array_equal(through(suppressor, caller, start_ms=start_ms), caller)


@pytest.mark.parametrize(("level_db", "delay_ms"), [(-20, 150), (-10, 50), (-30, 300), (-20, 600), (-20, 0)])
def test_the_echo_of_a_line_begins_no_turn(
    level_db: float, delay_ms: int, activity_model: ActivityModel
) -> None:
    suppressor, audio = EchoSuppressor(), echo(line_of(), level_db=level_db, delay_ms=delay_ms)
    tell(suppressor, line_of())
    assert onsets_ms(audio, activity_model)
    assert onsets_ms(through(suppressor, audio), activity_model) == []


@pytest.mark.parametrize("jump_ms", [-40, -20, 20, 40])
def test_an_echo_that_jumps_in_time_begins_no_turn(jump_ms: int, activity_model: ActivityModel) -> None:
    suppressor = EchoSuppressor()
    tell(suppressor, line_of())
    assert onsets_ms(through(suppressor, echo(line_of(), jump_ms=jump_ms)), activity_model) == []


def test_an_echo_spread_by_a_room_begins_no_turn(activity_model: ActivityModel) -> None:
    room = np.random.default_rng(1).normal(0, 0.1, 800) * 10 ** (-3 * np.arange(800) / 800)
    room[0] = 1
    sent = MuLaw(encode_mulaw(Samples8k(np.convolve(decode_mulaw(line_of()), room).astype(np.float32))))
    suppressor = EchoSuppressor()
    tell(suppressor, line_of())
    assert onsets_ms(through(suppressor, echo(sent)), activity_model) == []


@pytest.mark.parametrize("level_db", [-20, -10])
def test_a_caller_who_speaks_over_the_line_is_heard(level_db: float, activity_model: ActivityModel) -> None:
    suppressor, audio = EchoSuppressor(), echo(line_of(), level_db=level_db).copy()
    caller = spoken("Stop, that is not what I asked.")
    audio[16_000 : 16_000 + len(caller)] += caller
    tell(suppressor, line_of())
    found = onsets_ms(through(suppressor, carried(Samples8k(audio))), activity_model)
    assert len(found) == 1
    assert 2_000 < found[0] < 2_500


def test_the_first_sounds_of_a_caller_are_kept_for_the_words_before_the_caller_is_sure() -> None:
    """The first line of a call, and a caller as soft as an echo could be."""
    suppressor, caller = EchoSuppressor(), spoken("Stop, that is not what I asked.") * np.float32(0.2)
    suppressor.line(line_of(), start_ms=0)
    through(suppressor, Samples8k(np.full(4_000, 1e-4, np.float32)))
    first = suppressor.suppress(Samples8k(caller[:640]), start_ms=500)
    assert not first.activity.any()
    assert level_dbfs(first.words) == pytest.approx(level_dbfs(Samples8k(caller[:640])) - 10.5, abs=0.5)


def test_a_caller_over_a_line_without_echo_keeps_the_voice_as_it_is() -> None:
    suppressor, caller = EchoSuppressor(), spoken("My parcel has still not arrived.")
    tell(suppressor, line_of())
    through(suppressor, Samples8k(np.zeros(16_000, np.float32)))
    out = through(suppressor, caller, start_ms=2_000)
    assert level_dbfs(Samples8k(out[2_400:] - caller[2_400:])) < level_dbfs(caller) - 20


def test_a_caller_who_is_speaking_when_the_line_begins_is_not_cut_off() -> None:
    suppressor, caller = EchoSuppressor(), spoken("I have called three times already, and nobody helps me.")
    suppressor.line(line_of(), start_ms=1_000)
    out = through(suppressor, Samples8k(np.append(np.full(1_600, 1e-4, np.float32), caller)))
    assert level_dbfs(Samples8k(out[8_000:12_000])) > level_dbfs(Samples8k(caller[6_400:10_400])) - 1


def test_a_line_in_pieces_that_come_in_any_order_is_known(activity_model: ActivityModel) -> None:
    suppressor, line = EchoSuppressor(), line_of()
    for begin in sorted(range(0, len(line), 800), key=lambda begin: begin * 7 % 5_600):
        suppressor.line(MuLaw(line[begin : begin + 800]), start_ms=LINE_MS + begin // 8)
    assert onsets_ms(through(suppressor, echo(line)), activity_model) == []


def test_a_reference_that_comes_after_its_time_but_before_its_echo_is_known(
    activity_model: ActivityModel,
) -> None:
    suppressor, audio = EchoSuppressor(), echo(line_of(), delay_ms=300)
    before = through(suppressor, Samples8k(audio[: (LINE_MS + 200) * 8]))
    tell(suppressor, line_of())
    after = through(suppressor, Samples8k(audio[(LINE_MS + 200) * 8 :]), start_ms=LINE_MS + 200)
    assert onsets_ms(Samples8k(np.append(before, after)), activity_model) == []


def test_after_a_cut_nothing_more_of_the_line_is_expected() -> None:
    suppressor = EchoSuppressor()
    tell(suppressor, line_of())
    through(suppressor, Samples8k(echo(line_of())[: 1_500 * 8]))
    suppressor.cut(1_500)
    quiet = np.random.default_rng(0).normal(0, 1e-4, 900 * 8).astype(np.float32)
    through(suppressor, Samples8k(quiet), start_ms=1_500)
    caller = carried(spoken("Thank you."))
    assert np.array_equal(through(suppressor, caller, start_ms=2_400), caller)


def test_the_echo_of_what_was_heard_before_a_cut_begins_no_turn(activity_model: ActivityModel) -> None:
    suppressor, audio = EchoSuppressor(), echo(line_of()).copy()
    audio[(1_500 + 150) * 8 :] = 0
    tell(suppressor, line_of())
    suppressor.cut(1_500)
    assert onsets_ms(through(suppressor, Samples8k(audio)), activity_model) == []


def test_the_first_line_teaches_the_path_for_the_next(activity_model: ActivityModel) -> None:
    suppressor, line = EchoSuppressor(), line_of()
    tell(suppressor, line)
    out = [through(suppressor, echo(line))]
    again_ms = len(out[0]) // 8 - LINE_MS
    suppressor.line(line, start_ms=again_ms + LINE_MS)
    out.append(through(suppressor, echo(line, delay_ms=50), start_ms=again_ms))
    assert onsets_ms(Samples8k(np.concatenate(out)), activity_model) == []


@settings(max_examples=25)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("line"), st.integers(-(10**9), 10**9), st.integers(0, 4_000)),
            st.tuples(st.just("cut"), st.integers(-(10**9), 10**9), st.just(0)),
            st.tuples(st.just("caller"), st.integers(0, 20_000), st.integers(0, 900)),
        ),
        max_size=12,
    )
)
def test_whatever_comes_in_as_many_finite_samples_come_out(steps: list[tuple[str, int, int]]) -> None:
    suppressor, rng = EchoSuppressor(), np.random.default_rng(0)
    for kind, at_ms, length in steps:
        if kind == "line":
            suppressor.line(MuLaw(rng.bytes(length)), start_ms=at_ms)
        elif kind == "cut":
            suppressor.cut(at_ms)
        else:
            piece = Samples8k(rng.uniform(-1, 1, length).astype(np.float32))
            out = suppressor.suppress(piece, start_ms=at_ms)
            for samples in out:
                assert samples.shape == (length,)
                assert samples.dtype == np.float32
                assert np.isfinite(samples).all()


def test_a_huge_payload_costs_neither_memory_nor_time() -> None:
    suppressor = EchoSuppressor()
    began = time.process_time()
    suppressor.line(MuLaw(b"\x01" * 50_000_000), start_ms=0)
    assert time.process_time() - began < 0.1
    assert sum(array.nbytes for array in arrays(suppressor)) < 800_000


def arrays(thing: object) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Every array that an object holds, or one that it holds."""
    found = []
    for value in vars(thing).values():
        if isinstance(value, np.ndarray):
            found.append(value)
        elif hasattr(value, "__dict__"):
            found += arrays(value)
    return found


def test_silence_as_a_line_is_no_line() -> None:
    suppressor, caller = EchoSuppressor(), carried(spoken("Hello?"))
    suppressor.line(silence(3_000), start_ms=0)
    assert np.array_equal(through(suppressor, caller), caller)


def test_a_silent_line_costs_next_to_nothing() -> None:
    """Measured: under a thousandth of a core; the bound leaves room for a busy machine."""
    suppressor, second = EchoSuppressor(), Samples8k(np.zeros(8_000, np.float32))
    through(suppressor, second)
    began = time.process_time()
    for number in range(1, 21):
        through(suppressor, second, start_ms=number * 1_000)
    assert (time.process_time() - began) / 20 < 0.01
