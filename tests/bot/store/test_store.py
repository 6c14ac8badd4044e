"""The store, on a real SQLite file and on a real PostgreSQL server."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StoreFailed, UnknownCall
from bot.store import FlagRecord, PromiseKind, PromiseState, Store
from flows.commands import Afterwards, Disposition, FlagKind
from tests.bot.store.opened import NOW, add_call
from tests.bot.store.postgresql import PostgresqlServer


def promise(store: Store, about: str = "the juicer", *, hours: int = 24, call_id: str = "CA1") -> int:
    """Promise a call-back; the promise's id."""
    record = store.add_promise(
        call_id,
        kind=PromiseKind.CALLBACK,
        number="+15005550006",
        about=about,
        owner="customer care",
        due_at=NOW + timedelta(hours=hours),
    )
    return record.promise_id


def test_a_call_is_found_again_as_it_was_opened(store: Store) -> None:
    call = store.call("CA1")
    assert (call.caller, call.called, call.started_at) == ("+15005550006", "+15005550001", NOW)
    assert (call.disposition, call.ended_at, call.recording, call.stream_count) == (None, None, "", 0)


def test_opening_a_call_again_keeps_the_first_record(store: Store) -> None:
    assert add_call(store, caller="+1999").caller == "+15005550006"


def test_a_moment_in_another_zone_is_the_same_moment(store: Store) -> None:
    athens = NOW.astimezone(timezone(timedelta(hours=3)))
    store.open_call("CA2", caller="", called="", line="", language="en", started_at=athens)
    assert store.call("CA2").started_at == NOW


def test_calls_are_listed_with_the_newest_first(store: Store) -> None:
    later = NOW + timedelta(minutes=1)
    store.open_call("CA2", caller="", called="", line="", language="en", started_at=later)
    assert [call.call_id for call in store.calls()] == ["CA2", "CA1"]
    assert len(store.calls(limit=1)) == 1


def test_the_first_ending_of_a_call_stands(store: Store) -> None:
    def finish(disposition: Disposition, *, overrule: bool = False) -> bool:
        return store.finish_call(
            "CA1", disposition=disposition, afterwards=Afterwards.DIAL, ended_at=NOW, overrule=overrule
        )

    assert finish(Disposition.TRANSFERRED)
    assert not finish(Disposition.CALLER_LEFT)
    assert store.call("CA1").disposition is Disposition.TRANSFERRED
    assert finish(Disposition.CALLBACK, overrule=True)
    assert store.call("CA1").disposition is Disposition.CALLBACK


def test_streams_are_counted_from_several_threads(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        counts = list(threads.map(lambda _: store.count_stream("CA1"), range(40)))
    assert sorted(counts) == list(range(1, 41))


def test_a_recording_is_kept(store: Store) -> None:
    store.keep_recording("CA1", "var/recordings/CA1.flac")
    assert store.call("CA1").recording == "var/recordings/CA1.flac"


def test_entries_come_back_in_order(store: Store) -> None:
    store.append("CA1", [(2, '{"c":3}'), (0, '{"a":1}')])
    store.append("CA1", [(1, '{"b":2}')])
    assert store.entries("CA1") == ['{"a":1}', '{"b":2}', '{"c":3}']


def test_an_entry_with_another_body_is_refused_and_nothing_is_added(store: Store) -> None:
    store.append("CA1", [(0, '{"a":1}')])
    with pytest.raises(StoreFailed, match="entry 0 is there with another body"):
        store.append("CA1", [(1, '{"b":2}'), (0, '{"a":9}')])
    assert store.entries("CA1") == ['{"a":1}']


def test_one_append_cannot_contradict_itself(store: Store) -> None:
    with pytest.raises(StoreFailed, match="two different bodies"):
        store.append("CA1", [(0, "1"), (0, "2")])


def test_an_entry_is_one_line(store: Store) -> None:
    with pytest.raises(StoreFailed, match="entry 0 is not one line of text"):
        store.append("CA1", [(0, '{"a":\n1}')])


@settings(max_examples=25, deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 12), max_size=6), max_size=8))
def test_appending_in_any_batches_and_as_often_as_one_likes_gives_one_log(
    both_stores: tuple[Store, Store], batches: list[list[int]]
) -> None:
    wanted = sorted({seq for batch in batches for seq in batch})
    for store in both_stores:
        call = add_call(store, f"CA{uuid4()}")
        for batch in batches:
            store.append(call.call_id, [(seq, f'{{"seq":{seq}}}') for seq in batch])
        assert store.entries(call.call_id) == [f'{{"seq":{seq}}}' for seq in wanted]


def test_the_same_entries_from_several_threads_are_one_log(store: Store) -> None:
    entries = [(seq, f'{{"seq":{seq}}}') for seq in range(50)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: store.append("CA1", entries), range(12)))
    assert store.entries("CA1") == [body for _, body in entries]


def test_overlapping_entries_from_several_threads_are_one_log(store: Store) -> None:
    entries = [(seq, f'{{"seq":{seq}}}') for seq in range(50)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda start: store.append("CA1", entries[start : start + 10]), range(41)))
    assert store.entries("CA1") == [body for _, body in entries]


def test_a_call_opened_by_many_at_a_time_is_one(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(lambda n: add_call(store, "CA2", caller=f"+1500{n}"), range(16)))
    assert set(opened) == {store.call("CA2")}


def test_a_promise_made_by_many_at_a_time_is_one(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: promise(store), range(16)))) == 1


def test_everything_about_an_unknown_call_says_so(store: Store) -> None:
    asked: list[Callable[[], object]] = [
        lambda: store.call("CA9"),
        lambda: store.entries("CA9"),
        lambda: store.append("CA9", [(0, "{}")]),
        lambda: store.count_stream("CA9"),
        lambda: store.flag("CA9", FlagKind.CRISIS, at_ms=0),
        lambda: promise(store, call_id="CA9"),
    ]
    for ask in asked:
        with pytest.raises(UnknownCall, match="CA9"):
            ask()


def test_the_same_promise_made_twice_is_one(store: Store) -> None:
    assert promise(store) == promise(store)
    assert len(store.promises()) == 1


def test_promises_come_most_urgent_first(store: Store) -> None:
    late, soon = promise(store, "the forms", hours=48), promise(store, "the juicer", hours=2)
    assert [record.promise_id for record in store.promises()] == [soon, late]


def test_promises_are_found_by_call_and_state(store: Store) -> None:
    promise(store)
    assert store.promises(call_id="CA1", state=PromiseState.OPEN)
    assert not store.promises(state=PromiseState.KEPT)
    assert not store.promises(call_id="CA2")


def test_a_very_long_matter_is_cut_to_its_column(store: Store) -> None:
    promise(store, "x" * 2000)
    assert len(store.promises()[0].about) == 500


def test_the_same_moment_is_flagged_once(store: Store) -> None:
    store.flag("CA1", FlagKind.THREAT, at_ms=9000)
    store.flag("CA1", FlagKind.CRISIS, at_ms=1000)
    store.flag("CA1", FlagKind.CRISIS, at_ms=1000)
    assert store.flags("CA1") == [
        FlagRecord("CA1", FlagKind.CRISIS, 1000),
        FlagRecord("CA1", FlagKind.THREAT, 9000),
    ]


def test_a_token_can_be_claimed_once_even_by_many_at_a_time(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        claimed = list(threads.map(lambda _: store.claim_token("nonce", now=NOW, expires_at=NOW), range(16)))
    assert claimed.count(True) == 1


def test_expired_tokens_are_forgotten(store: Store) -> None:
    store.claim_token("old", now=NOW, expires_at=NOW)
    later = NOW + timedelta(seconds=1)
    store.claim_token("new", now=later, expires_at=later)
    assert store.claim_token("old", now=later, expires_at=later)


def test_a_webhook_delivered_again_gets_the_first_answer(store: Store) -> None:
    assert store.delivered("CA1", "voice", lambda: "first") == "first"
    assert store.delivered("CA1", "voice", lambda: "second") == "first"
    assert store.delivered("CA1", "after:1", lambda: "third") == "third"


def test_webhooks_delivered_at_the_same_moment_get_one_answer(store: Store) -> None:
    together = threading.Barrier(6)

    def deliver(number: int) -> str:
        def make() -> str:
            together.wait(timeout=10)
            return str(number)

        return store.delivered("CA1", "voice", make)

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(deliver, range(6)))) == 1


def test_an_answer_that_could_not_be_made_is_made_anew(store: Store) -> None:
    def fail() -> str:
        raise KeyError("defect")

    with pytest.raises(KeyError):
        store.delivered("CA1", "voice", fail)
    assert store.delivered("CA1", "voice", lambda: "answer") == "answer"


def test_what_was_written_is_there_for_another_process(store: Store, url: str) -> None:
    store.append("CA1", [(0, "{}")])
    with Store(url) as other:
        assert other.entries("CA1") == ["{}"]


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    with store._writing.connect() as writer:  # holds the write lock, as a slow writer would
        writer.exec_driver_sql("UPDATE calls SET line = 'x'")
        assert store.call("CA1").line == "Harbour"


def test_a_database_without_tables_is_a_failed_store(empty_url: str) -> None:
    missing = 'no such table: calls|"calls" does not exist'
    with Store(empty_url) as store, pytest.raises(StoreFailed, match=missing):
        store.call("CA1")


def test_a_folder_that_cannot_be_made_is_a_failed_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match="opening the database"):
        Store(f"sqlite:///{tmp_path}/file/calmline.db")


def test_a_driver_that_is_not_installed_is_a_failed_store() -> None:
    with pytest.raises(StoreFailed, match="opening the database"):
        Store("postgresql+asyncpg://localhost/calmline")


def test_a_server_that_is_not_there_is_a_failed_store_in_one_line_without_the_password(
    tmp_path: Path,
) -> None:
    with (
        Store(f"postgresql+psycopg://me:hunter2@/calmline?host={tmp_path}") as store,
        pytest.raises(StoreFailed, match="No such file or directory") as caught,
    ):
        store.calls()
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_failure_does_not_show_the_callers_data(empty_url: str) -> None:
    with Store(empty_url) as store, pytest.raises(StoreFailed) as caught:
        add_call(store, caller="+15005550006")
    assert "+15005550006" not in str(caught.value)


def test_a_text_too_long_for_its_column_is_refused_on_every_database(store: Store) -> None:
    with pytest.raises(StoreFailed, match="33 characters is too long for a column of 32"):
        store.delivered("CA1", "x" * 33, lambda: "answer")


def test_a_nul_character_is_refused_on_every_database(store: Store) -> None:
    with pytest.raises(StoreFailed, match="NUL"):
        add_call(store, "CA2", caller="a\0b")


def test_an_id_too_long_for_any_call_is_an_unknown_call(store: Store) -> None:
    with pytest.raises(UnknownCall):
        store.call("C" * 65)


def test_a_store_goes_on_after_its_connections_were_dropped(
    postgresql: PostgresqlServer, migrated_postgresql: str
) -> None:
    with Store(migrated_postgresql) as store:
        add_call(store)
        postgresql.drop_connections(migrated_postgresql)
        assert store.call("CA1")
