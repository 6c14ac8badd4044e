"""Requests go to the server under test and to nobody else."""

import asyncio

import pytest

from bot.errors import PhoneFailed
from bot.simulator.twiml import MAX_TWIML_BYTES
from bot.simulator.webhooks import Webhooks
from tests.bot.simulator.scripted_line import ScriptedLine, documents, listen_only

LOCAL, PUBLIC = "http://127.0.0.1:5000", "https://line.example"


def test_an_address_is_resolved_against_the_document_it_stands_in() -> None:
    hooks = Webhooks(LOCAL, public_url=PUBLIC)
    assert hooks.resolve("/voice") == f"{PUBLIC}/voice"
    assert hooks.resolve("after#top", f"{PUBLIC}/voice/keys") == f"{PUBLIC}/voice/after"
    assert hooks.resolve("", f"{PUBLIC}/voice/keys") == f"{PUBLIC}/voice/keys"


def test_a_public_stream_is_opened_at_the_local_server() -> None:
    assert Webhooks(LOCAL, public_url=PUBLIC).stream_target("wss://line.example/media") == (
        "ws://127.0.0.1:5000/media",
        {},
    )


def test_a_stream_of_a_public_line_must_be_wss() -> None:
    with pytest.raises(PhoneFailed, match="not a wss address"):
        Webhooks(LOCAL, public_url=PUBLIC).stream_target("ws://line.example/media")


@pytest.mark.parametrize("url", ["https://elsewhere.example/voice", f"{PUBLIC}.elsewhere.example/"])
def test_another_server_is_never_asked(url: str) -> None:
    with pytest.raises(PhoneFailed, match="it is not below"):
        asyncio.run(Webhooks(LOCAL, public_url=PUBLIC).post(url, {}))


def test_an_answer_that_is_not_a_success_is_named() -> None:
    with (
        ScriptedLine({}, listen_only) as line,
        pytest.raises(PhoneFailed, match="asking /voice: the server answered 404"),
    ):
        asyncio.run(Webhooks(line.base_url).post(f"{line.base_url}/voice", {}))


def test_a_server_that_is_not_there_is_named() -> None:
    with ScriptedLine({}, listen_only) as line:
        gone = line.base_url
    with pytest.raises(PhoneFailed, match="Check that the line runs"):
        asyncio.run(Webhooks(gone).post(f"{gone}/voice", {}))


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with ScriptedLine(documents(" " * 1_000_000), listen_only) as line:
        answer = asyncio.run(Webhooks(line.base_url).post(f"{line.base_url}/voice", {}))
    assert MAX_TWIML_BYTES < len(answer) < 2 * MAX_TWIML_BYTES
