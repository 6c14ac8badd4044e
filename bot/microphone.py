"""A caller at this machine's microphone and loudspeaker, for `calmline call --mic`."""

from collections import deque
from typing import Any, Final

import numpy as np

from audio.errors import VoiceUnavailable
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.signal import TELEPHONE_HZ, MuLaw, Samples8k
from bot.simulator.caller import Span
from bot.simulator.loudness import SILENCE

FRAME_SAMPLES: Final = TELEPHONE_HZ * 20 // 1000
BEHIND_FRAMES: Final = 25
"""The microphone may be half a second ahead of the call; older sound is dropped."""


class MicrophoneCaller:
    """Speaks what the microphone hears, and plays the line. Needs the `sounddevice` package and a sound device.

    Raises VoiceUnavailable when there is none.
    """

    def __init__(self) -> None:
        self._heard: deque[bytes] = deque(maxlen=BEHIND_FRAMES)
        self._to_play: deque[bytes] = deque()
        self._device = _open_device(self._exchange)
        self._device.start()

    def next_frame(self, now_ms: int, line_audible: bool) -> bytes:
        """What the microphone heard in the last 20 ms."""
        del now_ms, line_audible
        return self._heard.popleft() if self._heard else SILENCE

    def hear(self, frame: bytes) -> None:
        """Play 20 ms of the line."""
        self._to_play.append(frame)

    def keys_pressed(self) -> str:
        """A microphone has no keys."""
        return ""

    @property
    def has_hung_up(self) -> bool:
        """The caller hangs up by ending the command (Ctrl-C)."""
        return False

    @property
    def turns_spoken(self) -> tuple[Span, ...]:
        """Nobody wrote down when this caller spoke."""
        return ()

    def _exchange(self, incoming: Any, outgoing: Any, frames: int, *_status: object) -> None:
        """In the sound device's thread: take 20 ms from the microphone, give 20 ms to the loudspeaker."""
        self._heard.append(encode_mulaw(Samples8k(incoming[:, 0].astype(np.float32))))
        frame = self._to_play.popleft() if self._to_play else SILENCE
        outgoing[:, 0] = decode_mulaw(MuLaw(frame))[:frames]


def _open_device(exchange: Any) -> Any:
    """A duplex stream of 8 kHz mono. Raises VoiceUnavailable."""
    try:
        import sounddevice  # noqa: PLC0415 - optional: most machines that run a line have no sound device
    except (ImportError, OSError) as error:
        hint = "Install the package sounddevice (and PortAudio), or give recordings instead of --mic."
        raise VoiceUnavailable("microphone", "no sound library", hint) from error
    try:
        return sounddevice.Stream(
            samplerate=TELEPHONE_HZ, blocksize=FRAME_SAMPLES, channels=1, dtype="float32", callback=exchange
        )
    except sounddevice.PortAudioError as error:
        hint = "Give recordings instead of --mic."
        raise VoiceUnavailable("microphone", f"no usable sound device ({error})", hint) from error
