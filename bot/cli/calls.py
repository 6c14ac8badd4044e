"""`calmline calls` and `calmline replay`."""

import os
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.context import open_store, settings
from bot.journal import read_log
from bot.phone_numbers import masked
from bot.replay import Replayed
from bot.replay import replay as replay_log
from bot.store import CallRecord


@click.command()
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many, newest first."
)
@click.option(
    "--log", "log_of", metavar="CALL", help="Print the log of this call instead, one line of JSON an entry."
)
def calls(limit: int, log_of: str | None) -> None:
    """List calls, the newest first.

    \b
    Example:
      calmline calls --limit 5
    """
    with open_store(settings()) as store:
        if log_of is not None:
            for body in store.entries(log_of):
                click.echo(body)
            return
        records = store.calls(limit)
    if not records:
        click.echo("There are no calls yet. `calmline demo` makes two.")
        return
    table = Table("call", "started (UTC)", "caller", "seconds", "ended", "recording", box=None)
    for record in records:
        table.add_row(*(Text(cell) for cell in _row(record)))  # Text: what comes from outside is no markup
    Console(width=None if Console().is_terminal else 200).print(table)


def _row(record: CallRecord) -> tuple[str, ...]:
    """A call as a row of the table; the caller's number is masked."""
    seconds = f"{(record.ended_at - record.started_at).total_seconds():.0f}" if record.ended_at else ""
    return (
        record.call_id,
        f"{record.started_at:%Y-%m-%d %H:%M:%S}",
        masked(record.caller),
        seconds,
        record.disposition or "open",
        record.recording,
    )


@click.command()
@click.argument("call")
def replay(call: str) -> None:
    """Decide again on the log of CALL, and compare.

    CALL is an id, or a file of log lines. Exits 1 at the first difference, and shows it.

    \b
    Example:
      calmline replay CA0123456789abcdef0123456789abcdef
    """
    if os.path.isfile(call):  # noqa: PTH113 - unlike Path.is_file it takes any text, however long
        bodies = read_log(Path(call))
    else:
        with open_store(settings()) as store:
            bodies = store.entries(call)
    result = replay_log(bodies)
    click.echo(_summary(result))
    if result.difference is not None:
        raise SystemExit(1)


def _summary(result: Replayed) -> str:
    """What a replay found, in words."""
    difference = result.difference
    if difference is None:
        seconds = result.length_ms / 1000
        return (
            f"{result.call_id}: the same {result.commands} commands after {result.events} events "
            f"({seconds:.1f} s of call, policy {result.policy})."
        )
    return "\n".join(
        (
            f"{result.call_id}: entry {difference.after_seq} ({difference.event}) leads to something else now.",
            f"  logged:  {difference.logged or 'nothing'}",
            f"  decided: {difference.decided or 'nothing'}",
        )
    )
