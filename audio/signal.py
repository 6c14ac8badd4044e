"""Signals and their rates, told apart by type: a function that takes 8 kHz cannot be handed 16 kHz."""

from typing import NewType

import numpy as np
from numpy.typing import NDArray

TELEPHONE_HZ = 8000
"""The rate of the telephone: mu-law, one byte a sample."""

EAR_HZ = 16000
"""The rate that activity detection and recognition work at."""

MULAW_BYTES_PER_MS = TELEPHONE_HZ // 1000

Samples = NDArray[np.float32]
"""Mono float32 within -1..1, shape (n,), of a rate named beside it."""

Samples8k = NewType("Samples8k", NDArray[np.float32])
"""Mono float32 within -1..1, shape (n,), 8,000 a second."""

Samples16k = NewType("Samples16k", NDArray[np.float32])
"""Mono float32 within -1..1, shape (n,), 16,000 a second."""

MuLaw = NewType("MuLaw", bytes)
"""G.711 mu-law without a header, 8,000 bytes a second."""


def mulaw_ms(audio: MuLaw) -> int:
    """The length of telephone audio in whole milliseconds, rounded up."""
    return -(-len(audio) // MULAW_BYTES_PER_MS)
