"""The media endpoint: one WebSocket of the carrier, from its handshake to the end of the stream."""

import asyncio
import logging
from typing import Final

from bot.carrier.messages import Connected, Start
from bot.errors import BadMessage, BadToken, BotError
from bot.media_messages import MediaMessages
from bot.parts import Parts
from bot.session import CallSession
from bot.websocket import POLICY_VIOLATION, SocketGone, WebSocket

START_WITHIN_S: Final = 10.0
"""A socket that has not said `start` by then is closed."""

SERVER_ERROR: Final = 1011

_log = logging.getLogger(__name__)


class OpenStreams:
    """The open streams of a process: one for each call.

    A carrier whose connection broke opens a new stream long before the socket of the old one tells. Both would write
    the log of one call, so the new stream ends the old one, and waits until its log is complete.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[CallSession, asyncio.Event]] = {}

    async def run(self, call_id: str, session: CallSession) -> None:
        """Run a session as the only one of its call."""
        before, ended = self._open.get(call_id), asyncio.Event()
        self._open[call_id] = session, ended
        try:
            if before is not None:
                before[0].give_way()
                await before[1].wait()
            await session.run()
        finally:
            ended.set()
            if self._open.get(call_id) == (session, ended):
                del self._open[call_id]


async def serve_media(socket: WebSocket, parts: Parts, streams: OpenStreams) -> None:
    """Serve one media stream. Nothing that the other side does reaches another call."""
    await socket.accept()
    messages = MediaMessages(socket, parts.metrics)
    try:
        start = await asyncio.wait_for(_start_of(messages), START_WITHIN_S)
        token = start.custom_parameters.get("token", "")
        await asyncio.get_running_loop().run_in_executor(
            parts.store_thread, parts.tokens.redeem, token, start.call_sid, parts.store
        )
    except SocketGone:
        return
    except BadToken as error:
        parts.metrics.tokens_refused.labels(error.reason).inc()
        _log.warning("%s", error)
        await socket.close(POLICY_VIOLATION, "a stream needs its token")
        return
    except (BadMessage, TimeoutError):
        _log.warning("a media socket was closed: it did not begin with a `start` message")
        await socket.close(POLICY_VIOLATION, "a stream begins with start")
        return
    except BotError as error:
        _log.error("a media stream could not be opened: %s", error)
        await socket.close(SERVER_ERROR)
        return
    session = CallSession(start.call_sid, start.stream_sid, parts, socket, messages)
    await _run_call(start.call_sid, session, parts, socket, streams)


async def _start_of(messages: MediaMessages) -> Start:
    """The `start` message; `connected` comes before it. Raises BadMessage for anything else."""
    while True:
        message = await messages.next()
        if isinstance(message, Start):
            return message
        if not isinstance(message, Connected):
            raise BadMessage("no_start", f"{type(message).__name__.lower()} came before start")


async def _run_call(
    call_id: str, session: CallSession, parts: Parts, socket: WebSocket, streams: OpenStreams
) -> None:
    """Run the call. A defect in it is logged with its trace and closes this stream only."""
    parts.admission.connected(call_id)
    parts.metrics.calls_live.inc()
    try:
        await streams.run(call_id, session)
    except Exception:  # noqa: BLE001 - the boundary of one call: the process and its other calls go on
        _log.exception("call %s: a defect ended this stream; the carrier will ask how to go on", call_id)
        await socket.close(SERVER_ERROR)
    finally:
        parts.metrics.calls_live.dec()
        parts.admission.gone(call_id)
