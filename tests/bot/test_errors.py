"""Every error of the line is a sentence: what happened, to what, what to do next."""

import pytest

from bot import errors
from bot.errors import (
    BadFault,
    BadLineConfig,
    BadMessage,
    BadSetting,
    BadToken,
    BotError,
    CarrierRefused,
    CarrierUnreachable,
    NumberNotFound,
    PhoneFailed,
    PortBusy,
    StoreFailed,
    UnknownCall,
)
from tests.errors import classes, drawn_tree, real_tree

SENTENCES = {
    BadSetting(
        "PORT", "abc", "it is no number"
    ): "PORT='abc' cannot be used: it is no number. Set it right, or unset it for the default.",
    BadLineConfig("line.yaml", 3, "there is no key 'x'"): "line.yaml:3: there is no key 'x'",
    BadLineConfig("line.yaml", 0, "it is too large"): "line.yaml: it is too large",
    StoreFailed(
        "listing calls", "no such table"
    ): "the store failed while listing calls: no such table. Check DATABASE_URL and the room on its disk.",
    UnknownCall("CA1"): "there is no call 'CA1'. `calmline calls` lists the ones there are.",
    CarrierRefused("hanging up CA1", "HTTP 401"): "Twilio refused hanging up CA1: HTTP 401. Check "
    "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.",
    NumberNotFound(
        "+1555"
    ): "the Twilio account has no number +1555. Write it as in the Twilio console, with + "
    "and the country code, or buy it there first.",
    CarrierUnreachable("hanging up CA1", "no answer"): "Twilio could not be reached for hanging up CA1: no "
    "answer. Check the network and TWILIO_API_BASE_URL, then try again.",
    BadToken(
        "CA1", "expired"
    ): "the stream of call 'CA1' was refused: its token is expired. The carrier asks "
    "for a new one at /voice/after.",
    PortBusy(8000): "port 8000 is in use by another program. Stop it, or set PORT to a free one.",
    BadMessage("not_json", "line 1"): "a message of the carrier is bad (not_json): line 1. It is counted and "
    "dropped.",
    BadFault("loss", 2, "give a share"): "the fault loss=2 cannot be simulated: give a share.",
    PhoneFailed(
        "asking /voice", "no answer"
    ): "the phone failed while asking /voice: no answer. Check that the line runs at this address.",
}


@pytest.mark.parametrize("error", SENTENCES, ids=lambda error: type(error).__name__)
def test_an_error_is_a_sentence(error: BotError) -> None:
    assert str(error) == SENTENCES[error]


def test_every_error_has_its_sentence_here() -> None:
    assert {type(error) for error in SENTENCES} | {BotError} == set(classes(errors))


def test_the_tree_that_is_drawn_is_the_tree_there_is() -> None:
    assert drawn_tree(errors) == real_tree(errors)
