"""The migrations."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from bot.errors import StoreFailed
from bot.store import Store, upgrade
from bot.store.engine import open_engine
from bot.store.tables import Base
from bot.store.upgrade import migration_config
from tests.bot.store.opened import url_in


def test_the_migrations_make_the_tables_that_the_models_describe(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_upgrading_again_changes_nothing(store: Store, url: str) -> None:
    upgrade(url)
    assert store.call("CA1")


def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    upgrade(url_in(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b" / "calmline.db").is_file()


def test_the_migrations_can_be_undone(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        command.downgrade(migration_config(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_several_processes_may_upgrade_at_a_time(empty_url: str) -> None:
    code = f"from bot.store import upgrade; upgrade({empty_url!r})"
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]


def test_a_file_that_is_no_database_is_a_failed_store(tmp_path: Path) -> None:
    (tmp_path / "calmline.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreFailed, match="file is not a database"):
        upgrade(url_in(tmp_path))


def test_a_database_of_a_later_version_is_a_failed_store(url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(StoreFailed, match="9999"):
        upgrade(url)
