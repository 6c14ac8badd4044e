"""`calmline call` and `calmline demo`: calls on this machine, without a telephone network."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.console import Console

from audio.mulaw import encode_mulaw
from audio.recordings import read_recording
from audio.signal import TELEPHONE_HZ, MuLaw, Samples8k
from bot.cli.context import progress, settings
from bot.demo import demo_caller, demo_calls
from bot.local_call import LocalCall, loopback, place_call
from bot.microphone import MicrophoneCaller
from bot.replay import replay
from bot.server import LineServer, configure_logging, running
from bot.simulator.caller import Caller, PlayedCaller, Turn

WIDTH = 110
"""The width of a call's report where there is no terminal to ask."""


@click.command()
@click.argument("recordings", nargs=-1, type=click.Path(path_type=Path), metavar="WAV...")
@click.option("--mic", is_flag=True, help="Talk yourself, through this machine's microphone and loudspeaker.")
def call(recordings: tuple[Path, ...], mic: bool) -> None:
    """Call the line on this machine; each WAV is one turn of the caller, said when the line has finished.

    \b
    Example:
      calmline call complaint.wav answer.wav
    """
    if mic == bool(recordings):
        raise click.UsageError("give either the caller's recordings, one for each turn, or --mic")
    caller: Caller = (
        MicrophoneCaller() if mic else PlayedCaller([Turn(_telephone(path)) for path in recordings])
    )
    console = _console()
    with _server() as server:
        _report(place_call(server, caller, console), console)


@click.command()
@click.option(
    "--svg", type=click.Path(path_type=Path), help="Also draw what the terminal shows into this SVG file."
)
def demo(svg: Path | None) -> None:
    """Place two real calls to a real server on this machine, and show them as they happen.

    \b
    Example:
      calmline demo
    """
    console = _console(record=svg is not None)
    chosen = settings()
    with progress("rendering the callers") as tell:
        tell("rendering what the callers say")
        callers = [
            (script, demo_caller(script, cache=chosen.calmline_home / "callers")) for script in demo_calls()
        ]
    with _server() as server:
        console.print(f"The line answers at {server.settings.base_url}\n", style="bold")
        for number, (script, caller) in enumerate(callers, 1):
            console.rule(f"call {number}: {script.title}", align="left")
            _report(place_call(server, caller, console), console)
    if svg is not None:
        console.save_svg(str(svg), title="calmline demo")


def _console(*, record: bool = False) -> Console:
    """Standard output; as wide as the terminal, or WIDTH."""
    wide = Console().is_terminal and not record
    return Console(record=record, width=None if wide else WIDTH, highlight=False)


@contextmanager
def _server() -> Iterator[LineServer]:
    """A ready server of this process, its loading shown."""
    chosen = loopback(settings())
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
    result = replay(made.log.read_text(encoding="utf-8").splitlines())
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
