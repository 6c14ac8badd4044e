"""What the web application is made of, handed in from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.admission import LineStatus
from bot.line_config import LineConfig
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store import Store
from bot.tokens import StreamTokens


def utc_now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class WebParts:
    """The parts that webhooks and probes use. All of them are safe from several threads."""

    settings: Settings
    config: LineConfig
    store: Store
    tokens: StreamTokens
    status: LineStatus
    metrics: Metrics
    now: Callable[[], datetime] = field(default=utc_now)
