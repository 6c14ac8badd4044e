"""The command as a whole: help for everything, errors as sentences, and a shell around it."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from bot.cli import main
from calmline import __version__
from tests.bot.cli.calmline import calmline, calmline_process

COMMANDS = main.commands.values()
NAMES = "call calls demo migrate models number replay say serve transcribe understand warm"


def test_these_are_the_commands() -> None:
    assert sorted(main.commands) == NAMES.split()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_every_command_has_help_with_an_example_that_names_it(command: click.Command, tmp_path: Path) -> None:
    result = calmline(str(command.name), "--help", home=tmp_path)
    assert (result.exit_code, result.stderr) == (0, "")
    _, example = result.stdout.split("Example:\n")
    assert f"calmline {command.name}" in example.splitlines()[0]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_every_option_has_help(command: click.Command) -> None:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert all(option.help and option.help.endswith((".", ").")) for option in options)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_every_argument_is_named_in_the_help(command: click.Command) -> None:
    help_text = command.help or ""
    for argument in command.params:
        if isinstance(argument, click.Argument):
            assert (argument.metavar or argument.human_readable_name).rstrip(".") in help_text


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_every_command(option: str, tmp_path: Path) -> None:
    result = calmline(option, home=tmp_path)
    assert result.exit_code == 0
    assert all(f"\n  {name} " in result.stdout for name in NAMES.split())


def test_a_command_that_is_none_is_a_wrong_use(tmp_path: Path) -> None:
    result = calmline("dance", home=tmp_path)
    assert (result.exit_code, "No such command 'dance'" in result.stderr) == (2, True)


def test_a_shell_gets_the_version(tmp_path: Path) -> None:
    done = calmline_process("--version", home=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"calmline, version {__version__}\n")


def test_a_shell_gets_results_on_one_stream_and_errors_as_a_sentence_on_the_other(tmp_path: Path) -> None:
    done = calmline_process("replay", "CA9", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: there is no call 'CA9'. `calmline calls` lists the ones there are.\n"


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    code = "from bot.cli import main; main(['understand'])"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"CALMLINE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        text=True,
    ) as judge:
        assert judge.stdout is not None
        judge.stdout.close()
        judge.stdout = None
        _, told = judge.communicate("hello\n" * 2_000, timeout=60)
    assert (judge.returncode, told) == (0, "")
