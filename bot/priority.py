"""The priority of threads: decoding gives way to the event loop, on which the audio of all calls depends."""

import os
import sys
import threading
from typing import Final

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
