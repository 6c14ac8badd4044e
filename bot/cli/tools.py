"""`calmline transcribe`, `say` and `understand`: the parts of the line, useful by themselves."""

import io
import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from audio.activity import ActivityModel
from audio.errors import RecordingFailed
from audio.model_choice import model_for
from audio.mulaw import decode_mulaw
from audio.recordings import read_recording, write_wav
from audio.segments import transcribe_long
from audio.signal import EAR_HZ, TELEPHONE_HZ, Samples16k
from audio.voice.choose import open_voice
from audio.whisper import Whisper
from bot.cli.context import made_home, progress, settings
from flows.abuse import is_strike
from flows.meaning import understand as meaning_of

LANGUAGES = "A language tag, as in flows/languages."


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--lang", default="en", show_default=True, help=LANGUAGES)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a file, with windows, costs and retries."
)
def transcribe(files: tuple[Path, ...], lang: str, as_json: bool) -> None:
    """Write down what is said in FILES.

    WAV, FLAC or OGG, of any rate and any length.

    \b
    Example:
      calmline transcribe --json complaint.wav
    """
    recordings = [read_recording(file, target_hz=EAR_HZ) for file in files]
    chosen = settings()
    cache = made_home(chosen) / "models"
    with progress("loading the model") as report:
        choice, folder = model_for((lang,), wished=chosen.whisper_model, cache=cache, report=report)
        whisper = Whisper.load(folder, device=choice.device, compute_type=choice.compute_type)
    activity_model = ActivityModel()
    for file, samples in zip(files, recordings, strict=True):
        segments = transcribe_long(whisper, activity_model, Samples16k(samples), language=lang)
        text = " ".join(segment.transcript.text for segment in segments if segment.transcript.text)
        if not as_json:
            click.echo(text if len(files) == 1 else f"{file}: {text}")
            continue
        found = {
            "file": str(file),
            "text": text,
            "language": lang,
            "seconds": round(len(samples) / EAR_HZ, 3),
            "window_ms": max((segment.transcript.window_ms for segment in segments), default=0),
            "cpu_s": round(sum(segment.transcript.cpu_ms for segment in segments) / 1000, 3),
            "retries": sum(segment.transcript.retries for segment in segments),
            "segments": [
                {"start_ms": segment.start_ms, "end_ms": segment.end_ms, **asdict(segment.transcript)}
                for segment in segments
            ],
        }
        click.echo(json.dumps(found, ensure_ascii=False))


@click.command()
@click.argument("text")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The WAV file to write (8 kHz)."
)
@click.option("--lang", default="en", show_default=True, help=LANGUAGES)
@click.option("--voice", default="", help="A voice of `calmline models`; the language's own when left out.")
def say(text: str, output: Path, lang: str, voice: str) -> None:
    """Speak TEXT into a file, as a caller would hear it.

    \b
    Example:
      calmline say "Good morning." -o morning.wav
    """
    name = voice or f"espeak/{lang}"
    audio = open_voice(name).render(text)
    try:
        write_wav(output, decode_mulaw(audio), hz=TELEPHONE_HZ)
    except RecordingFailed as error:
        hint = "Give -o a file in a folder that exists and has room."
        raise click.ClickException(f"{error.reason.rstrip('.')}. {hint}") from error
    click.echo(f"{output}: {len(audio) / TELEPHONE_HZ:.1f} s")


@click.command()
@click.option("--lang", default="en", show_default=True, help=LANGUAGES)
def understand(lang: str) -> None:
    """Judge utterances from standard input.

    One a line in, one JSON object a line out: probabilities, evidence, labels.

    \b
    Example:
      echo "I have been waiting for an hour" | calmline understand
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # a stray byte is no reason to stop
    for line in sys.stdin:
        text = line.rstrip("\n")
        meaning = meaning_of(text, language=lang)
        judged = {"text": text, **asdict(meaning), "strike": is_strike(meaning, confidence=1.0)}
        click.echo(json.dumps(judged, ensure_ascii=False))
