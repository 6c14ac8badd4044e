"""The media endpoint: one WebSocket of the carrier, from its handshake to the end of the stream."""

import asyncio
import logging
from typing import Final

from bot.carrier.messages import Connected, Start
from bot.errors import BadMessage, BadToken, BotError
from bot.media_messages import MediaMessages
from bot.parts import Parts
from bot.session import CallSession
from bot.websocket import SocketGone, WebSocket

START_WITHIN_S: Final = 10.0
"""A socket that has not said `start` by then is closed."""

POLICY_VIOLATION: Final = 1008
SERVER_ERROR: Final = 1011

_log = logging.getLogger(__name__)


async def serve_media(socket: WebSocket, parts: Parts) -> None:
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
    await _run_call(start, parts, socket, messages)


async def _start_of(messages: MediaMessages) -> Start:
    """The `start` message; `connected` comes before it. Raises BadMessage for anything else."""
    while True:
        message = await messages.next()
        if isinstance(message, Start):
            return message
        if not isinstance(message, Connected):
            raise BadMessage("no_start", f"{type(message).__name__.lower()} came before start")


async def _run_call(start: Start, parts: Parts, socket: WebSocket, messages: MediaMessages) -> None:
    """Run the call. A defect in it is logged with its trace and closes this stream only."""
    call_id = start.call_sid
    parts.admission.connected(call_id)
    parts.metrics.calls_live.inc()
    try:
        await CallSession(call_id, start.stream_sid, parts, socket, messages).run()
    except Exception:  # noqa: BLE001 - the boundary of one call: the process and its other calls go on
        _log.exception("call %s: a defect ended this stream; the carrier will ask how to go on", call_id)
        await socket.close(SERVER_ERROR)
    finally:
        parts.metrics.calls_live.dec()
        parts.admission.gone(call_id)
