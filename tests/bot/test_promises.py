"""Promises to callers."""

from datetime import timedelta
from pathlib import Path

from bot.line_config import LineConfig
from bot.promises import promise_callback
from bot.store import PromiseKind, PromiseState
from tests.bot.store.opened import NOW, add_call, open_store


def test_a_call_back_has_an_owner_a_time_and_a_number(tmp_path: Path) -> None:
    config = LineConfig(callback_hours=4, callback_owner="the workshop")
    with open_store(tmp_path) as store:
        add_call(store)
        made = promise_callback(store, config, call_id="CA1", number="+15005550006", about="the car", now=NOW)
        assert store.promises() == [made]
    assert (made.kind, made.state, made.owner) == (PromiseKind.CALLBACK, PromiseState.OPEN, "the workshop")
    assert (made.number, made.due_at) == ("+15005550006", NOW + timedelta(hours=4))
