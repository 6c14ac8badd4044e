"""TwiML is read verb by verb, and what the line does not use is refused."""

import pytest
from twilio.twiml.voice_response import Connect, VoiceResponse

from bot.errors import PhoneFailed
from bot.simulator.twiml import Dial, Gather, Hangup, Pause, Play, Redirect, Say, Stream, read_twiml


def read(inside: str) -> object:
    (verb,) = read_twiml(f"<Response>{inside}</Response>".encode())
    return verb


def test_verbs_come_in_their_order() -> None:
    document = b"<Response><Say> Hello. </Say><Pause length='2'/><Play>/a.wav</Play><Hangup/></Response>"
    assert read_twiml(document) == (Say("Hello."), Pause(2), Play("/a.wav"), Hangup())


def test_a_stream_is_read_as_the_twilio_library_writes_it() -> None:
    response, connect = VoiceResponse(), Connect(action="/voice/after")
    connect.stream(url="wss://line.example/media").parameter(name="token", value="t")
    response.append(connect)
    (stream,) = read_twiml(str(response).encode())
    assert stream == Stream("wss://line.example/media", {"token": "t"}, "/voice/after")


def test_a_gather_carries_what_is_said_inside() -> None:
    gather = read("<Gather action='/keys' actionOnEmptyResult='true'><Say>Press one.</Say></Gather>")
    assert gather == Gather("/keys", ("Press one.",), action_on_empty=True)


def test_a_dial_names_number_action_and_whisper() -> None:
    dial = read("<Dial action='/after'><Number url='/whisper'>+15005550009</Number></Dial>")
    assert dial == Dial("+15005550009", "/after", "/whisper")
    assert read("<Dial>+15005550009</Dial>") == Dial("+15005550009", "", "")


def test_a_redirect_is_read() -> None:
    assert read("<Redirect>/voice/next</Redirect>") == Redirect("/voice/next")


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"", "not XML"),
        (b"<html/>", "its root is <html>"),
        (b"<Response><Sing/></Response>", "<Sing> is not a verb"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><Response/>", "declaration"),
        (b"<Response>" + b" " * 70_000 + b"</Response>", "longer than"),
        (b"<Response>" + b"<Hangup/>" * 101 + b"</Response>", "101 verbs"),
        (b"<Response><Pause length='x'/></Response>", "length 'x'"),
        (b"<Response><Connect/></Response>", "no <Stream>"),
        (b"<Response><Connect><Stream url='wss://a/b?c=d'/></Connect></Response>", "has a query"),
        (
            b"<Response><Connect><Stream url='wss://a/b'><Parameter name='a' value='"
            + b"x" * 500
            + b"'/></Stream></Connect></Response>",
            "500 characters",
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_not_twiml_is_refused(document: bytes, problem: str) -> None:
    with pytest.raises(PhoneFailed, match=problem):
        read_twiml(document)
