"""The application: what is answered while it loads, when it is ready, and when it cannot load."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from audio.errors import ModelMissing
from bot.server import LineServer
from bot.settings import load_settings
from bot.simulator.twiml import Hangup, Say
from tests.bot.line_server import PATIENCE_S, Address, Line, make_home, peer, told_nobody

TRY_AGAIN_LATER = 1013
FORBIDDEN = 403


@contextmanager
def not_loaded(home: Path, **variables: str) -> Iterator[tuple[LineServer, Address]]:
    """A server that has tried to load and could not, while its port is open."""
    server = LineServer(
        load_settings({"PORT": "0", "CALMLINE_HOME": str(home), **variables}), report=told_nobody
    )
    thread = threading.Thread(target=server.serve, name="server")
    thread.start()
    try:
        assert server.app.settled.wait(PATIENCE_S)
        yield server, Address(f"http://127.0.0.1:{server.settings.port}")
    finally:
        server.stop()
        thread.join()


@pytest.fixture(scope="module")
def without_model(
    tmp_path_factory: pytest.TempPathFactory, whisper_folder: Path
) -> Iterator[tuple[LineServer, Address]]:
    """A server whose model is missing; its public address has a path."""
    public = {"PUBLIC_URL": "http://127.0.0.1/line"}
    with not_loaded(
        make_home(tmp_path_factory.mktemp("app"), whisper_folder), WHISPER_MODEL="/nowhere", **public
    ) as server:
        yield server


async def _opened(address: Address, path: str) -> int | None:
    """Open a socket; the code with which it is closed."""
    async with peer(address, path=path) as wire:
        return await wire.close_code()


# -- a line that is ready ---------------------------------------------------------------------------------------------


def test_a_ready_line_is_alive_and_ready(line: Line) -> None:
    assert line.get("/healthz").json() == {"alive": True}
    assert line.get("/readyz").json() == {"ready": True, "reasons": []}


def test_the_figures_are_in_the_form_that_prometheus_reads(line: Line) -> None:
    assert line.get("/metrics").headers["Content-Type"].startswith("text/plain")
    assert "calmline_calls_live" in line.figures()


@pytest.mark.parametrize("path", ["/", "/media/other", "/voice"])
def test_a_socket_at_another_path_is_refused(line: Line, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        asyncio.run(_opened(line, path))
    assert refused.value.response.status_code == FORBIDDEN


def test_a_page_that_does_not_exist_is_not_found(line: Line) -> None:
    assert line.get("/nothing").status_code == 404


def test_the_media_endpoint_is_no_page(line: Line) -> None:
    assert line.get("/media").status_code == 404


# -- a line that cannot load ------------------------------------------------------------------------------------------


def test_a_missing_model_is_the_reason_why_the_server_does_not_become_ready(
    without_model: tuple[LineServer, Address],
) -> None:
    server, _ = without_model
    with pytest.raises(ModelMissing, match="/nowhere"):
        server.wait_until_ready()


def test_a_line_without_its_model_is_alive_and_says_why_it_is_not_ready(
    without_model: tuple[LineServer, Address],
) -> None:
    _, address = without_model
    answer = address.get("/readyz")
    assert address.get("/healthz").status_code == 200
    assert answer.status_code == 503
    assert "the ear is not loaded yet" in answer.json()["reasons"]


def test_a_call_to_a_line_that_is_not_ready_hears_a_courteous_sentence(
    without_model: tuple[LineServer, Address],
) -> None:
    _, address = without_model
    _, verbs = address.post("/voice")
    assert [type(verb) for verb in verbs] == [Say, Hangup]
    assert address.figure("calls_refused_total", reason="not_ready") == 1


@pytest.mark.parametrize("path", ["/media", "/line/media"])
def test_a_stream_to_a_line_that_is_not_ready_is_told_to_try_again_later(
    without_model: tuple[LineServer, Address], path: str
) -> None:
    _, address = without_model
    assert asyncio.run(_opened(address, path)) == TRY_AGAIN_LATER


def test_a_home_that_cannot_be_used_is_a_failure_and_not_an_endless_wait(home: Path) -> None:
    (home / "models").unlink()
    (home / "models").write_text("a file in the place of the folder")
    with not_loaded(home) as (server, address):
        with pytest.raises(FileExistsError):
            server.wait_until_ready()
        assert address.get("/readyz").status_code == 503
