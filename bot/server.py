"""The server of a process: the application under uvicorn, on one port."""

import errno
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn

from bot.admission import Admission
from bot.app import Application, Report
from bot.errors import BadSetting, PortBusy
from bot.line_config import load_line_config
from bot.settings import Settings

MAX_MESSAGE_BYTES: Final = 128 * 1024
"""The WebSocket library drops a connection over this; `bot.carrier.messages` refuses single messages over 64 KiB."""

DRAIN_S: Final = 22
"""Routers give a process 30 s to stop; so long the open calls may go on. What is left is resumed by another process."""

CLOSE_WITHIN_S: Final = 5


def open_port(settings: Settings) -> tuple[socket.socket, Settings]:
    """Bind the port; the settings with the port that was really bound. Raises PortBusy and BadSetting."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(settings.port) from error
        raise BadSetting("PORT", str(settings.port), error.strerror or str(error)) from error
    listener.set_inheritable(True)
    return listener, settings.with_port(listener.getsockname()[1])


class _DrainingServer(uvicorn.Server):
    """Asked to stop, it takes no more calls and lets the open ones end; asked again, or after DRAIN_S, it stops.

    uvicorn itself would close every stream at once, and then end the process by the signal it was sent.
    """

    def __init__(self, admission: Admission, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._admission = admission
        self._draining = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT arrived."""
        del sig, frame
        if self._draining:
            self.should_exit = True
            return
        self._draining = True
        self._admission.drain()
        threading.Thread(target=self._drain, name="drain", daemon=True).start()

    def _drain(self) -> None:
        """Wait for the last call, at most DRAIN_S."""
        self._admission.wait_until_idle(DRAIN_S)
        self.should_exit = True


class LineServer:
    """The whole server in this process."""

    def __init__(self, settings: Settings, *, report: Report) -> None:
        self._listener, self.settings = open_port(settings)
        try:
            config = load_line_config(self.settings.line_config)
            self.app = Application(self.settings, config, report=report)
        except BaseException:
            self._listener.close()
            raise
        self._uvicorn = _DrainingServer(
            self.app.admission,
            uvicorn.Config(
                self.app,
                ws="websockets-sansio",
                ws_max_size=MAX_MESSAGE_BYTES,
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=CLOSE_WITHIN_S,
            ),
        )

    def serve(self) -> None:
        """Serve until the process is told to stop, in the main thread by SIGTERM or SIGINT."""
        self._uvicorn.run(sockets=[self._listener])

    def stop(self) -> None:
        """Stop now; `serve` then returns. Streams that are open are lost, and resumed by whoever answers next."""
        self._uvicorn.should_exit = True

    def wait_until_ready(self) -> None:
        """Wait until calls can be answered. Raises what kept the line from loading."""
        self.app.settled.wait()
        if self.app.failure is not None:
            raise self.app.failure


@contextmanager
def running(settings: Settings, *, report: Report) -> Iterator[LineServer]:
    """A server in a thread of this process, ready for calls; it is stopped at the end."""
    server = LineServer(settings, report=report)
    thread = threading.Thread(target=server.serve, name="server")
    thread.start()
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()
        thread.join()


def configure_logging(level: str) -> None:
    """Log to standard error: time, level, where, what."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, logging.getLevelName(level)))
