"""Threads and their priority: decoding gives way to the event loop, on which the audio of all calls depends."""

import os
import sys
import threading
from typing import Final

from threadpoolctl import threadpool_limits

BEHIND_CALLS: Final = 5
"""Niceness of the decoders. They still get a third of a core that the event loop wants as well."""


def give_way_to_calls() -> None:
    """Lower the priority of this thread, and of every thread that it starts from now on.

    Linux keeps a niceness for each thread; elsewhere, or where the system does not allow it, nothing is changed.
    """
    if sys.platform == "linux":
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND_CALLS)
        except OSError:  # a sandbox forbids it: the line works, only less evenly under load
            return


def work_in_one_thread() -> None:
    """Let numpy's linear algebra work in the thread that asks for it.

    The ear multiplies small matrices fifty times a second for every call. Other threads gain nothing on those and keep
    a core busy with waiting for the next: with eight calls they took a tenth of a core.
    """
    threadpool_limits(limits=1, user_api="blas")
