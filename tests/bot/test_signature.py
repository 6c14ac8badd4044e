"""Twilio's signature. The signatures come from the library that Twilio publishes."""

import base64
import hmac
from hashlib import sha1

import pytest
from twilio.request_validator import HMAC_SHA256, RequestValidator
from werkzeug.datastructures import Headers, MultiDict

from bot.signature import SignatureCheck

TOKEN = "not-a-real-token"
URL = "https://line.example.com"
FORM = MultiDict([("CallSid", "CA1"), ("From", "+15005550006")])


def refusal(
    signature: str,
    *,
    path: str = "/voice",
    query: str = "",
    form: MultiDict[str, str] = FORM,
    headers: dict[str, str] | None = None,
) -> str | None:
    """What the check says of a request with this signature."""
    sent = Headers({"X-Twilio-Signature": signature, **(headers or {})})
    return SignatureCheck(TOKEN, URL + "/").refusal(path, query=query, form=form, headers=sent)


def signed(url: str, form: MultiDict[str, str] = FORM, *, algorithm: str | None = None) -> str:
    """Twilio's signature of a request."""
    return str(RequestValidator(TOKEN).compute_signature(url, form, algorithm))


def test_a_signed_request_passes() -> None:
    assert refusal(signed(f"{URL}/voice")) is None


def test_the_signature_is_the_documented_one() -> None:
    text = f"{URL}/voiceCallSidCA1From+15005550006"
    digest = hmac.new(TOKEN.encode(), text.encode(), sha1).digest()
    assert refusal(base64.b64encode(digest).decode()) is None


def test_the_query_is_signed_too() -> None:
    signature = signed(f"{URL}/voice/after?step=1")
    assert refusal(signature, path="/voice/after", query="step=1") is None
    assert refusal(signature, path="/voice/after", query="step=2") == "forged"


def test_a_request_without_signature_is_unsigned() -> None:
    assert refusal("") == "unsigned"


@pytest.mark.parametrize("signature", ["x", "ÄÖ", "=" * 28])
def test_another_signature_is_forged(signature: str) -> None:
    assert refusal(signature) == "forged"


def test_a_changed_parameter_is_forged() -> None:
    assert refusal(signed(f"{URL}/voice"), form=MultiDict([("CallSid", "CA2")])) == "forged"


def test_all_values_of_a_name_are_signed() -> None:
    twice = MultiDict([("Digits", "1"), ("Digits", "2")])
    assert refusal(signed(f"{URL}/voice", twice), form=twice) is None
    assert refusal(signed(f"{URL}/voice", twice), form=MultiDict([("Digits", "1")])) == "forged"


def test_headers_of_a_proxy_do_not_change_the_address() -> None:
    signature = signed("https://evil.example.net/voice")
    proxied = {"Host": "evil.example.net", "X-Forwarded-Host": "evil.example.net"}
    assert refusal(signature, headers=proxied) == "forged"


def test_the_newer_algorithm_is_taken_when_it_is_named() -> None:
    named = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    signature = signed(f"{URL}/voice", algorithm=HMAC_SHA256)
    assert refusal(signature, headers=named) is None
    assert refusal(signature) == "forged"


def test_an_algorithm_that_nobody_knows_is_forged() -> None:
    named = {"X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"}
    assert refusal(signed(f"{URL}/voice"), headers=named) == "forged"
