"""What the tests of the commands share: the log of a call in the store of a home."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall
from bot.store import Store
from tests.bot.store.opened import add_call, open_store

CALL = "CA0"


@pytest.fixture(scope="session")
def log() -> list[str]:
    """The log of a call that ends for abuse."""
    insult = "You are a stupid useless idiot."
    turns = [ScriptedTurn(9_000, 10_500, insult), ScriptedTurn(30_000, 31_500, insult)]
    return VirtualCall(turns).run().journal


@pytest.fixture
def store(tmp_path: Path, log: list[str]) -> Iterator[Store]:
    """The store of the home `tmp_path`, with that call in it."""
    with open_store(tmp_path) as opened:
        add_call(opened, CALL)
        opened.append(CALL, list(enumerate(log)))
        yield opened
