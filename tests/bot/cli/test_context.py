"""What commands share."""

import io
from pathlib import Path

import pytest

from bot.cli import context
from bot.cli.context import made_home, open_store, progress
from bot.errors import BadSetting, StoreFailed
from bot.settings import load_settings
from tests.bot.store.opened import add_call


def test_the_settings_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert context.settings().port == 8123


def test_a_home_that_is_not_there_is_made_with_the_folders_above_it(tmp_path: Path) -> None:
    home = tmp_path / "a" / "b"
    assert made_home(load_settings({"CALMLINE_HOME": str(home)})) == home
    assert home.is_dir()


def test_a_home_that_cannot_be_made_is_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match=r"CALMLINE_HOME=.*not a directory"):
        made_home(load_settings({"CALMLINE_HOME": str(tmp_path / "file" / "home")}))


def test_the_store_of_a_new_home_has_its_tables(tmp_path: Path) -> None:
    with open_store(load_settings({"CALMLINE_HOME": str(tmp_path / "home")})) as store:
        add_call(store)
        assert [call.call_id for call in store.calls()] == ["CA1"]


def test_a_database_server_is_not_upgraded_on_the_way(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:9/none"
    chosen = load_settings({"DATABASE_URL": url, "CALMLINE_HOME": str(tmp_path / "home")})
    with open_store(chosen) as store, pytest.raises(StoreFailed, match="listing calls"):
        store.calls()
    assert not (tmp_path / "home").exists()


def test_long_work_is_told_line_by_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("loading") as tell:
        tell("step 1")
        tell("step 2")
    assert capsys.readouterr() == ("", "step 1\nstep 2\n")


def test_on_a_terminal_long_work_is_a_spinner_that_leaves_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress("loading") as tell:
        tell("step 1")
    assert "step 1" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")
