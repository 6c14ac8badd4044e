"""G.711 against the formula of its table 2a, written out slowly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from audio.mulaw import SILENCE, decode_mulaw, encode_mulaw, silence
from audio.signal import Samples8k, mulaw_ms


def decision_value(code: int) -> int:
    """The smallest 14-bit magnitude that is encoded as step `code` (0..127), counted from silence."""
    segment, step = divmod(code, 16)
    return max(((2 * step + 32) << segment) - 33, 0)


def slowly_encoded(sample: int) -> int:
    """The byte for a 16-bit sample: the last step whose decision value is not above it."""
    magnitude = abs(sample) / 4
    code = max(code for code in range(128) if decision_value(code) <= magnitude)
    return 0xFF ^ (code | (0x80 if sample < 0 else 0))


def samples_of(*values: float) -> Samples8k:
    return Samples8k(np.array(values, dtype=np.float32))


LEVELS = {0x80: 8031, 0x8F: 4191, 0x9F: 2079, 0xBF: 495, 0xEF: 33, 0xFE: 2, 0xFF: 0, 0x7F: 0, 0x00: -8031}


@pytest.mark.parametrize(("byte", "level"), LEVELS.items())
def test_the_levels_are_those_of_the_itu_table(byte: int, level: int) -> None:
    assert decode_mulaw(bytes([byte])) * 32768 / 4 == level


def test_every_byte_survives_decoding_and_encoding_but_the_second_zero() -> None:
    every_byte = bytes(range(256))
    assert encode_mulaw(decode_mulaw(every_byte)) == every_byte.replace(b"\x7f", b"\xff")


@given(st.integers(-32768, 32767))
def test_a_sample_is_encoded_as_the_slow_formula_says(sample: int) -> None:
    assert encode_mulaw(samples_of(sample / 32768))[0] == slowly_encoded(sample)


@given(arrays.arrays(np.float32, st.integers(0, 300), elements=st.floats(-1, 1, width=32)))
def test_the_error_is_at_most_a_thirtieth_of_the_sample(signal: Samples8k) -> None:
    back = decode_mulaw(encode_mulaw(signal))
    assert np.all(np.abs(back - signal) <= np.abs(signal) / 30 + 5e-4)


def test_what_is_too_loud_is_clipped_and_what_is_no_number_is_silence() -> None:
    signal = samples_of(7.0, -7.0, np.inf, -np.inf, np.nan)
    assert encode_mulaw(signal) == b"\x80\x00\x80\x00\xff"


def test_silence_is_as_long_as_asked_and_decodes_to_zero() -> None:
    assert mulaw_ms(silence(20)) == 20
    assert set(silence(20)) == set(SILENCE)
    assert not decode_mulaw(silence(20)).any()


def test_silence_of_no_length_is_empty() -> None:
    assert silence(0) == silence(-5) == b""


def test_an_empty_payload_gives_no_samples() -> None:
    assert decode_mulaw(b"").shape == (0,)
