"""Twilio's REST API, over a real socket."""

import base64
import logging
import socket
from collections.abc import Iterator

import pytest

from bot.errors import BadSetting, CarrierRefused, CarrierUnreachable, NumberNotFound
from bot.settings import load_settings
from bot.twilio_api import TwilioApi
from tests.bot.twilio_double import ACCOUNT, NUMBER, TwilioDouble, twilio_double

PUBLIC_URL = "https://line.example.com"


@pytest.fixture
def twilio() -> Iterator[TwilioDouble]:
    """Twilio's API on this machine."""
    with twilio_double() as double:
        yield double


def api(base_url: str, *, timeout_s: float = 5) -> TwilioApi:
    """The API at a base URL."""
    return TwilioApi(ACCOUNT, "not-a-real-token", base_url=base_url, timeout_s=timeout_s)


def test_a_number_is_pointed_at_the_line(twilio: TwilioDouble) -> None:
    pointed = api(twilio.url).point_number(NUMBER, PUBLIC_URL + "/")
    assert pointed.voice_url == "https://line.example.com/voice"
    assert pointed.status_url == "https://line.example.com/voice/status"
    assert pointed.fallback_url == "https://line.example.com/voice/fallback"
    assert pointed.voice_url_before == "https://old.example.com/voice"


def test_all_three_addresses_are_posted_to(twilio: TwilioDouble) -> None:
    api(twilio.url).point_number(NUMBER, PUBLIC_URL)
    form = twilio.asked[-1][2]
    assert {form[name] for name in form if name.endswith("Method")} == {"POST"}
    assert form["VoiceApplicationSid"] == ""


def test_requests_carry_the_account_and_go_to_the_base_url_with_its_path(twilio: TwilioDouble) -> None:
    api(twilio.url + "/proxy/").point_number(NUMBER, PUBLIC_URL)
    _, path, _, authorization = twilio.asked[0]
    assert path == f"/proxy/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json"
    assert base64.b64decode(authorization.removeprefix("Basic ")) == f"{ACCOUNT}:not-a-real-token".encode()


def test_a_number_of_somebody_else_is_not_found(twilio: TwilioDouble) -> None:
    with pytest.raises(NumberNotFound, match=r"no number \+15005550099"):
        api(twilio.url).point_number("+15005550099", PUBLIC_URL)


def test_a_number_that_only_begins_like_it_is_not_taken_for_it(twilio: TwilioDouble) -> None:
    with pytest.raises(NumberNotFound):
        api(twilio.url).point_number(NUMBER[:-1], PUBLIC_URL)


@pytest.mark.parametrize("url", ["", "line.example.com"])
def test_what_is_no_web_address_is_refused(twilio: TwilioDouble, url: str) -> None:
    with pytest.raises(BadSetting, match="PUBLIC_URL"):
        api(twilio.url).point_number(NUMBER, url)
    assert twilio.asked == []


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1"])
def test_an_address_that_twilio_cannot_call_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="loopback"):
        TwilioApi("AC1", "token").point_number("+15005550001", url)


def test_a_stand_in_on_this_machine_may_be_given_a_loopback_address(twilio: TwilioDouble) -> None:
    assert api(twilio.url).point_number(NUMBER, "http://127.0.0.1:8000").voice_url.endswith("/voice")


def test_a_wrong_token_is_a_refusal_with_twilios_words(twilio: TwilioDouble) -> None:
    twilio.refuse["IncomingPhoneNumbers.json"] = (401, 20003)
    with pytest.raises(CarrierRefused, match=r"HTTP 401, error 20003.*TWILIO_AUTH_TOKEN"):
        api(twilio.url).point_number(NUMBER, PUBLIC_URL)


def test_an_answer_that_is_no_answer_is_an_error(twilio: TwilioDouble) -> None:
    twilio.garbage = True
    with pytest.raises(CarrierRefused):
        api(twilio.url).point_number(NUMBER, PUBLIC_URL)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(CarrierUnreachable, match="TWILIO_API_BASE_URL"):
            api(f"http://127.0.0.1:{unused.getsockname()[1]}").point_number(NUMBER, PUBLIC_URL)


def test_a_server_that_does_not_answer_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        line = api(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.1)
        with pytest.raises(CarrierUnreachable, match="no answer in time"):
            line.point_number(NUMBER, PUBLIC_URL)


def test_numbers_and_secrets_stay_out_of_the_log(
    twilio: TwilioDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api(twilio.url).point_number(NUMBER, PUBLIC_URL)
    assert NUMBER not in caplog.text
    assert "not-a-real-token" not in caplog.text


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_the_missing_variable_is_named(missing: str) -> None:
    variables = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "t"}
    del variables[missing]
    with pytest.raises(BadSetting, match=missing):
        TwilioApi.from_settings(load_settings(variables))


def test_the_settings_redirect_the_api(twilio: TwilioDouble) -> None:
    variables = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_API_BASE_URL": twilio.url,
    }
    TwilioApi.from_settings(load_settings(variables)).point_number(NUMBER, PUBLIC_URL)
    assert len(twilio.asked) == 2
