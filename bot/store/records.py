"""What the store hands out: small frozen records, free of the database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.commands import Afterwards, Disposition, FlagKind


class PromiseKind(StrEnum):
    """What was promised."""

    CALLBACK = "callback"  # a person rings the caller
    REPORT = "report"  # a person is told of the matter


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"


@dataclass(frozen=True)
class CallRecord:
    """One call. Times are aware, in UTC; `disposition` is None while it is not known how the call ended.

    `recording` is a path, "" for none; `stream_count` counts how often the media stream was opened.
    """

    call_id: str
    caller: str
    called: str
    line: str
    language: str
    started_at: datetime
    ended_at: datetime | None = None
    disposition: Disposition | None = None
    afterwards: Afterwards | None = None
    recording: str = ""
    stream_count: int = 0


@dataclass(frozen=True)
class PromiseRecord:
    """One promise: what, about what, to which number, by whom, until when (aware, UTC)."""

    promise_id: int
    call_id: str
    kind: PromiseKind
    number: str
    about: str
    owner: str
    due_at: datetime
    state: PromiseState = PromiseState.OPEN


@dataclass(frozen=True)
class FlagRecord:
    """A moment of a call, in media time, that a person must look at."""

    call_id: str
    kind: FlagKind
    at_ms: int
