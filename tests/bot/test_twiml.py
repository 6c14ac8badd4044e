"""The answers as TwiML."""

import xml.etree.ElementTree as ET

import pytest

from bot import twiml
from bot.carrier_phrases import carrier_phrases
from bot.line_config import LineConfig
from tests.bot.web_line import spoken, verbs

PHRASES = carrier_phrases("en").filled(LineConfig())


def read(text: str) -> ET.Element:
    """The answer as the carrier reads it."""
    return ET.fromstring(text)  # noqa: S314 - our own answer


def test_connect_opens_the_stream_and_goes_on_when_it_has_closed() -> None:
    text = twiml.connect("wss://line.example.com/media", token="t", after_url="/voice/after?step=1")
    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://line.example.com/media">'
        '<Parameter name="token" value="t" /></Stream></Connect>'
        '<Redirect method="POST">/voice/after?step=1</Redirect></Response>'
    )


def test_hang_up_says_nothing() -> None:
    assert verbs(read(twiml.hang_up())) == ["Hangup"]


def test_a_dial_has_a_verb_after_it() -> None:
    answer = read(twiml.dial_person("+15005550009", action_url="/voice/after?step=dialled&attempt=1"))
    assert verbs(answer) == ["Dial", "Redirect"]
    assert answer.findtext("Dial/Number") == "+15005550009"
    assert answer.findtext("Redirect") == "/voice/after?step=dialled&attempt=1"


def test_a_dial_shows_the_number_it_is_given() -> None:
    answer = read(twiml.dial_person("+15005550009", action_url="/x", caller_id="+15005550001"))
    assert answer.find("Dial[@callerId='+15005550001']") is not None


def test_busy_offers_a_call_back_and_goes_on_without_a_key() -> None:
    answer = read(twiml.busy(PHRASES, offer_url="/voice/after?offer=callback"))
    assert verbs(answer) == ["Gather", "Say", "Hangup"]
    gather = answer.find("Gather")
    assert gather is not None
    assert (gather.attrib["numDigits"], gather.attrib["action"]) == ("1", "/voice/after?offer=callback")
    assert "Press 1" in spoken(gather)


def test_busy_offers_no_call_back_to_an_unknown_number() -> None:
    answer = read(twiml.busy(PHRASES, offer_url=""))
    assert verbs(answer) == ["Say", "Say", "Hangup"]
    assert "Press 1" not in spoken(answer)


def test_hold_tries_again_after_a_pause() -> None:
    answer = read(twiml.hold(PHRASES, next_url="/voice/after?step=2"))
    assert verbs(answer) == ["Say", "Pause", "Redirect"]


@pytest.mark.parametrize(
    "text",
    [
        twiml.not_ready(PHRASES),
        twiml.callback_taken(PHRASES),
        twiml.callback_declined(PHRASES),
        twiml.no_answer(PHRASES, promised=True),
        twiml.no_answer(PHRASES, promised=False),
        twiml.fallback(PHRASES, promised=True),
        twiml.fallback(PHRASES, promised=False),
    ],
)
def test_a_goodbye_is_said_before_the_line_closes(text: str) -> None:
    assert verbs(read(text)) == ["Say", "Hangup"]
    assert "Goodbye." in spoken(read(text))


@pytest.mark.parametrize("answer", [twiml.no_answer, twiml.fallback])
def test_a_call_back_is_announced_only_when_it_was_promised(answer: object) -> None:
    assert callable(answer)
    assert "will call you back" in spoken(read(answer(PHRASES, promised=True)))
    assert "will call you back" not in spoken(read(answer(PHRASES, promised=False)))


def test_the_emergency_number_comes_first() -> None:
    answer = read(twiml.fallback(PHRASES, promised=True, emergency=True))
    assert (answer[0].text or "").startswith("If anyone is in danger")


def test_sentences_are_escaped() -> None:
    phrases = carrier_phrases("en").filled(LineConfig(business="<Mill> & Sons"))
    assert "<Mill> & Sons" in spoken(read(twiml.callback_taken(phrases)))
