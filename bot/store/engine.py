"""The connection to the database, prepared for several threads and processes at a time."""

from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import StoreFailed

LOCK_TIMEOUT_MS = 10_000
"""So long a transaction waits for another one before it fails."""

CONNECT_TIMEOUT_S = 10
POOL_TIMEOUT_S = 15

_READ_ONLY = "calmline_read_only"


def open_engine(url: str) -> Engine:
    """An engine for `url`: an SQLite file, whose folder is made, or a PostgreSQL server.

    Raises StoreFailed when the folder cannot be made or the database's driver is not installed. No connection is
    made yet.
    """
    try:
        parsed = make_url(url)
        return _sqlite_engine(parsed) if parsed.get_backend_name() == "sqlite" else _server_engine(parsed)
    except (OSError, ImportError, ArgumentError, NoSuchModuleError) as error:
        raise StoreFailed("opening the database", str(error)) from error


def reading(engine: Engine) -> Engine:
    """The same pool, for transactions that only read: on SQLite they do not wait for the writer."""
    return engine.execution_options(**{_READ_ONLY: True})


def reason(error: SQLAlchemyError) -> str:
    """The database's own words, without the statement and the caller's data in it.

    PostgreSQL tells what happened in the first line; those after it quote keys and statements.
    """
    words = str(getattr(error, "orig", None) or "").strip()
    return words.splitlines()[0].rstrip(".") if words else type(error).__name__


def _sqlite_engine(url: URL) -> Engine:
    """Connections to a file are cheap: one for every thread."""
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=8, max_overflow=24, pool_timeout=POOL_TIMEOUT_S)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _server_engine(url: URL) -> Engine:
    """Connections to a server are few: small hosted databases allow 20 to all processes together.

    A transaction takes milliseconds, so that threads beyond the pool wait for a moment only. A connection that
    the server has dropped meanwhile is noticed and replaced.
    """
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_TIMEOUT_S}
    engine = create_engine(
        url,
        pool_size=5,
        max_overflow=3,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args=timeout,
    )
    event.listen(engine, "connect", _prepare_server)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Set up a fresh SQLite connection.

    WAL lets readers go on while one writes. With synchronous=NORMAL a commit survives the end of the process,
    not a power cut; that is what a crash of the line needs.
    """
    del entry
    # The driver would begin transactions late and by itself; `_begin_sqlite` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={LOCK_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _prepare_server(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Set up a fresh connection to PostgreSQL, which by itself would wait for a lock for ever."""
    del entry
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    cursor.close()
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start of a writing transaction.

    A transaction that reads first and writes later fails at once, without waiting, when another has written in
    between; one that begins IMMEDIATE waits its turn instead.
    """
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
