"""Messages of the media socket: parsed, counted when bad, and a socket that sends only rubbish is left."""

import logging
from typing import Final

from bot.carrier.messages import Inbound, Reason, parse
from bot.errors import BadMessage
from bot.metrics import Metrics
from bot.websocket import SocketGone, WebSocket

BAD_MESSAGES: Final = 100
"""A stream with so many bad messages is not Twilio; it is closed."""

_log = logging.getLogger(__name__)


class MediaMessages:
    """The messages of one socket."""

    def __init__(self, socket: WebSocket, metrics: Metrics) -> None:
        self._socket, self._metrics = socket, metrics
        self._bad = 0

    async def next(self, *, stream_sid: str | None = None) -> Inbound:
        """The next good message; bad ones are counted and passed over.

        Raises SocketGone when the other side has closed, and BadMessage once there were too many bad ones.
        """
        while True:
            try:
                text = await self._socket.receive()
            except SocketGone as gone:
                if gone.too_big:
                    self._metrics.media_messages_bad.labels(Reason.TOO_LARGE).inc()
                raise
            try:
                return parse(text, stream_sid=stream_sid)
            except BadMessage as error:
                self._metrics.media_messages_bad.labels(str(error.reason)).inc()
                # A new kind of message that the carrier may one day send is passed over for as long as it likes.
                self._bad += error.reason != Reason.UNKNOWN_EVENT
                _log.warning("stream %s: %s", stream_sid or "before start", error)
                if self._bad >= BAD_MESSAGES:
                    raise
