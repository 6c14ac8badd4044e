"""`calmline serve` and `calmline migrate`."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, inspect

from bot.store import Store
from tests.bot.cli.calmline import calmline, is_one_sentence
from tests.bot.store.opened import url_in


def test_migrating_makes_the_tables_and_doing_it_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        result = calmline("migrate", home=tmp_path)
        assert (result.exit_code, result.stdout) == (0, "")
    with Store(url_in(tmp_path)) as store:
        assert store.calls() == []


def test_the_database_may_be_elsewhere(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other' / 'line.db'}"
    assert calmline("migrate", home=tmp_path, DATABASE_URL=url).exit_code == 0
    engine = create_engine(url)
    assert "calls" in inspect(engine).get_table_names()
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/calls", "only sqlite:// and postgresql://"),
        ("postgresql://nobody:secret@127.0.0.1:9/none", "the store failed"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence(tmp_path: Path, url: str, words: str) -> None:
    result = calmline("migrate", home=tmp_path, DATABASE_URL=url)
    assert is_one_sentence(result)
    assert words in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PORT", "abc"), ("PORT", "70000"), ("LOG_LEVEL", "LOUD"), ("LINE_CONFIG", "none.yaml")],
)
def test_a_setting_that_cannot_be_used_stops_the_server_with_a_sentence(
    tmp_path: Path, variable: str, value: str
) -> None:
    result = calmline("serve", home=tmp_path, **{"PORT": "0", variable: value})
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: ")
    assert value in result.stderr


def test_a_port_that_is_taken_is_said_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = calmline("serve", home=tmp_path, PORT=port)
    assert is_one_sentence(result)
    assert f"port {port} is in use" in result.stderr


def test_a_server_says_where_it_answers_and_stops_when_it_is_told_to(home: Path) -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main(['serve'])"]
    environment = {"CALMLINE_HOME": str(home), "WHISPER_MODEL": "base", "PORT": "0", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        url = re.fullmatch(r"Calmline answers at (http://\S+)\n", said)
        assert url is not None, said
        assert requests.get(f"{url[1]}/readyz", timeout=10).json()["ready"]
        server.send_signal(signal.SIGTERM)
        _, told = server.communicate(timeout=30)
    assert "TWILIO_AUTH_TOKEN is not set" in told
    assert "Traceback" not in told


def test_a_server_that_cannot_load_stops_and_says_why(home: Path) -> None:
    config = home / "line.yaml"
    config.write_text("voice: klingon", encoding="utf-8")
    result = calmline("serve", home=home, PORT="0", LINE_CONFIG=str(config), WHISPER_MODEL="base")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: there is no voice 'klingon'")
