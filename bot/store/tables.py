"""The tables, as SQLAlchemy models. `bot/migrations` makes them; a test compares the two.

Only types that SQLite and PostgreSQL share are used, and SQLite is made as strict as PostgreSQL: what fits into
the one fits into the other. Call ids of the carrier are 34 characters; there is room for those of other carriers.
"""

from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CALL_ID_CHARS = 64
NUMBER_CHARS = 255  # a SIP address may stand for a number
ABOUT_CHARS = 500
STEP_CHARS = 32


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC without a zone: SQLite has no zones, and PostgreSQL needs none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC without its zone. A naive one is a defect of the caller."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give a stored moment its zone back."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


class ShortText(TypeDecorator[str]):
    """A text of at most `chars` characters, and no NUL: PostgreSQL refuses others, SQLite would keep them."""

    impl = String
    cache_ok = True

    def __init__(self, chars: int) -> None:
        super().__init__(chars)
        self.chars = chars

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Check a text before it is stored or looked for. One that does not fit is a defect of the caller."""
        del dialect
        if value is not None and len(value) > self.chars:
            raise ValueError(f"a text of {len(value)} characters is too long for a column of {self.chars}")
        if value is not None and "\0" in value:
            raise ValueError("a text has a NUL character in it")
        return value


class Base(DeclarativeBase):
    """The root of the models. Constraints have predictable names, so that a migration can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime()}


class Call(Base):
    """A call; its id is the carrier's CallSid."""

    __tablename__ = "calls"
    __table_args__ = (Index(None, "started_at"),)

    id: Mapped[str] = mapped_column(ShortText(CALL_ID_CHARS), primary_key=True)
    caller: Mapped[str] = mapped_column(ShortText(NUMBER_CHARS))
    called: Mapped[str] = mapped_column(ShortText(NUMBER_CHARS))
    line: Mapped[str] = mapped_column(ShortText(80))
    language: Mapped[str] = mapped_column(ShortText(16))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    disposition: Mapped[str | None] = mapped_column(ShortText(32))
    afterwards: Mapped[str | None] = mapped_column(ShortText(16))
    recording: Mapped[str] = mapped_column(Text)
    stream_count: Mapped[int] = mapped_column(Integer)


class Entry(Base):
    """One line of a call's log: `body` is one line of JSON."""

    __tablename__ = "entries"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)


class Promise(Base):
    """A promise to a caller. The same promise of the same call is one row, however often it is made."""

    __tablename__ = "promises"
    __table_args__ = (UniqueConstraint("call_id", "kind", "about"), Index(None, "state", "due_at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(ShortText(16))
    number: Mapped[str] = mapped_column(ShortText(NUMBER_CHARS))
    about: Mapped[str] = mapped_column(ShortText(ABOUT_CHARS))
    owner: Mapped[str] = mapped_column(ShortText(80))
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(ShortText(16))


class Delivery(Base):
    """The answer that a webhook got, given again when it is delivered again.

    It names a call that need not be in `calls`: a caller above the limit is answered without being let in.
    """

    __tablename__ = "deliveries"

    call_id: Mapped[str] = mapped_column(ShortText(CALL_ID_CHARS), primary_key=True)
    step: Mapped[str] = mapped_column(ShortText(STEP_CHARS), primary_key=True)
    response: Mapped[str] = mapped_column(Text)


class UsedToken(Base):
    """A stream token that has opened a stream. After `expires_at` the row may go: the signature has expired."""

    __tablename__ = "tokens"
    __table_args__ = (Index(None, "expires_at"),)

    nonce: Mapped[str] = mapped_column(ShortText(64), primary_key=True)
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CallFlag(Base):
    """A moment of a call that a person must look at."""

    __tablename__ = "flags"

    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(ShortText(16), primary_key=True)
    at_ms: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
