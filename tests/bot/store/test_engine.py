"""The connection to the database."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.store.engine import open_engine
from tests.bot.store.opened import url_in


def pragma(folder: Path, name: str) -> object:
    """The value of one of SQLite's settings on a fresh connection."""
    with open_engine(url_in(folder)).connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_lets_readers_go_on_while_one_writes(tmp_path: Path) -> None:
    assert pragma(tmp_path, "journal_mode") == "wal"


def test_sqlite_waits_for_a_lock_before_it_fails(tmp_path: Path) -> None:
    assert pragma(tmp_path, "busy_timeout") == 10_000


def test_sqlite_keeps_foreign_keys(tmp_path: Path) -> None:
    assert pragma(tmp_path, "foreign_keys") == 1


def test_postgresql_waits_for_a_lock_as_long_as_sqlite(empty_postgresql: str) -> None:
    engine = open_engine(empty_postgresql)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        connection.rollback()  # a failed transaction may not take the setting with it
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "10s"
    engine.dispose()


def test_many_threads_share_the_few_connections_of_a_small_server(empty_postgresql: str) -> None:
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    engine = open_engine(empty_postgresql)

    def connections(_: int) -> int:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql(count).scalar_one())

    with ThreadPoolExecutor(24) as threads:
        assert max(threads.map(connections, range(200))) <= 8
    engine.dispose()
