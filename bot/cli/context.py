"""What commands share: the settings of the environment, and a way to tell of long work."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from bot.app import Report
from bot.errors import BadSetting
from bot.settings import Settings, load_settings
from bot.store import Store
from bot.store.upgrade import upgrade


def settings() -> Settings:
    """The settings from the environment. Raises BadSetting."""
    return load_settings(os.environ)


def made_home(chosen: Settings) -> Path:
    """CALMLINE_HOME, made if it is not there. Raises BadSetting when it cannot be."""
    home = chosen.calmline_home
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadSetting("CALMLINE_HOME", str(home), f"the folder cannot be made ({reason})") from error
    return home


@contextmanager
def open_store(chosen: Settings) -> Iterator[Store]:
    """The store of this machine, its tables made if it is a file. Raises StoreFailed."""
    if chosen.store_url.startswith("sqlite"):
        made_home(chosen)
        upgrade(chosen.store_url)
    with Store(chosen.store_url) as store:
        yield store


def report(sentence: str) -> None:
    """Tell of a step of long work, on standard error: results alone go to standard output."""
    click.echo(sentence, err=True)


@contextmanager
def progress(doing: str) -> Iterator[Report]:
    """Show a spinner with the latest step while long work goes on; plain lines where there is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield report
        return
    with console.status(doing) as status:
        yield status.update
