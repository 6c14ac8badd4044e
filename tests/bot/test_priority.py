"""Threads that give way."""

import os
import sys
import threading

import numpy as np
from threadpoolctl import threadpool_info

from bot.priority import BEHIND_CALLS, give_way_to_calls, work_in_one_thread


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


def test_linear_algebra_works_in_one_thread() -> None:
    assert np.ones(3) @ np.ones(3) == 3  # numpy's library is loaded
    work_in_one_thread()
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}
