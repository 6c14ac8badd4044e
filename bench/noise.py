"""What the ear makes of sounds that are no words: `python -m bench.noise [--speech FOLDER] [--seconds 60]`.

Each kind of sound is one call of its own to a real `Ear` with the real Whisper, its questions answered in order. So
is then each clip of noise by itself, which is harder: it begins at once, and the detector of speech has heard
nothing before. FOLDER holds a manifest.tsv and 8 kHz recordings; without it only the sounds that are made here are
heard. A last table shows what the gate costs in short words: sets of FOLDER, or sentences by the Piper voice `joe`.

The columns: turns begun, decodings asked for (finals and partials), keys found by the DTMF detector, words written
by the recogniser, words kept by `audio.speech_gate`, and words that the ear told. Words are those of final decodings.
"""

import argparse
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from audio.activity import ActivityModel
from audio.dtmf import DtmfDetector
from audio.ear import Ear
from audio.ear_events import DecodePurpose, DecodeWanted, EarEvent, SpeechStarted, TurnEnded, Utterance
from audio.endpointing import CHUNK_MS
from audio.models import fetch_model
from audio.mulaw import decode_mulaw, encode_mulaw
from audio.signal import Samples8k
from audio.speech_gate import doubt, speech_facts
from audio.transcriber import Recogniser
from audio.transcript import Transcript
from audio.voice.piper import PiperVoice
from bench import noise_streams
from bench.wer import word_errors, words

FRAME_BYTES: Final = 160
HISS: Final = 5e-4
"""The line's own noise, -66 dB."""

LEAD_MS: Final = 500
TAIL_MS: Final = 1_500
LEVELS_DB: Final = (0.0, -6.0, -12.0, 6.0)
WORD_SETS: Final = ("en_digits_fsdd", "en_words_speechcommands", "en_commands_picovoice_barista")
BACKGROUND_SETS: Final = ("en_commands_picovoice_barista", "en_emotion_ravdess")
SENTENCES: Final = (
    "Yes.",
    "No.",
    "Seven.",
    "Stop it.",
    "My order has not come.",
    "Please send me a new invoice.",
)


@dataclass(frozen=True)
class HeardTurn:
    """A turn that ended: what the recogniser wrote, and whether the gate keeps it."""

    text: str
    kept: bool


@dataclass
class Heard:
    """What came of one call."""

    begun: int = 0
    decodings: int = 0
    keys: int = 0
    turns: list[HeardTurn] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def written(self) -> str:
        """All that the recogniser wrote."""
        return " ".join(turn.text for turn in self.turns if turn.text)

    @property
    def kept(self) -> str:
        """What of it the gate keeps."""
        return " ".join(turn.text for turn in self.turns if turn.text and turn.kept)


class Listening(ActivityModel):
    """The detector of speech, which also keeps the probabilities of the call at hand."""

    def __init__(self) -> None:
        super().__init__()
        self.probabilities: list[float] = []

    def run(
        self, chunks: NDArray[np.float32], *, h: NDArray[np.float32], c: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """As the model; the probabilities are kept."""
        result = super().run(chunks, h=h, c=c)
        self.probabilities += [float(probability) for probability in np.ravel(result[0])]
        return result


def hear(samples: Samples8k, *, model: Listening, recogniser: Recogniser) -> Heard:
    """One call with `samples` between two silences, over the hiss of a line."""
    hiss = np.random.default_rng(7).standard_normal(len(samples) + (LEAD_MS + TAIL_MS) * 8) * HISS
    hiss[LEAD_MS * 8 : LEAD_MS * 8 + len(samples)] += samples
    audio = encode_mulaw(Samples8k(hiss.astype(np.float32)))
    model.probabilities = []
    ear, dtmf, heard = Ear(model), DtmfDetector(), Heard()
    finals: dict[int, Transcript] = {}
    for begin in range(0, len(audio), FRAME_BYTES):
        frame = audio[begin : begin + FRAME_BYTES]
        heard.keys += len(dtmf.feed(decode_mulaw(frame)))
        events: list[EarEvent] = list(ear.feed(frame, start_ms=begin // 8))
        for event in events:  # grows while answers bring more
            if isinstance(event, DecodeWanted):
                heard.decodings += 1
                transcript = recogniser.transcribe(event.samples)
                if event.purpose is DecodePurpose.FINAL:
                    finals[event.start_ms] = transcript
                events += ear.decoded(event.job_id, transcript)
            elif isinstance(event, SpeechStarted):
                heard.begun += 1
            elif isinstance(event, TurnEnded):
                turn = model.probabilities[event.start_ms // CHUNK_MS : event.end_ms // CHUNK_MS]
                transcript = finals[event.start_ms]
                kept = doubt(transcript, facts=speech_facts(turn)) is None
                heard.turns.append(HeardTurn(transcript.text, kept))
            elif isinstance(event, Utterance):
                heard.told.append(event.transcript.text)
    return heard


def merged(calls: Sequence[Heard]) -> Heard:
    """Several calls counted as one."""
    return Heard(
        begun=sum(one.begun for one in calls),
        decodings=sum(one.decodings for one in calls),
        keys=sum(one.keys for one in calls),
        turns=[turn for one in calls for turn in one.turns],
        told=[text for one in calls for text in one.told],
    )


@dataclass(frozen=True)
class Loss:
    """What became of clips of which the words are known."""

    clips: int
    missed: int  # clips in which no turn began
    wordless: int  # clips with a turn and no words
    dropped: int  # clips whose words were written and are not kept
    dropped_right: int  # the same, and they were the right ones
    errors_before: int  # wrong words of what was written
    errors_after: int  # wrong words of what is kept
    said: int  # words


def loss(pairs: Iterable[tuple[str, Heard]]) -> Loss:
    """What (said, heard) pairs show, before and after the gate."""
    listed = [(words(said), heard) for said, heard in pairs]
    dropped = [(said, heard) for said, heard in listed if heard.written and not heard.kept]
    return Loss(
        clips=len(listed),
        missed=sum(heard.begun == 0 for _, heard in listed),
        wordless=sum(heard.begun > 0 and not heard.written for _, heard in listed),
        dropped=len(dropped),
        dropped_right=sum(words(heard.written) == said for said, heard in dropped),
        errors_before=sum(word_errors(said, words(heard.written)) for said, heard in listed),
        errors_after=sum(word_errors(said, words(heard.kept)) for said, heard in listed),
        said=sum(len(said) for said, _ in listed),
    )


def noise_table(rows: Sequence[tuple[str, Heard]], *, title: str) -> Table:
    """One row for each kind of sound."""
    table = Table(title=title)
    table.add_column("sound")
    for column in ("turns", "decodings", "keys", "words written", "kept", "told"):
        table.add_column(column, justify="right")
    table.add_column("what was written")
    for kind, heard in rows:
        texts = [f"{'' if turn.kept else '-'}{turn.text}" for turn in heard.turns if turn.text]
        counts = [heard.begun, heard.decodings, heard.keys]
        counts += [len(words(text)) for text in (heard.written, heard.kept, " ".join(heard.told))]
        table.add_row(kind, *map(str, counts), "; ".join(texts))
    return table


def loss_table(rows: Sequence[tuple[str, Loss]]) -> Table:
    """One row for each set of clips; without transcripts its error rates are unknown."""
    table = Table(title="what the gate costs in words")
    table.add_column("set")
    columns = ("clips", "no turn", "turn, no words", "dropped", "of them right", "WER before", "WER after")
    for column in columns:
        table.add_column(column, justify="right")
    for name, lost in rows:
        counts = (lost.clips, lost.missed, lost.wordless, lost.dropped, lost.dropped_right)
        errors = (lost.errors_before, lost.errors_after)
        rates = [f"{wrong / lost.said:.3f}" if lost.said else "unknown" for wrong in errors]
        table.add_row(name, *map(str, counts), *rates)
    return table


def _clips(folder: Path | None) -> dict[str, list[tuple[str, Samples8k]]]:
    """Clips with what was said in them, by set."""
    if folder is None:
        voice = PiperVoice("joe")
        return {"joe": [(line, decode_mulaw(voice.render(line))) for line in SENTENCES]}
    rows = noise_streams.manifest(folder)
    return {
        name: [
            (row["transcript"], noise_streams.read(folder / row["audio"]))
            for row in rows
            if row["set"] == name
        ]
        for name in WORD_SETS
    }


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--seconds", type=int, default=60, help="the length of each stream")
    asked = parser.parse_args()
    # Whisper is slow to import, and the tests of what is above do without it.
    from audio.whisper import Whisper  # noqa: PLC0415

    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    whisper = Whisper.load(fetch_model("auto", cache=home / "models", report=print))
    model, ms = Listening(), asked.seconds * 1000
    streams = noise_streams.made(ms=ms)
    if asked.speech:
        streams = noise_streams.recorded(asked.speech, ms=ms) | streams
    sets = _clips(asked.speech)
    others = [samples for clips in sets.values() for _, samples in clips if len(samples) > 8_000]
    if asked.speech:
        rows = noise_streams.manifest(asked.speech)
        names = [row["audio"] for row in rows if row["set"] in BACKGROUND_SETS]
        others = [noise_streams.read(asked.speech / name) for name in names]
    behind = noise_streams.background(others, ms=ms, music=streams.get("hold music", streams["music (made)"]))
    console = Console(width=150)
    heard = [(kind, hear(stream, model=model, recogniser=whisper)) for kind, stream in streams.items()]
    console.print(noise_table(heard, title=f"{asked.seconds} s of each sound"))
    if asked.speech:
        recordings = noise_streams.clips(asked.speech)
        apart = [
            (f"{level:+.0f} dB", merged([hear(clip, model=model, recogniser=whisper) for clip in louder]))
            for level in LEVELS_DB
            for louder in [[noise_streams.amplified(clip, db=level) for clip in recordings]]
        ]
        title = f"{len(recordings)} clips of noise, each the whole of a call, at their own level and others"
        console.print(noise_table(apart, title=title))
    told = sum(len(words(" ".join(one.told))) for _, one in heard)
    kept = sum(len(words(one.kept)) for _, one in heard)
    console.print(
        f"together: {sum(one.begun for _, one in heard)} turns, {kept} words kept, {told} words told"
    )
    heard = [(kind, hear(stream, model=model, recogniser=whisper)) for kind, stream in behind.items()]
    console.print(noise_table(heard, title="other people's speech at -30 dB (apart: these are words)"))
    losses = [
        (name, loss((said, hear(samples, model=model, recogniser=whisper)) for said, samples in clips))
        for name, clips in sets.items()
    ]
    console.print(loss_table(losses))


if __name__ == "__main__":
    main()
