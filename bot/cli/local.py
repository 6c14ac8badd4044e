"""`calmline call` and `calmline demo`: calls on this machine, without a telephone network."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from audio.mulaw import encode_mulaw
from audio.recordings import read_recording
from audio.signal import TELEPHONE_HZ, MuLaw, Samples8k
from bot.cli.context import made_home, progress, settings
from bot.demo import demo_caller, demo_calls
from bot.journal import read_log
from bot.local_call import LocalCall, loopback, place_call
from bot.microphone import MicrophoneCaller
from bot.replay import replay
from bot.server import LineServer, configure_logging, running
from bot.simulator.caller import Caller, PlayedCaller, Turn

_SVG_WITHOUT_WEB_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's drawing would load its font from the web; a monospaced font of the reader's does as well."""

WIDTH = 110
"""The width of a call's report where there is no terminal to ask."""


@click.command()
@click.argument("recordings", nargs=-1, type=click.Path(path_type=Path), metavar="WAV...")
@click.option("--mic", is_flag=True, help="Talk yourself, through this machine's microphone and loudspeaker.")
def call(recordings: tuple[Path, ...], mic: bool) -> None:
    """Call the line on this machine.

    Each WAV is one turn of the caller, said when the line has finished.

    \b
    Example:
      calmline call complaint.wav answer.wav
    """
    if mic == bool(recordings):
        raise click.UsageError("give either the caller's recordings, one for each turn, or --mic")
    microphone = MicrophoneCaller() if mic else None
    caller: Caller = microphone or PlayedCaller([Turn(_telephone(path)) for path in recordings])
    listen = microphone.hear if microphone else None
    console = _console()
    with _server() as server:
        _report(place_call(server, caller, console, listen=listen), console)


@click.command()
@click.option(
    "--svg", type=click.Path(path_type=Path), help="Also draw what the terminal shows into this SVG file."
)
def demo(svg: Path | None) -> None:
    """Place two real calls to a server on this machine.

    They are shown as they happen, recorded and replayed.

    \b
    Example:
      calmline demo
    """
    console = _console(record=svg is not None)
    chosen = settings()
    with progress("rendering the callers") as tell:
        tell("rendering what the callers say")
        callers = [
            (script, demo_caller(script, cache=made_home(chosen) / "callers")) for script in demo_calls()
        ]
    with _server() as server:
        console.print(f"The line answers at {server.settings.base_url}\n", style="bold")
        for number, (script, caller) in enumerate(callers, 1):
            console.rule(f"call {number}: {script.title}", align="left")
            _report(place_call(server, caller, console), console)
    if svg is not None:
        _draw(console, svg)


def _draw(console: Console, svg: Path) -> None:
    """Draw what the terminal showed; where that fails, say so in a sentence."""
    try:
        console.save_svg(str(svg), title="calmline demo", code_format=_SVG_WITHOUT_WEB_FONTS)
    except OSError as error:
        raise click.FileError(str(svg), (error.strerror or str(error)).lower()) from error


def _console(*, record: bool = False) -> Console:
    """Standard output; as wide as the terminal, or WIDTH."""
    wide = Console().is_terminal and not record
    return Console(record=record, width=None if wide else WIDTH, highlight=False, markup=False, emoji=False)


@contextmanager
def _server() -> Iterator[LineServer]:
    """A ready server of this process, its loading shown."""
    chosen = loopback(settings())
    made_home(chosen)
    configure_logging("WARNING" if chosen.log_level == "INFO" else chosen.log_level)
    with ExitStack() as stack:
        with progress("starting the line") as report:
            server = stack.enter_context(running(chosen, report=report))
        yield server


def _telephone(path: Path) -> MuLaw:
    """A recording as a telephone carries it. Raises BadAudio."""
    return encode_mulaw(Samples8k(read_recording(path, target_hz=TELEPHONE_HZ)))


def _report(made: LocalCall, console: Console) -> None:
    """Say what became of a call and where it is kept."""
    result = replay(read_log(made.log))
    same = "the same" if result.difference is None else "DIFFERENT"
    waits = ", ".join(
        f"{turn.wait_ms / 1000:.2f} s" for turn in made.result.turns if turn.wait_ms is not None
    )
    truncated = sum(stream.truncated_bytes for stream in made.result.streams)
    console.print()
    console.print(f"  ended      {made.record.disposition}, {truncated // 8} ms of the last words cut off")
    console.print(f"  waited     {waits or 'no answer was needed'} (caller stops to caller hears)")
    console.print(f"  replayed   {result.commands} commands, {same}")
    for recording in made.recordings:
        console.print(f"  recording  {recording}", soft_wrap=True)
    console.print(f"  log        {made.log}", soft_wrap=True)
    console.print()
