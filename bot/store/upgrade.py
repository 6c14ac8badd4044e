"""Bringing a database to the newest schema: Alembic, configured here and not in a file of its own."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StoreFailed
from bot.store.engine import open_engine, reason

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def upgrade(url: str) -> None:
    """Make or upgrade the tables in the database at `url`. Doing it again changes nothing.

    Several processes may do it at a time: the others wait for the first. Raises StoreFailed.
    """
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            command.upgrade(migration_config(connection), "head")
    except SQLAlchemyError as error:
        raise StoreFailed("upgrading the tables", reason(error)) from error
    except CommandError as error:
        raise StoreFailed("upgrading the tables", str(error)) from error
    finally:
        engine.dispose()


def migration_config(connection: Connection) -> Config:
    """Alembic's configuration for the migrations beside this package, over an open connection."""
    config = Config()
    # A percent sign in a folder's name would be taken for an interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
