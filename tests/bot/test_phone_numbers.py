"""Telephone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phone_numbers import can_be_called, is_number, masked, read_aloud


@pytest.mark.parametrize("text", ["+15005550006", "+302101234567", "+1234567"])
def test_a_number_with_a_plus_is_a_number(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "15005550006", "+0123456789", "+1500555000a", "+1234567890123456"])
def test_anything_else_is_not(text: str) -> None:
    assert not is_number(text)


@pytest.mark.parametrize("text", ["+266696687", "+7378742833", "anonymous", "sip:ann@example.com", ""])
def test_a_withheld_number_or_an_address_cannot_be_called(text: str) -> None:
    assert not can_be_called(text)


@given(st.text(max_size=20))
def test_a_masked_number_keeps_four_characters_at_most(text: str) -> None:
    assert len(masked(text).replace("…", "")) <= 4


def test_a_north_american_number_is_read_without_its_country_code() -> None:
    assert read_aloud("+15005550006") == "5 0 0, 5 5 5, 0 0 0 6"


def test_another_number_is_read_in_groups_of_three() -> None:
    assert read_aloud("+302101234") == "3 0 2, 1 0 1, 2 3 4"


def test_what_is_no_number_is_read_as_it_is() -> None:
    assert read_aloud("") == ""
