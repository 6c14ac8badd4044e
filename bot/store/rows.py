"""Finding a call's row, and from rows to records. Must run inside the transaction that reads the row."""

from sqlalchemy.orm import Session

from bot.errors import UnknownCall
from bot.store.records import CallRecord, PromiseKind, PromiseRecord, PromiseState
from bot.store.tables import CALL_ID_CHARS, Call, Promise
from flows.commands import Afterwards, Disposition


def find_call(session: Session, call_id: str, *, lock: bool = False) -> Call:
    """The row of a call, held until the transaction ends if `lock`. Raises UnknownCall."""
    fits = len(call_id) <= CALL_ID_CHARS
    row = session.get(Call, call_id, with_for_update=lock or None) if fits else None
    if row is None:
        raise UnknownCall(call_id)
    return row


def call_record(row: Call) -> CallRecord:
    """The record of a call's row."""
    return CallRecord(
        call_id=row.id,
        caller=row.caller,
        called=row.called,
        line=row.line,
        language=row.language,
        started_at=row.started_at,
        ended_at=row.ended_at,
        disposition=None if row.disposition is None else Disposition(row.disposition),
        afterwards=None if row.afterwards is None else Afterwards(row.afterwards),
        recording=row.recording,
        stream_count=row.stream_count,
    )


def promise_record(row: Promise) -> PromiseRecord:
    """The record of a promise's row."""
    return PromiseRecord(
        promise_id=row.id,
        call_id=row.call_id,
        kind=PromiseKind(row.kind),
        number=row.number,
        about=row.about,
        owner=row.owner,
        due_at=row.due_at,
        state=PromiseState(row.state),
    )
