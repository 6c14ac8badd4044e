"""The `calmline` command for tests: in this process, and as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings

_SETTINGS = {name.upper(): None for name in Settings.model_fields}


def calmline(*arguments: str, home: Path, stdin: str | bytes = "", **variables: str) -> Result:
    """Run a command in this process, with no settings but those given. What it raises, the test raises."""
    environment = {**_SETTINGS, "CALMLINE_HOME": str(home), **variables}
    return CliRunner(catch_exceptions=False).invoke(main, arguments, input=stdin, env=environment)


def calmline_process(
    *arguments: str, home: Path, stdin: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *arguments]
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env=_environment({"CALMLINE_HOME": str(home), **variables}),
    )


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, without settings of the line but those given."""
    kept = {name: value for name, value in os.environ.items() if name not in _SETTINGS}
    return {**kept, "PYTHONUTF8": "1", **variables}


def is_one_sentence(result: Result) -> bool:
    """Whether a failed command said one sentence on standard error, nothing on standard output, and ended with 1."""
    said = result.stderr
    return (
        result.exit_code == 1
        and result.stdout == ""
        and said.startswith("Error: ")
        and said.count("\n") == 1
        and said.rstrip().endswith(".")
    )
