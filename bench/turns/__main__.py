"""How soon the end of a turn is known, and how often a pause is taken for it: `python -m bench.turns`.

It renders the callers of `turns.yaml` with the Piper voice `joe`, puts them on a quiet telephone line, and has the real
ear hear them. With `--speech FOLDER` (a manifest.tsv and the audio that it names) real turns are judged too.
"""

import argparse
import os
import statistics
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from audio.activity import ActivityModel
from audio.endpointing import CHUNK_MS
from audio.models import fetch_model
from audio.signal import MuLaw
from audio.voice.cache import VoiceCache
from audio.voice.piper import PiperVoice
from audio.whisper import Whisper
from bench.turns.callers import HALVES, spoken, written
from bench.turns.listening import HeardTurn, listen
from bench.turns.policies import by_rule, ways
from bench.turns.prosody import slopes
from bench.turns.protocol import Outcome, Pause, best_within, judge_pauses
from bench.turns.recordings import SETS, recorded
from bench.turns.smart_turn import SmartTurn
from bench.turns.spoken import SpokenTurn
from bench.turns.words import Decodings

SHARES: Final = (0.01, 0.05, 0.10)
SPECULATE_MS: Final = (100, 150, 200)
SHORTEST_OWN_PAUSE_MS: Final = 200
"""What the ear counts as a pause of the caller."""


class Observer:
    """Turns into pauses with all that is known of them, `speculate_ms` into each."""

    def __init__(
        self,
        decodings: Decodings,
        activity: ActivityModel,
        *,
        decode_ms: int | None,
        smart_turn: SmartTurn | None = None,
    ) -> None:
        self._decodings, self._activity, self._smart_turn = decodings, activity, smart_turn
        self._decode_ms = decode_ms
        self.unheard = 0

    def hear(self, turns: Iterable[SpokenTurn]) -> list[HeardTurn]:
        """The turns as the ear perceived them; those without an onset are counted as `unheard`."""
        heard = [listen(turn, self._activity) for turn in turns]
        self.unheard += heard.count(None)
        return [turn for turn in heard if turn is not None]

    def pauses(self, turns: Sequence[HeardTurn], *, speculate_ms: int, sound: bool) -> list[Pause]:
        """Every silence of the turns, in order. `sound`: with prosody and smart-turn."""
        longest_ms: dict[str, int] = {}
        found: list[Pause] = []
        for heard in turns:
            turn = heard.turn
            for silence in heard.silences:
                asked_ms = -(-speculate_ms // CHUNK_MS) * CHUNK_MS
                text, decode_ms, complete, prosody = "", 0, 0.5, (0.0, 0.0)
                if silence.length_ms >= asked_ms:
                    samples = heard.until(silence.start_ms + asked_ms)
                    words = self._decodings.of(samples, language=turn.language)
                    text, decode_ms = words.text, self._decode_ms or words.decode_ms
                    if sound:
                        prosody = slopes(heard.until(silence.start_ms))
                        complete = self._smart_turn.complete(samples) if self._smart_turn else complete
                known_ms = longest_ms.get(turn.caller, 0)
                turn_ms = silence.start_ms - heard.start_ms
                found.append(Pause(turn, silence, text, decode_ms, known_ms, turn_ms, complete, prosody))
                if not silence.last and silence.length_ms >= SHORTEST_OWN_PAUSE_MS:
                    longest_ms[turn.caller] = max(known_ms, silence.length_ms)
        return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--most", type=int, default=150, help="turns of each set of the manifest")
    parser.add_argument("--smart-turn", type=Path, help="smart-turn-v3.x-cpu.onnx, to be compared")
    parser.add_argument(
        "--decode-ms", type=int, help="count every decoding as so long, not as it was measured"
    )
    parser.add_argument("--draw", type=int, default=0, help="another draw of the pauses")
    parser.add_argument(
        "--cuts", action="store_true", help="print the pauses that the rule cuts, but the held-out ones"
    )
    asked = parser.parse_args()
    console = Console(width=150)
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    whisper = Whisper.load(fetch_model("auto", cache=home / "models", report=print), threads=2)
    smart_turn = SmartTurn(asked.smart_turn) if asked.smart_turn else None
    observer = Observer(
        Decodings(whisper, home / "bench-turns"),
        ActivityModel(),
        decode_ms=asked.decode_ms,
        smart_turn=smart_turn,
    )
    for name, turns in _material(asked, voices=home / "voice"):
        heard = observer.hear(turns)
        pauses = observer.pauses(heard, speculate_ms=SPECULATE_MS[-1], sound=True)
        console.print(_curves(name, pauses, smart_turn=smart_turn is not None))
        console.print(_points(observer, heard))
        if asked.cuts and name != HALVES[1]:
            _print_cuts(console, judge_pauses(pauses, by_rule, speculate_ms=SPECULATE_MS[-1]))
    console.print(f"turns without an onset: {observer.unheard}")
    if smart_turn:
        console.print(f"smart-turn: {smart_turn.cpu_ms / max(1, smart_turn.count):.0f} CPU-ms a pause")


def _material(asked: argparse.Namespace, *, voices: Path) -> Iterator[tuple[str, Iterable[SpokenTurn]]]:
    """The name of each set and its turns."""

    @cache
    def voice(pitch: float) -> VoiceCache:
        return VoiceCache(PiperVoice("joe", pitch=pitch), voices)

    def speak(text: str, pitch: float) -> MuLaw:
        return voice(pitch).render(text)

    for half in HALVES:
        yield half, (spoken(turn, speak=speak) for turn in written(half, draw=asked.draw))
    for name in SETS if asked.speech else ():
        yield name, recorded(asked.speech, name=name, most=asked.most)


def _curves(name: str, pauses: Sequence[Pause], *, smart_turn: bool) -> Table:
    """Latency of every way at equal false cut-offs, per pause and per turn; and of the rule as it is."""
    turns = sum(pause.silence.last for pause in pauses)
    inner = len(pauses) - turns
    table = Table(
        title=f"{name}: {turns} turns, {inner} pauses within them; wait p50 / p95 in ms", title_justify="left"
    )
    table.add_column("way")
    for unit in ("pauses", "turns"):
        for share in SHARES:
            table.add_column(f"{share:.0%} of {unit} cut", justify="right")
    for way in ways(speculate_ms=SPECULATE_MS[-1], smart_turn=smart_turn):
        outcomes = way.outcomes(pauses)
        cells = [
            best_within(outcomes, share, per_turn=per_turn) for per_turn in (False, True) for share in SHARES
        ]
        table.add_row(way.name, *(_cell(outcome) for outcome in cells))
    rule = judge_pauses(pauses, by_rule, speculate_ms=SPECULATE_MS[-1])
    shares = f"cuts {rule.cut_share:.1%} of pauses, {rule.turn_share:.1%} of turns"
    table.caption = f"the rule as it is: {_cell(rule)}, {shares}"
    table.caption_justify = "left"
    return table


def _points(observer: Observer, heard: Sequence[HeardTurn]) -> Table:
    """What an earlier decoding costs and gains."""
    table = Table(title="when to decode", title_justify="left")
    for column in (
        "after",
        "decodings a turn",
        "median decode ms",
        "wait p50 / p95",
        "cut pauses",
        "cut turns",
    ):
        table.add_column(column, justify="right")
    for speculate_ms in SPECULATE_MS:
        pauses = observer.pauses(heard, speculate_ms=speculate_ms, sound=False)
        decoded = [pause for pause in pauses if pause.silence.length_ms >= speculate_ms]
        rule = judge_pauses(pauses, by_rule, speculate_ms=speculate_ms)
        table.add_row(
            f"{speculate_ms} ms",
            f"{len(decoded) / max(1, len(heard)):.2f}",
            f"{statistics.median(pause.decode_ms for pause in decoded):.0f}" if decoded else "",
            _cell(rule),
            f"{rule.cut_share:.1%}",
            f"{rule.turn_share:.1%}",
        )
    return table


def _print_cuts(console: Console, rule: Outcome) -> None:
    for pause in rule.cut:
        console.print(f"cut: {pause.silence.length_ms} ms after {pause.text[-70:]!r} ({pause.turn.kind})")


def _cell(outcome: Outcome | None) -> str:
    return f"{outcome.wait_ms(0.5):.0f} / {outcome.wait_ms(0.95):.0f}" if outcome else "-"


if __name__ == "__main__":
    main()
