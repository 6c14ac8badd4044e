"""Promises made to callers, recorded so that somebody keeps them: with an owner, a time and a number."""

from datetime import datetime, timedelta

from bot.line_config import LineConfig
from bot.store import PromiseKind, PromiseRecord, Store


def promise_callback(
    store: Store, config: LineConfig, *, call_id: str, number: str, about: str, now: datetime
) -> PromiseRecord:
    """Record that a person will call `number` back about something, within the hours the line allows.

    Doing it again for the same call and matter changes nothing. Raises UnknownCall and StoreFailed.
    """
    return store.add_promise(
        call_id,
        kind=PromiseKind.CALLBACK,
        number=number,
        about=about,
        owner=config.callback_owner,
        due_at=now + timedelta(hours=config.callback_hours),
    )
