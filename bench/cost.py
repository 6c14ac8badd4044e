"""What something costs: CPU time of this process, with all its threads, and time on the clock."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def cpu_ms_of(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result of some work and the CPU time of the process that it took, in ms."""
    result, cpu_ms, _ = cost_of(work)
    return result, cpu_ms


def cost_of(work: Callable[[], Result]) -> tuple[Result, float, float]:
    """The result of some work, its CPU time and its time on the clock, both in ms."""
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    result = work()
    cpu_s, took_s = time.process_time() - began_cpu_s, time.perf_counter() - began_s
    return result, cpu_s * 1000, took_s * 1000
