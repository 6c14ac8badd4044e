"""`calmline serve` and `calmline migrate`."""

import threading

import click

from bot.cli.context import made_home, report, settings
from bot.server import LineServer, configure_logging
from bot.store.upgrade import upgrade


@click.command()
def serve() -> None:
    """Answer calls: webhooks and media on one port.

    Runs until the process is told to stop.

    \b
    Example:
      PORT=8000 calmline serve
    """
    chosen = settings()
    made_home(chosen)
    configure_logging(chosen.log_level)
    server = LineServer(chosen, report=report)
    for caution in server.settings.cautions():
        report(caution)
    threading.Thread(target=_announce, args=(server,), name="announce", daemon=True).start()
    server.serve()
    if server.app.failure is not None:
        raise server.app.failure


def _announce(server: LineServer) -> None:
    """Say in one line where the line answers, or stop when it cannot."""
    server.app.settled.wait()
    if server.app.failure is not None:
        server.stop()
    else:
        click.echo(f"Calmline answers at {server.settings.base_url}")


@click.command()
def migrate() -> None:
    """Make or upgrade the tables at DATABASE_URL.

    The Procfile's release step. A database file needs none: `serve` does it.

    \b
    Example:
      DATABASE_URL=postgresql://localhost/calmline calmline migrate
    """
    chosen = settings()
    made_home(chosen)
    upgrade(chosen.store_url)
    report("The database has this version's tables.")
