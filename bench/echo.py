"""What the line's own voice, coming back as echo, does to the ear: `python -m bench.echo [--lines N] [--callers N]`.

Fifty real phrases of the line are spoken by eSpeak and by the Piper voice `joe` and come back over echo paths of
several levels and delays: how many of them begin a turn, without suppression and with it? Then callers speak over
the line and its echo: how many are noticed, how much later than without echo, and how well does Whisper read what
is left of them? Every line is a call of its own, so the path is unknown when the line begins.
"""

import argparse
import os
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import yaml
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from audio.activity import Activity, ActivityModel
from audio.echo import EchoSuppressor, Suppressed
from audio.endpointing import CHUNK_MS, End, Endpointing, Onset
from audio.models import fetch_model
from audio.mulaw import decode_mulaw, encode_mulaw, silence
from audio.resample import Upsampler
from audio.signal import MULAW_BYTES_PER_MS, TELEPHONE_HZ, MuLaw, Samples8k, Samples16k
from audio.voice.espeak import EspeakVoice
from audio.voice.piper import PITCHES, PiperVoice
from audio.voice.port import Voice
from audio.whisper import Whisper
from bench.wer import word_error_rate

PHRASES: Final = Path(__file__).parents[1] / "flows/languages/en/phrases.yaml"
FRAME_MS: Final = 20
LINE_START_MS: Final = 500
CALLER_AFTER_MS: Final = 1_500
SENT_MS: Final = 100
"""The line is given to the suppressor as the ledger gives it out: in pieces of 100 ms, 400 ms ahead."""
AHEAD_MS: Final = 400

CALLERS: Final = (
    "No, wait a moment.",
    "Stop, that is not what I asked.",
    "I want to speak to a manager.",
    "Yes, I know all that already.",
    "My parcel has still not arrived.",
    "Excuse me, I only want my money back.",
    "Listen, I have called three times already.",
    "Please let me finish.",
    "That is wrong, you charged my card twice.",
    "Hello? Can you hear me?",
    "I do not want to talk to a machine.",
    "Cancel the order, please.",
)

WORDS_FOR_SLOTS: Final = "Monday morning"


class Suppressor(Protocol):
    """What is measured: `audio.echo.EchoSuppressor`, or a library behind the same three methods."""

    def line(self, payload: MuLaw, *, start_ms: int) -> None:
        """The line sends this."""

    def suppress(self, samples: Samples8k, *, start_ms: int) -> Suppressed:
        """The caller's audio without the line's echo."""


@dataclass(frozen=True)
class EchoPath:
    """How the line's voice comes back.

    `level_db` against what was sent, `delay_ms` after the time the reference names, spread by a room for
    `room_ms` (60 dB down at its end), moved by `jump_ms` in the middle of the line, over noise of `noise_dbfs`.
    """

    level_db: float = -20.0
    delay_ms: int = 150
    room_ms: int = 0
    jump_ms: int = 0
    noise_dbfs: float = -80.0

    @property
    def name(self) -> str:
        """For the table."""
        extras = (
            (f"room {self.room_ms} ms", self.room_ms),
            (f"jump {self.jump_ms:+} ms", self.jump_ms),
            (f"noise {self.noise_dbfs:g} dBFS", self.noise_dbfs > -80),
        )
        if self.level_db <= -100:
            return "no echo"
        return ", ".join(
            [f"{self.level_db:g} dB {self.delay_ms} ms", *(text for text, is_there in extras if is_there)]
        )


PATHS: Final = (
    *(EchoPath(level_db, delay_ms) for level_db in (-20.0, -10.0, -30.0) for delay_ms in (150, 50, 300)),
    EchoPath(-20.0, 550),
    EchoPath(-20.0, 150, room_ms=100),
    EchoPath(-10.0, 150, room_ms=100),
    EchoPath(-20.0, 150, jump_ms=20),
    EchoPath(-20.0, 150, jump_ms=40),
    EchoPath(-20.0, 150, jump_ms=-40),
    EchoPath(-10.0, 150, room_ms=100, jump_ms=40),
    EchoPath(-20.0, 150, noise_dbfs=-50.0),
    EchoPath(-30.0, 150, noise_dbfs=-50.0),
)
DOUBLE_TALK_PATHS: Final = (
    EchoPath(-20.0, 150),
    EchoPath(-10.0, 150),
    EchoPath(-30.0, 150),
    EchoPath(-20.0, 300, room_ms=100),
    EchoPath(-20.0, 150, jump_ms=40),
    EchoPath(-20.0, 150, noise_dbfs=-50.0),
    EchoPath(-100.0, 0),
)


def impulse_response(path: EchoPath, *, seed: int = 0) -> NDArray[np.float32]:
    """The path without its delay: a telephone's band (300 to 3400 Hz, softly), and the room if there is one.

    Scaled so that white noise comes back at `level_db`.
    """
    bins = np.fft.rfftfreq(64, 1 / TELEPHONE_HZ)
    band = 1 / (1 + (250 / np.maximum(bins, 1)) ** 4) / (1 + (bins / 3400) ** 8)
    response = np.roll(np.fft.irfft(band), 12)[:32]
    if path.room_ms:
        length = path.room_ms * MULAW_BYTES_PER_MS
        rng = np.random.default_rng(seed)
        tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length) * 0.15
        tail[:16] = 0
        tail[0] = 1
        response = np.convolve(response, tail)
    scaled = response * 10 ** (path.level_db / 20) / np.sqrt(np.sum(response**2))
    return np.asarray(scaled, dtype=np.float32)


def echo_of(line: Samples8k, path: EchoPath, *, length: int, seed: int = 0) -> Samples8k:
    """What comes back of `line` in `length` samples that begin with it; noise and codec are not in it."""
    back = np.convolve(line, impulse_response(path, seed=seed)).astype(np.float32)
    out = np.zeros(length + 4 * TELEPHONE_HZ, dtype=np.float32)
    delay = path.delay_ms * MULAW_BYTES_PER_MS
    middle = len(line) // 2
    late = delay + path.jump_ms * MULAW_BYTES_PER_MS
    out[delay : delay + middle] = back[:middle]
    out[middle + late : late + len(back)] = back[middle:]
    return Samples8k(out[:length])


def call_audio(
    line: Samples8k | None, path: EchoPath, *, caller: Samples8k | None = None, seed: int = 0
) -> Samples8k:
    """The caller's side of a call in which the line speaks at `LINE_START_MS`, as mu-law carries it.

    `caller` speaks `CALLER_AFTER_MS` later. Without a `line` there is no echo.
    """
    line_length = 0 if line is None else len(line)
    caller_start = (LINE_START_MS + CALLER_AFTER_MS) * MULAW_BYTES_PER_MS
    caller_end = 0 if caller is None else caller_start + len(caller)
    length = max(LINE_START_MS * MULAW_BYTES_PER_MS + line_length, caller_end) + TELEPHONE_HZ * 3 // 2
    length += -length % (FRAME_MS * MULAW_BYTES_PER_MS)
    rng = np.random.default_rng(seed)
    signal = (rng.standard_normal(length) * 10 ** (path.noise_dbfs / 20)).astype(np.float32)
    if line is not None:
        start = LINE_START_MS * MULAW_BYTES_PER_MS
        signal[start:] += echo_of(line, path, length=length - start, seed=seed)
    if caller is not None:
        signal[caller_start : caller_start + len(caller)] += caller
    return decode_mulaw(encode_mulaw(Samples8k(signal)))


def suppressed(audio: Samples8k, line: MuLaw, *, by: Suppressor) -> tuple[Suppressed, float]:
    """`audio` in frames of 20 ms through a suppressor that is told of the line as it is sent; and CPU seconds."""
    frame = FRAME_MS * MULAW_BYTES_PER_MS
    out: list[Suppressed] = []
    sent_ms = 0
    began = time.process_time()
    for begin in range(0, len(audio), frame):
        now_ms = begin // MULAW_BYTES_PER_MS
        while (
            sent_ms * MULAW_BYTES_PER_MS < len(line)
            and LINE_START_MS + sent_ms <= now_ms + AHEAD_MS
            and now_ms >= LINE_START_MS
        ):
            piece = line[sent_ms * MULAW_BYTES_PER_MS : (sent_ms + SENT_MS) * MULAW_BYTES_PER_MS]
            by.line(MuLaw(piece), start_ms=LINE_START_MS + sent_ms)
            sent_ms += SENT_MS
        out.append(by.suppress(Samples8k(audio[begin : begin + frame]), start_ms=now_ms))
    spent_s = time.process_time() - began
    activity, words = (Samples8k(np.concatenate(side)) for side in zip(*out, strict=True))
    return Suppressed(activity, words), spent_s


@dataclass(frozen=True)
class Heard:
    """What the ear made of a call: when turns were noticed, and the audio of all of them."""

    onsets_ms: tuple[int, ...]
    turns: Samples16k


def hear(audio: Suppressed, model: ActivityModel) -> Heard:
    """The ear's own chain: upsampler, activity, endpointing; the turns are cut out of the audio for words."""
    tail = np.zeros(TELEPHONE_HZ, np.float32)
    upsampled, words = (Upsampler().feed(Samples8k(np.concatenate((side, tail)))) for side in audio)
    endpointing, onsets, turns, began_ms = Endpointing(), list[int](), list[Samples16k](), 0
    for number, probability in enumerate(Activity(model).feed(upsampled)):
        for sign in endpointing.feed(probability, start_ms=number * CHUNK_MS):
            if isinstance(sign, Onset):
                onsets.append(sign.at_ms)
                began_ms = sign.start_ms
            elif isinstance(sign, End):
                turns.append(Samples16k(words[began_ms * 16 : (sign.end_ms + 200) * 16]))
    whole = np.concatenate(turns) if turns else np.zeros(0, dtype=np.float32)
    return Heard(tuple(onsets), Samples16k(whole))


def phrases(count: int) -> list[str]:
    """`count` sentences of the line, spread over all purposes; slots are filled with two plain words."""
    purposes = yaml.safe_load(PHRASES.read_text(encoding="utf-8")).values()
    texts = [re.sub(r"\{[^}]*\}", WORDS_FOR_SLOTS, purpose["variants"][0]) for purpose in purposes]
    return [texts[number * len(texts) // count] for number in range(min(count, len(texts)))]


@dataclass(frozen=True)
class EchoFigures:
    """Of lines that come back: which begin a turn, and CPU seconds per second of audio."""

    turns: tuple[int, ...]
    cpu_share: float


def measure_echo(
    lines: Sequence[MuLaw], path: EchoPath, model: ActivityModel, *, by: Callable[[], Suppressor] | None
) -> EchoFigures:
    """Each line in a call of its own, through a new suppressor from `by`, or through none."""
    turns, cpu_s, audio_s = list[int](), 0.0, 0.0
    for number, line in enumerate(lines):
        audio = call_audio(decode_mulaw(line), path, seed=number)
        audio_s += len(audio) / TELEPHONE_HZ
        left = Suppressed(audio, audio)
        if by is not None:
            left, spent_s = suppressed(audio, line, by=by())
            cpu_s += spent_s
        if hear(left, model).onsets_ms:
            turns.append(number)
    return EchoFigures(tuple(turns), cpu_s / audio_s)


@dataclass(frozen=True)
class DoubleTalk:
    """A caller over the line and its echo: what was said, the turns without any line, and those with it."""

    said: str
    alone: Heard
    over: Heard
    caller_ms: tuple[int, int]

    @property
    def delay_ms(self) -> int | None:
        """How much later the caller was noticed than without line and echo; None if not while speaking."""
        begin_ms, end_ms = self.caller_ms
        noticed = [at_ms for at_ms in self.over.onsets_ms if begin_ms < at_ms < end_ms + 200]
        return noticed[0] - self.alone.onsets_ms[0] if noticed and self.alone.onsets_ms else None

    @property
    def false_turns(self) -> int:
        """Turns that began while the caller was silent."""
        begin_ms, end_ms = self.caller_ms
        return sum(not begin_ms < at_ms < end_ms + 200 for at_ms in self.over.onsets_ms)


def measure_double_talk(
    lines: Sequence[MuLaw],
    callers: Sequence[tuple[str, MuLaw]],
    path: EchoPath,
    model: ActivityModel,
    *,
    by: Callable[[], Suppressor],
) -> list[DoubleTalk]:
    """Each caller in a call of its own, 1.5 s after a line of 7 s at most has begun."""
    heard = list[DoubleTalk]()
    for number, (said, voice) in enumerate(callers):
        caller = decode_mulaw(voice)
        chosen = [lines[(number * step + step) % len(lines)] for step in (2, 5, 7)]
        line = MuLaw(silence(200).join(chosen)[: 7_000 * MULAW_BYTES_PER_MS])
        alone = call_audio(None, EchoPath(noise_dbfs=path.noise_dbfs), caller=caller, seed=number)
        both = call_audio(decode_mulaw(line), path, caller=caller, seed=number)
        left, _ = suppressed(both, line, by=by())
        begin_ms = LINE_START_MS + CALLER_AFTER_MS
        span_ms = (begin_ms, begin_ms + len(caller) // MULAW_BYTES_PER_MS)
        heard.append(DoubleTalk(said, hear(Suppressed(alone, alone), model), hear(left, model), span_ms))
    return heard


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=50)
    parser.add_argument("--callers", type=int, default=24)
    asked = parser.parse_args()
    console, model, texts = Console(), ActivityModel(), phrases(asked.lines)
    espeak = rendered(EspeakVoice("en"), texts)
    natural = rendered(PiperVoice("joe"), texts[::2])
    table = Table(title=f"turns begun by echo: {len(espeak)} lines of eSpeak, {len(natural)} of Piper")
    for column in ("echo path", "none: eSpeak", "eSpeak", "Piper", "CPU of a core"):
        table.add_column(column, justify="left" if column == "echo path" else "right")
    for path in PATHS:
        without = measure_echo(espeak, path, model, by=None)
        plain = measure_echo(espeak, path, model, by=EchoSuppressor)
        human = measure_echo(natural, path, model, by=EchoSuppressor)
        turns = (str(len(figures.turns)) for figures in (without, plain, human))
        table.add_row(path.name, *turns, f"{plain.cpu_share:.2%}")
    console.print(table)

    voices = [PiperVoice("joe", pitch=pitch, length_scale=1.0) for pitch in PITCHES]
    callers = [(text, voice.render(text)) for text in CALLERS for voice in voices][: asked.callers]
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    whisper = Whisper.load(fetch_model("auto", cache=home / "models", report=print))
    table = Table(title=f"{len(callers)} callers who speak over the line and its echo")
    for column in ("echo path", "noticed", "later by, mean", "at most", "false turns", "WER", "WER alone"):
        table.add_column(column, justify="left" if column == "echo path" else "right")
    for path in DOUBLE_TALK_PATHS:
        talks = measure_double_talk(espeak, callers, path, model, by=EchoSuppressor)
        delays_ms = [talk.delay_ms for talk in talks if talk.delay_ms is not None]
        table.add_row(
            path.name,
            f"{len(delays_ms)} of {len(talks)}",
            f"{statistics.mean(delays_ms or [0]):.0f} ms",
            f"{max(delays_ms, default=0)} ms",
            str(sum(talk.false_turns for talk in talks)),
            f"{wer(whisper, [(talk.said, talk.over) for talk in talks]):.3f}",
            f"{wer(whisper, [(talk.said, talk.alone) for talk in talks]):.3f}",
        )
    console.print(table)


def rendered(voice: Voice, texts: Sequence[str]) -> list[MuLaw]:
    """The texts as the line would send them."""
    return [voice.render(text) for text in texts]


def wer(whisper: Whisper, talks: Sequence[tuple[str, Heard]]) -> float:
    """The word error rate of what Whisper reads in the turns; no turn has no words."""
    return word_error_rate(
        [
            (said, whisper.transcribe(heard.turns, language="en").text if len(heard.turns) else "")
            for said, heard in talks
        ]
    )


if __name__ == "__main__":
    main()
