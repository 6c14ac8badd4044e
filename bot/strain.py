"""Whether this process can serve one more call well, judged by what was measured in the last 20 seconds. Pure."""

from typing import Final

MAX_WAIT_S: Final = 0.5
"""The words of a turn come about 0.3 s before the line would answer: with more waiting than this callers notice."""

MAX_BUSY_SHARE: Final = 0.9
MAX_LOOP_DELAY_MS: Final = 200.0
"""Audio is sent 400 ms ahead of what the caller hears: a loop that is often late by half of it is near a gap."""


def strain(*, wait_s: float, busy_share: float, loop_delay_ms: float) -> str:
    """Why another call could not be served well, in a sentence for the log; "" when it could.

    `wait_s` is what nine of ten turns waited for the recogniser at most, `loop_delay_ms` what 99 of 100 delays of the
    event loop did not exceed.
    """
    if wait_s > MAX_WAIT_S:
        return f"turns wait {wait_s:.1f} s for the recogniser"
    if busy_share > MAX_BUSY_SHARE:
        return f"the recogniser is busy {busy_share:.0%} of the time"
    if loop_delay_ms > MAX_LOOP_DELAY_MS:
        return f"the event loop is {loop_delay_ms:.0f} ms late"
    return ""
