"""Threads that give way."""

import os
import sys
import threading

from bot.priority import BEHIND_CALLS, give_way_to_calls


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id() if sys.platform == "linux" else 0)


def test_a_thread_gives_way_and_so_do_the_threads_it_starts() -> None:
    seen: list[int] = []
    before = niceness()

    def work() -> None:
        give_way_to_calls()
        inner = threading.Thread(target=lambda: seen.append(niceness()))
        inner.start()
        inner.join()
        seen.append(niceness())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    expected = max(before, BEHIND_CALLS) if sys.platform == "linux" else before
    assert seen == [expected, expected]
    assert niceness() == before
