"""`calmline number`, against Twilio's API on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.cli.calmline import calmline, is_one_sentence
from tests.bot.twilio_double import ACCOUNT, NUMBER, TwilioDouble, twilio_double

PUBLIC = {"PUBLIC_URL": "https://line.example.com"}


@pytest.fixture
def twilio() -> Iterator[TwilioDouble]:
    """Twilio's API on this machine."""
    with twilio_double() as double:
        yield double


def account(double: TwilioDouble) -> dict[str, str]:
    """The settings of the account."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "not-a-real-token",
        "TWILIO_API_BASE_URL": double.url,
    }


def test_a_number_is_pointed_at_the_line_and_both_addresses_are_told(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    result = calmline("number", NUMBER, home=tmp_path, **account(twilio), **PUBLIC)
    assert result.exit_code == 0
    assert f"{NUMBER} calls https://line.example.com/voice" in result.stdout
    assert "https://old.example.com/voice" in result.stdout
    assert twilio.asked[-1][2]["VoiceUrl"] == "https://line.example.com/voice"


def test_a_number_of_somebody_else_is_said_so(twilio: TwilioDouble, tmp_path: Path) -> None:
    result = calmline("number", "+15005550099", home=tmp_path, **account(twilio), **PUBLIC)
    assert is_one_sentence(result)
    assert "+15005550099" in result.stderr


@pytest.mark.parametrize("missing", ["PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_the_setting_that_is_missing_is_named(twilio: TwilioDouble, tmp_path: Path, missing: str) -> None:
    variables = {**account(twilio), **PUBLIC, missing: ""}
    result = calmline("number", NUMBER, home=tmp_path, **variables)
    assert is_one_sentence(result)
    assert missing in result.stderr
    assert twilio.asked == []


def test_a_refusal_is_told_in_twilios_words_and_never_with_the_token(
    twilio: TwilioDouble, tmp_path: Path
) -> None:
    twilio.refuse["IncomingPhoneNumbers.json"] = (401, 20003)
    result = calmline("number", NUMBER, home=tmp_path, **account(twilio), **PUBLIC)
    assert is_one_sentence(result)
    assert "error 20003" in result.stderr
    assert "not-a-real-token" not in result.output
