"""A store in a real SQLite file, and a call to put into a store."""

from datetime import UTC, datetime
from pathlib import Path

from bot.store import CallRecord, Store, upgrade

NOW = datetime(2030, 5, 17, 9, 30, tzinfo=UTC)


def url_in(folder: Path) -> str:
    """The URL of a database file in a folder."""
    return f"sqlite:///{folder / 'calmline.db'}"


def open_store(folder: Path) -> Store:
    """A store with its tables."""
    upgrade(url_in(folder))
    return Store(url_in(folder))


def add_call(store: Store, call_id: str = "CA1", *, caller: str = "+15005550006") -> CallRecord:
    """Open a call."""
    return store.open_call(
        call_id, caller=caller, called="+15005550001", line="Harbour", language="en", started_at=NOW
    )
