"""What comes out of a voice, measured and read back."""

import re

import numpy as np

from audio.mulaw import decode_mulaw
from audio.resample import resample
from audio.signal import EAR_HZ, TELEPHONE_HZ, MuLaw, Samples8k, Samples16k
from audio.whisper import Whisper

SENTENCE = "Thank you for calling. How may I help you today?"


def samples(audio: MuLaw) -> Samples8k:
    return decode_mulaw(audio)


def words(whisper: Whisper, audio: MuLaw) -> list[str]:
    """What the recogniser makes of `audio`, in small letters."""
    heard = resample(decode_mulaw(audio), orig_hz=TELEPHONE_HZ, target_hz=EAR_HZ)
    return re.findall(r"[a-z']+", whisper.transcribe(Samples16k(heard)).text.lower())


def share_of_power(audio: MuLaw, low_hz: float, high_hz: float) -> float:
    """How much of the power of `audio` lies between two frequencies."""
    power = np.abs(np.fft.rfft(decode_mulaw(audio))) ** 2
    frequencies = np.fft.rfftfreq(len(audio), 1 / TELEPHONE_HZ)
    within = (frequencies >= low_hz) & (frequencies < high_hz)
    return float(power[within].sum() / power.sum())
