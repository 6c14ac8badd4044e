import sys
from pathlib import Path

import pytest

from bench.peers.sides import PEER, VOICE, Side, calmline, pipecat, running
from bot.line_config import load_line_config
from bot.settings import load_settings

SERVER = """
import os, time
print("loading", flush=True)
print("Ready at http://" + os.environ.get("MAX_CALLS", "nothing"), flush=True)
time.sleep(60)
"""


def test_a_server_is_ready_when_it_names_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_CALLS", "3")
    side = Side("Fake", (sys.executable, "-c", SERVER), {})
    with running(side, home=tmp_path, bytecode=tmp_path) as (process, url, ready_s):
        assert process.is_running()
        assert url == "http://nothing", "the settings of this environment do not reach it"
        assert ready_s > 0
    assert not process.is_running()


def test_a_server_that_does_not_start_is_told_with_its_reason(tmp_path: Path) -> None:
    side = Side("Fake", (sys.executable, "-c", "import sys; sys.exit('no model')"), {})
    with (
        pytest.raises(SystemExit, match="Fake did not start: no model"),
        running(side, home=tmp_path, bytecode=tmp_path),
    ):
        pass


def test_calmline_runs_as_it_is_but_for_the_voice(tmp_path: Path) -> None:
    settings = load_settings(calmline(tmp_path, max_calls=8).environment)
    assert (settings.max_calls, settings.calmline_home) == (8, tmp_path)
    config = load_line_config(settings.line_config)
    assert config == load_line_config(None).model_copy(update={"voice": VOICE})


def test_the_peer_runs_in_its_own_environment(tmp_path: Path) -> None:
    side = pipecat(tmp_path / "bin" / "python", model=tmp_path)
    assert side.command[:2] == (str(tmp_path / "bin" / "python"), str(PEER))
    assert PEER.is_file()
