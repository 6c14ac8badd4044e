"""Every store plays the same random game and must agree: on answers, on errors, and on what is there in the end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BotError
from bot.store import PromiseKind, PromiseRecord, PromiseState, Store
from flows.commands import Afterwards, Disposition, FlagKind


class MadeNothing(Exception):
    """An answer to a webhook that could not be made."""


@dataclass(frozen=True)
class Move:
    """A call of one of the store's methods; `first` is an id, which each game makes its own."""

    method: str
    first: str
    others: tuple[object, ...]
    named: dict[str, object]

    def play(self, store: Store, game: str) -> object:
        """What comes of it."""
        return outcome(lambda: getattr(store, self.method)(game + self.first, *self.others, **self.named))


def outcome(ask: Callable[[], object]) -> object:
    """The answer, or the type and the words of the error."""
    try:
        return comparable(ask())
    except (BotError, MadeNothing) as error:
        return type(error), str(error)


def comparable(answer: object) -> object:
    """An answer without the numbers that each database gives out by itself."""
    if isinstance(answer, PromiseRecord):
        return replace(answer, promise_id=0)
    return [comparable(item) for item in answer] if isinstance(answer, list) else answer


def all_told(store: Store, call_id: str) -> list[object]:
    """Everything that a store tells about one call."""
    return [
        outcome(lambda: store.call(call_id)),
        outcome(lambda: store.entries(call_id)),
        outcome(lambda: store.flags(call_id)),
        outcome(lambda: store.promises(call_id=call_id)),
        outcome(lambda: store.promises(call_id=call_id, state=PromiseState.KEPT)),
    ]


def moves(
    method: str,
    first: st.SearchStrategy[str],
    *others: st.SearchStrategy[object],
    **named: st.SearchStrategy[object],
) -> st.SearchStrategy[Move]:
    """Moves of one method, with arguments drawn from strategies."""
    return st.builds(Move, st.just(method), first, st.tuples(*others), st.fixed_dictionaries(named))


def make_nothing() -> str:
    raise MadeNothing("no answer")


# Few ids and numbers, so that moves meet; texts of every kind, also such as are too long or hold a NUL.
IDS = ["A", "b", "é", "_", "", "x\0", "X" * 60]
ids = st.sampled_from(IDS)
texts = st.text(max_size=4) | st.sampled_from(["x" * 80, "é" * 81, "ü" * 256, "🐚" * 501, "a\0"])
zones = st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30)), timezone(timedelta(hours=14))])
day = datetime(2030, 1, 1)
moments = st.datetimes(day, day + timedelta(days=1), timezones=zones) | st.just(day)
bodies = st.sampled_from(['{"a":1}', '{"é":"🐚"}', "", "a\nb", "a\0b", "x" * 9000])
entries = st.lists(st.tuples(st.integers(0, 4), bodies), max_size=3)
long_entries = st.lists(st.tuples(st.integers(5, 40), st.just("{}")), max_size=20)

games = st.lists(
    st.one_of(
        moves("open_call", ids, caller=texts, called=texts, line=texts, language=texts, started_at=moments),
        moves("append", ids, entries),
        moves("append", ids, long_entries),
        moves(
            "finish_call",
            ids,
            disposition=st.sampled_from(Disposition),
            afterwards=st.sampled_from(Afterwards),
            ended_at=moments,
            overrule=st.booleans(),
        ),
        moves("count_stream", ids),
        moves("keep_recording", ids, st.sampled_from(["", "var/recordings/é.flac"])),
        moves(
            "add_promise",
            ids,
            kind=st.sampled_from(PromiseKind),
            number=texts,
            about=texts,
            owner=texts,
            due_at=moments,
        ),
        moves("flag", ids, st.sampled_from(FlagKind), at_ms=st.sampled_from([0, 1, 2**31, 2**53])),
        moves("claim_token", ids, now=moments, expires_at=moments),
        moves("delivered", ids, texts, st.sampled_from([lambda: "<Response/>", lambda: "é", make_nothing])),
    ),
    min_size=10,
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(game=games)
def test_every_store_plays_the_same_random_game_and_agrees(
    both_stores: tuple[Store, Store], game: list[Move]
) -> None:
    name = uuid4().hex[:8]
    for store in both_stores:
        for call_id in IDS[:3]:
            store.open_call(
                name + call_id,
                caller="",
                called="",
                line="",
                language="en",
                started_at=day.replace(tzinfo=UTC),
            )
    on_sqlite, on_postgresql = both_stores
    for move in game:
        assert move.play(on_sqlite, name) == move.play(on_postgresql, name), move
    for call_id in IDS:
        assert all_told(on_sqlite, name + call_id) == all_told(on_postgresql, name + call_id), call_id
