"""The store's one door: blocking methods, safe from several threads, each one transaction.

Everything that can be asked twice gives the same answer twice: opening a call, appending entries, promises,
flags, webhook deliveries. Moments are aware datetimes, handed in by the caller. Every method raises StoreFailed
when the database cannot be read or written.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot.errors import StoreFailed
from bot.store.engine import open_engine, reading, reason
from bot.store.records import CallRecord, FlagRecord, PromiseKind, PromiseRecord, PromiseState
from bot.store.rows import call_record, find_call, promise_record
from bot.store.tables import ABOUT_CHARS, NUMBER_CHARS, Call, CallFlag, Delivery, Entry, Promise, UsedToken
from flows.commands import Afterwards, Disposition, FlagKind

_Result = TypeVar("_Result")


class Store:
    """The database at a URL. `bot.store.upgrade` must have made its tables."""

    def __init__(self, url: str) -> None:
        self._writing = open_engine(url)
        self._reading = reading(self._writing)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back. A store that is used again opens new ones."""
        self._writing.dispose()

    def open_call(
        self, call_id: str, *, caller: str, called: str, line: str, language: str, started_at: datetime
    ) -> CallRecord:
        """Record a new call, or hand back the one that is there: its first record stands."""

        def work(session: Session) -> CallRecord:
            row = session.get(Call, call_id)
            if row is None:
                row = Call(
                    id=call_id,
                    caller=caller[:NUMBER_CHARS],
                    called=called[:NUMBER_CHARS],
                    line=line,
                    language=language,
                    started_at=started_at,
                    recording="",
                    stream_count=0,
                )
                session.add(row)
                session.flush()
            return call_record(row)

        return self._write(f"opening call {call_id}", work)

    def call(self, call_id: str) -> CallRecord:
        """One call. Raises UnknownCall."""
        return self._read(f"reading call {call_id}", lambda session: call_record(find_call(session, call_id)))

    def calls(self, limit: int = 50) -> list[CallRecord]:
        """The newest calls, the newest first."""
        query = select(Call).order_by(Call.started_at.desc(), Call.id).limit(limit)
        return self._read(
            "listing calls", lambda session: [call_record(row) for row in session.scalars(query)]
        )

    def finish_call(
        self,
        call_id: str,
        *,
        disposition: Disposition,
        afterwards: Afterwards,
        ended_at: datetime,
        overrule: bool = False,
    ) -> bool:
        """Record how a call ended; True when this was news. Raises UnknownCall.

        The first ending stands, unless one that knows better overrules it: a transfer that nobody took.
        """

        def work(session: Session) -> bool:
            row = find_call(session, call_id, lock=True)
            if row.disposition is not None and not overrule:
                return False
            row.disposition, row.afterwards, row.ended_at = disposition, afterwards, ended_at
            return True

        return self._write(f"finishing call {call_id}", work)

    def count_stream(self, call_id: str) -> int:
        """Count one more opened media stream of a call; the new count. Raises UnknownCall."""

        def work(session: Session) -> int:
            row = find_call(session, call_id, lock=True)
            row.stream_count += 1
            return row.stream_count

        return self._write(f"counting a stream of call {call_id}", work)

    def keep_recording(self, call_id: str, path: str) -> None:
        """Record where the recording of a call is. Raises UnknownCall."""

        def work(session: Session) -> None:
            find_call(session, call_id, lock=True).recording = path

        self._write(f"keeping the recording of call {call_id}", work)

    def append(self, call_id: str, entries: Sequence[tuple[int, str]]) -> None:
        """Add entries to a call's log: (sequence number, one line of JSON), all of them or none.

        An entry that is there with the same body is left alone. Raises UnknownCall; raises StoreFailed when a
        sequence number comes with another body than before, or a body is not one line of text.
        """
        doing = f"appending to the log of call {call_id}"
        wanted: dict[int, str] = {}
        for seq, body in entries:
            if any(sign in body for sign in "\n\r\0"):
                raise StoreFailed(doing, f"entry {seq} is not one line of text")
            if wanted.setdefault(seq, body) != body:
                raise StoreFailed(doing, f"entry {seq} comes with two different bodies")
        if not wanted:
            return

        def work(session: Session) -> None:
            # Two writers of one call take turns: where their entries overlap, the second finds those of the first.
            find_call(session, call_id, lock=True)
            known = select(Entry.seq, Entry.body).where(
                Entry.call_id == call_id, Entry.seq.between(min(wanted), max(wanted))
            )
            stored = {row.seq: row.body for row in session.execute(known)}
            for seq, body in sorted(wanted.items()):
                if seq not in stored:
                    session.add(Entry(call_id=call_id, seq=seq, body=body))
                elif stored[seq] != body:
                    raise StoreFailed(doing, f"entry {seq} is there with another body")

        self._write(doing, work)

    def entries(self, call_id: str) -> list[str]:
        """The log of a call in order, one line of JSON each. Raises UnknownCall."""

        def work(session: Session) -> list[str]:
            find_call(session, call_id)
            query = select(Entry.body).where(Entry.call_id == call_id).order_by(Entry.seq)
            return list(session.scalars(query))

        return self._read(f"reading the log of call {call_id}", work)

    def add_promise(
        self, call_id: str, *, kind: PromiseKind, number: str, about: str, owner: str, due_at: datetime
    ) -> PromiseRecord:
        """Record a promise, or hand back the one of this call with the same kind and matter.

        Raises UnknownCall.
        """
        matter = about[:ABOUT_CHARS]

        def work(session: Session) -> PromiseRecord:
            find_call(session, call_id)
            same = select(Promise).where(
                Promise.call_id == call_id, Promise.kind == kind, Promise.about == matter
            )
            row = session.scalars(same).one_or_none()
            if row is None:
                row = Promise(
                    call_id=call_id,
                    kind=kind,
                    number=number[:NUMBER_CHARS],
                    about=matter,
                    owner=owner,
                    due_at=due_at,
                    state=PromiseState.OPEN,
                )
                session.add(row)
                session.flush()
            return promise_record(row)

        return self._write(f"recording a promise of call {call_id}", work)

    def promises(
        self, *, call_id: str | None = None, state: PromiseState | None = None, limit: int = 1000
    ) -> list[PromiseRecord]:
        """Promises, the most urgent first; of one call or in one state when asked for."""
        query = select(Promise).order_by(Promise.due_at, Promise.id).limit(limit)
        if call_id is not None:
            query = query.where(Promise.call_id == call_id)
        if state is not None:
            query = query.where(Promise.state == state)
        return self._read(
            "listing promises", lambda session: [promise_record(row) for row in session.scalars(query)]
        )

    def flag(self, call_id: str, kind: FlagKind, *, at_ms: int) -> None:
        """Put a moment of a call before a person; the same one twice is one flag. Raises UnknownCall."""

        def work(session: Session) -> None:
            find_call(session, call_id)
            if session.get(CallFlag, (call_id, kind, at_ms)) is None:
                session.add(CallFlag(call_id=call_id, kind=kind, at_ms=at_ms))

        self._write(f"flagging call {call_id}", work)

    def flags(self, call_id: str) -> list[FlagRecord]:
        """The flags of a call, in the order of the call."""
        query = select(CallFlag).where(CallFlag.call_id == call_id).order_by(CallFlag.at_ms, CallFlag.kind)
        return self._read(
            f"reading the flags of call {call_id}",
            lambda session: [
                FlagRecord(row.call_id, FlagKind(row.kind), row.at_ms) for row in session.scalars(query)
            ],
        )

    def claim_token(self, nonce: str, *, now: datetime, expires_at: datetime) -> bool:
        """Use a stream token: True for the first to ask, False for everybody after.

        Tokens that have expired are forgotten on the way; their signature no longer passes.
        """

        def work(session: Session) -> bool:
            session.execute(delete(UsedToken).where(UsedToken.expires_at < now))
            if session.get(UsedToken, nonce) is not None:
                return False
            session.add(UsedToken(nonce=nonce, used_at=now, expires_at=expires_at))
            return True

        return self._write("claiming a stream token", work)

    def delivered(self, call_id: str, step: str, make: Callable[[], str]) -> str:
        """The answer to a webhook: made once, and the same for every delivery of the same step.

        Two deliveries at the same moment may both run `make`; both get the answer that was stored first, so
        what `make` does besides must itself be safe to do twice. A `make` that raises leaves nothing behind.
        """
        key = (call_id, step)

        def find(session: Session) -> str | None:
            row = session.get(Delivery, key)
            return None if row is None else row.response

        known = self._read(f"looking up step {step} of call {call_id}", find)
        if known is not None:
            return known
        response = make()

        def keep(session: Session) -> str:
            first = find(session)
            if first is None:
                session.add(Delivery(call_id=call_id, step=step, response=response))
            return response if first is None else first

        return self._write(f"keeping step {step} of call {call_id}", keep)

    def _read(self, doing: str, work: Callable[[Session], _Result]) -> _Result:
        """Run `work` in a transaction that only reads."""
        try:
            with Session(self._reading) as session, session.begin():
                return work(session)
        except SQLAlchemyError as error:
            raise StoreFailed(doing, reason(error)) from error

    def _write(self, doing: str, work: Callable[[Session], _Result]) -> _Result:
        """Run `work` in a transaction.

        Where the database lets two writers in, the second may find that a row it was about to add has appeared;
        a second look then finds that row, so the work is done once more.
        """
        try:
            try:
                with Session(self._writing) as session, session.begin():
                    return work(session)
            except IntegrityError:
                with Session(self._writing) as session, session.begin():
                    return work(session)
        except SQLAlchemyError as error:
            raise StoreFailed(doing, reason(error)) from error
