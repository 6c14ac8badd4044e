"""The live feed: nobody who watches can hold up a call."""

from concurrent.futures import ThreadPoolExecutor

from bot.live import BACKLOG, LiveFeed, LiveItem

ENTRY = '{"seq":1,"event":"call_started","at_ms":0}'


def test_a_watcher_gets_what_is_published_in_its_order() -> None:
    feed = LiveFeed()
    with feed.watch() as watcher:
        feed.publish_entry("CA1", ENTRY)
        feed.publish("CA2", {"partial": "hello"})
        items = [watcher.take(0), watcher.take(0)]
    assert items == [
        LiveItem("CA1", {"seq": 1, "event": "call_started", "at_ms": 0}),
        LiveItem("CA2", {"partial": "hello"}),
    ]


def test_every_watcher_gets_everything() -> None:
    feed = LiveFeed()
    with feed.watch() as one, feed.watch() as other:
        feed.publish("CA1", {"partial": "hello"})
        assert one.take(0) == other.take(0) == LiveItem("CA1", {"partial": "hello"})


def test_a_watcher_sees_nothing_from_before_it_came_and_after_it_left() -> None:
    feed = LiveFeed()
    feed.publish("CA1", {"partial": "before"})
    with feed.watch() as watcher:
        pass
    feed.publish("CA1", {"partial": "after"})
    assert watcher.take(0) is None


def test_when_nobody_watches_a_log_entry_is_not_even_read() -> None:
    LiveFeed().publish_entry("CA1", "not JSON at all")


def test_a_watcher_that_does_not_keep_up_loses_the_oldest_and_knows_how_many() -> None:
    feed = LiveFeed()
    with feed.watch() as watcher:
        for number in range(BACKLOG + 3):
            feed.publish("CA1", {"number": number})
        first = watcher.take(0)
    assert watcher.missed == 3
    assert first == LiveItem("CA1", {"number": 3})


def test_a_watcher_waits_no_longer_than_it_wants_to() -> None:
    with LiveFeed().watch() as watcher:
        assert watcher.take(0.01) is None


def test_a_watcher_that_waits_in_another_thread_is_woken() -> None:
    feed = LiveFeed()
    with feed.watch() as watcher, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(watcher.take, 10)
        feed.publish("CA1", {"partial": "hello"})
        assert waiting.result(timeout=10) is not None


def test_watchers_come_and_go_in_many_threads_and_none_is_forgotten() -> None:
    feed = LiveFeed()

    def watch(number: int) -> bool:
        with feed.watch() as watcher:
            feed.publish("CA1", {"number": number})
            items = iter(lambda: watcher.take(0), None)
            return any(item.what == {"number": number} for item in items)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(watch, range(400)))
    with feed.watch() as watcher:
        feed.publish("CA1", {"number": 0})
    assert watcher.take(0) is not None
