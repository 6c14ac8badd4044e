"""The `calmline` command. Each module adds the commands of one kind."""

import os
import sys
from typing import Any

import click

from bot.cli.calls import calls, replay
from bot.cli.carrier import number
from bot.cli.local import call, demo
from bot.cli.models import models, warm
from bot.cli.running import migrate, serve
from bot.cli.tools import say, transcribe, understand
from calmline import CalmlineError, __version__


class _Group(click.Group):
    """A group whose errors are sentences: what happened and what to do, never a stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours becomes one line on standard error and exit status 1."""
        try:
            return super().invoke(ctx)
        except CalmlineError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            # Whoever read our output has seen enough (`calmline calls | head`).
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="calmline")
def main() -> None:
    """The telephone line that stays calm.

    Settings are environment variables; see docs/reference/settings.md.
    """


for command in (serve, demo, call, calls, replay, warm, models, number, migrate, transcribe, say, understand):
    main.add_command(command)
