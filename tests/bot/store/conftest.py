"""The two databases that every test of the store is run on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.store import Store, upgrade
from tests.bot.store.opened import add_call, open_store, url_in
from tests.bot.store.postgresql import PostgresqlServer, running_postgresql


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL server, started by the first test that needs it."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgresql: PostgresqlServer) -> Iterator[str]:
    """The name of a PostgreSQL database with the store's tables; copying it is faster than upgrading."""
    with postgresql.new_database() as url:
        upgrade(url)
        yield make_url(url).database or ""


@pytest.fixture
def empty_postgresql(postgresql: PostgresqlServer) -> Iterator[str]:
    """The URL of a PostgreSQL database without tables."""
    with postgresql.new_database() as url:
        yield url


@pytest.fixture
def migrated_postgresql(postgresql: PostgresqlServer, migrated_template: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with the store's tables."""
    with postgresql.new_database(like=migrated_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test is run on."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of either kind, without tables."""
    return url_in(tmp_path) if kind == "sqlite" else str(request.getfixturevalue("empty_postgresql"))


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of either kind, with the store's tables."""
    if kind == "postgresql":
        return str(request.getfixturevalue("migrated_postgresql"))
    upgrade(url_in(tmp_path))
    return url_in(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store of either kind with the call CA1."""
    with Store(url) as opened:
        add_call(opened)
        yield opened


@pytest.fixture(scope="module")
def both_stores(
    postgresql: PostgresqlServer, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Store]]:
    """A store of each kind, SQLite first, shared by the examples of a module's tests."""
    with (
        postgresql.new_database(like=migrated_template) as url,
        open_store(tmp_path_factory.mktemp("store")) as on_sqlite,
        Store(url) as on_postgresql,
    ):
        yield on_sqlite, on_postgresql
