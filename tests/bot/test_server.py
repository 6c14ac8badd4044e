"""The server as a process: its port, its one line of output, its end, and how many calls it takes."""

import asyncio
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from bot.errors import PortBusy
from bot.replay import replay
from bot.server import LineServer, open_port
from bot.settings import load_settings
from bot.simulator.caller import SilentCaller
from bot.simulator.carrier import Ending
from bot.simulator.faults import Faults
from bot.simulator.phone import PhoneResult
from bot.simulator.twiml import Gather, Hangup, Say
from bot.store import PromiseKind
from flows.commands import Disposition
from tests.bot.line_server import (
    PATIENCE_S,
    Address,
    Line,
    caller,
    events,
    heard_text,
    make_home,
    peer,
    rendered,
    serving,
    told_nobody,
)

RESTARTING = 1012
"""The close code of a server that is stopped."""

STARTED_WITHIN_S = 60.0

CALMLINE = Path(sys.executable).with_name("calmline")


# -- the port ---------------------------------------------------------------------------------------------------------


def test_a_busy_port_is_an_error_that_names_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = load_settings({"PORT": str(port), "CALMLINE_HOME": str(tmp_path)})
        with pytest.raises(PortBusy, match=f"port {port} is in use"):
            LineServer(settings, report=told_nobody)


def test_port_0_is_any_free_port_and_the_settings_know_which(tmp_path: Path) -> None:
    listener, settings = open_port(load_settings({"PORT": "0", "CALMLINE_HOME": str(tmp_path)}))
    with listener:
        assert settings.port == listener.getsockname()[1] != 0
        assert settings.base_url == f"http://127.0.0.1:{settings.port}"


def test_without_an_auth_token_the_port_is_open_on_loopback_only(tmp_path: Path) -> None:
    listener, _ = open_port(load_settings({"PORT": "0", "CALMLINE_HOME": str(tmp_path)}))
    with listener:
        assert listener.getsockname()[0] == "127.0.0.1"


# -- calmline serve ---------------------------------------------------------------------------------------------------


@contextmanager
def serve(home: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """`calmline serve` in a process of its own, which is gone at the end."""
    environment = {
        **os.environ,
        "PORT": "0",
        "CALMLINE_HOME": str(home),
        "TWILIO_AUTH_TOKEN": "",
        **variables,
    }
    with subprocess.Popen(
        [CALMLINE, "serve"], env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """The first line on standard output, which is said when calls can be answered."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        assert ready.select(timeout=STARTED_WITHIN_S), "the server said nothing"
    return process.stdout.readline()


def test_serve_says_one_line_with_its_address_when_it_is_ready_and_stops_on_sigterm(home: Path) -> None:
    with serve(home) as process:
        said = first_line(process)
        address = said.split()[-1]
        assert requests.get(f"{address}/readyz", timeout=PATIENCE_S).status_code == 200
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=PATIENCE_S)
    assert said == f"Calmline answers at {address}\n"
    assert (rest, process.returncode) == ("", 0)


def test_a_server_asked_to_stop_takes_no_more_calls_and_lets_the_open_one_end(home: Path) -> None:
    async def call(process: subprocess.Popen[str]) -> int:
        address = Address(first_line(process).split()[-1])
        async with caller(address) as wire:
            await wire.hears_audio(500)
            process.send_signal(signal.SIGTERM)
            await wire.hears_audio(500)
            status = (await asyncio.to_thread(address.get, "/readyz")).status_code
            await wire.send(wire.speaker.stop())
            await wire.close_code()
            return status

    with serve(home) as process:
        status = asyncio.run(call(process))
        assert (status, process.wait(timeout=PATIENCE_S)) == (503, 0)


def test_a_call_cut_off_by_sigterm_is_taken_up_again_by_another_server_on_the_same_database(
    home: Path,
) -> None:
    async def begin(process: subprocess.Popen[str]) -> tuple[str, int | None]:
        async with caller(Address(first_line(process).split()[-1])) as wire:
            await wire.hears_audio(1_000)
            process.send_signal(signal.SIGTERM)
            await wire.hears_audio(500)  # the first one only asks: the call goes on
            process.send_signal(signal.SIGTERM)
            return wire.ids.call_sid, await wire.close_code()

    async def go_on(line: Line, call_id: str) -> bytes:
        _, token = await asyncio.to_thread(line.token, "/voice/after?step=1", call_id=call_id)
        async with peer(line, call_id=call_id) as wire:
            await wire.begin({"token": token})
            heard = await wire.hears_audio(1_000)
            await wire.send(wire.speaker.stop())
            await wire.close_code()
            return heard

    with serve(home) as process:
        call_id, code = asyncio.run(begin(process))
        assert (process.wait(timeout=PATIENCE_S), code) == (0, RESTARTING)
    with serving(home) as line:
        heard = asyncio.run(go_on(line, call_id))
        line.wait_for_the_ends()
        assert rendered(line, ["We were cut off for a moment."]).startswith(heard)
        assert [left["departure"] for left in events(line.entries(call_id), "caller_left")] == [
            "socket_lost",
            "hung_up",
        ]
        assert replay(line.bodies(call_id)).difference is None


def test_serve_without_its_model_says_what_is_missing_and_fails(home: Path) -> None:
    with serve(home, WHISPER_MODEL="/nowhere") as process:
        out, err = process.communicate(timeout=STARTED_WITHIN_S)
    assert (out, process.returncode) == ("", 1)
    assert "/nowhere" in err
    assert "Traceback" not in err


# -- more callers than lines ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(
    tmp_path_factory: pytest.TempPathFactory, whisper_folder: Path
) -> Iterator[tuple[Line, PhoneResult, PhoneResult]]:
    """A line for one call, and what the first and the second caller got."""

    async def hold(line: Line) -> tuple[PhoneResult, PhoneResult]:
        first = asyncio.create_task(line.phone().call(SilentCaller(), Faults(hang_up_at_ms=5_000)))
        while not line.server.app.admission.live_calls:
            await asyncio.sleep(0.01)
        second = await line.phone(gather_keys="1", from_number="+15005550007").call(SilentCaller())
        return await first, second

    with serving(make_home(tmp_path_factory.mktemp("full"), whisper_folder), MAX_CALLS="1") as line:
        yield line, *asyncio.run(hold(line))


def test_the_call_above_the_limit_hears_a_courteous_offer(
    full: tuple[Line, PhoneResult, PhoneResult],
) -> None:
    _, _, second = full
    gather, *rest = second.steps
    assert isinstance(gather, Gather)
    assert len(gather.said) == 2
    assert [type(verb) for verb in rest] == [Say, Hangup]


def test_the_call_back_that_was_accepted_is_stored(full: tuple[Line, PhoneResult, PhoneResult]) -> None:
    line, _, second = full
    (promise,) = line.store.promises(call_id=second.call_sid)
    assert (promise.kind, promise.number) == (PromiseKind.CALLBACK, "+15005550007")
    assert line.store.call(second.call_sid).disposition is Disposition.CALLBACK


def test_the_call_that_was_there_notices_nothing_of_the_one_above_the_limit(
    full: tuple[Line, PhoneResult, PhoneResult],
) -> None:
    line, first, _ = full
    assert first.streams[0].ending is Ending.CALLER_HUNG_UP
    assert "automated assistant" in heard_text(line.entries(first.call_sid))


def test_the_refused_call_is_counted(full: tuple[Line, PhoneResult, PhoneResult]) -> None:
    line, _, _ = full
    assert line.figure("calls_refused_total", reason="full") == 1
