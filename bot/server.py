"""The server of a process: the application under uvicorn, on one port."""

import errno
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from bot.app import Application, Report
from bot.errors import BadSetting, PortBusy
from bot.line_config import load_line_config
from bot.settings import Settings

MAX_MESSAGE_BYTES: Final = 128 * 1024
"""The WebSocket library drops a connection over this; `bot.carrier.messages` refuses single messages over 64 KiB."""

DRAIN_S: Final = 25
"""Routers give a process 30 s to stop. Calls whose stream closes are resumed by another process."""


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
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                self.app,
                ws="websockets-sansio",
                ws_max_size=MAX_MESSAGE_BYTES,
                lifespan="on",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=DRAIN_S,
            )
        )

    def serve(self) -> None:
        """Serve until the process is told to stop, in the main thread by SIGTERM or SIGINT."""
        with _stopped_by_signals(self.stop):
            self._uvicorn.run(sockets=[self._listener])

    def stop(self) -> None:
        """Ask the server to stop; `serve` then returns."""
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


@contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Take the signals that ask a process to stop for what they are: its usual end, with status 0.

    uvicorn drains on them too, but then raises them again, and by default the process would die of them.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    handlers = {
        number: signal.signal(number, lambda *_: stop()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def configure_logging(level: str) -> None:
    """Log to standard error: time, level, where, what."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, logging.getLevelName(level)))
