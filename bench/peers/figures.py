"""The figures of `bench.peers`: two sides, the same calls, one table. Arithmetic only, no I/O."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.table import Table

from bench.figures import median, over_turns, ratio, total, typical, worst
from bench.peers.heard import HeardTurn


@dataclass(frozen=True)
class Run:
    """One server of one side, and `calls` calls to it at once. MB are millions of bytes; CPU is user and system."""

    side: str
    calls: int
    round: int
    ready_s: float
    setup_ms: list[int]
    greeting_ms: list[int]
    turns: list[HeardTurn]
    unsaid: int
    gaps_ms: list[int]
    violations: int
    failed: list[str]
    call_minutes: float
    cpu_s: float
    rest_mb: float
    peak_mb: float
    late_ms: int
    others_cores: float

    @property
    def waits_ms(self) -> list[int]:
        """Caller stops to caller hears, of the turns after which anything was heard."""
        return [turn.wait_ms for turn in self.turns if turn.wait_ms is not None]

    @property
    def answers_ms(self) -> list[int]:
        """Caller stops to the answer itself, of the turns that were answered."""
        return [turn.answer_ms for turn in self.turns if turn.answer_ms is not None]

    def talked_into(self, *, hesitates: bool) -> int:
        """The turns with or without a hesitation into which the line talked."""
        return sum(turn.talked_into for turn in self.turns if turn.hesitates is hesitates)


Figure = Callable[[Sequence[Run]], float]


@dataclass(frozen=True)
class Row:
    """One figure: its name, how it is made of the runs of one side, and whether the sides' ratio means anything."""

    name: str
    figure: Figure
    decimals: int = 0
    compared: bool = False


ROWS: Final[tuple[Row, ...]] = (
    Row("caller stops to hears, p50, ms", over_turns(lambda run: run.waits_ms, 0.5), compared=True),
    Row("caller stops to hears, p95, ms", over_turns(lambda run: run.waits_ms, 0.95), compared=True),
    Row(
        "caller stops to the answer itself, p50, ms",
        over_turns(lambda run: run.answers_ms, 0.5),
        compared=True,
    ),
    Row(
        "caller stops to the answer itself, p95, ms",
        over_turns(lambda run: run.answers_ms, 0.95),
        compared=True,
    ),
    Row("dialled to stream open, ms", typical(lambda run: median(run.setup_ms))),
    Row("greeting heard after start, ms", typical(lambda run: median(run.greeting_ms)), compared=True),
    Row("turns said", total(lambda run: len(run.turns))),
    Row("turns not answered", total(lambda run: len(run.turns) - len(run.answers_ms))),
    Row("turns left unsaid", total(lambda run: run.unsaid)),
    Row("turns with a hesitation", total(lambda run: sum(turn.hesitates for turn in run.turns))),
    Row("of these, the line talked into", total(lambda run: run.talked_into(hesitates=True))),
    Row("other turns the line talked into", total(lambda run: run.talked_into(hesitates=False))),
    Row("gaps in the line's audio", total(lambda run: len(run.gaps_ms))),
    Row("gaps together, ms", total(lambda run: sum(run.gaps_ms))),
    Row("calls that failed", total(lambda run: len(run.failed))),
    Row("breaches of the carrier's protocol", total(lambda run: run.violations)),
    Row("CPU s per call-minute", typical(lambda run: ratio(run.cpu_s, run.call_minutes)), 1, compared=True),
    Row(
        "CPU s per turn answered",
        typical(lambda run: ratio(run.cpu_s, len(run.answers_ms))),
        2,
        compared=True,
    ),
    Row("RSS at rest, MB", typical(lambda run: run.rest_mb), compared=True),
    Row("RSS at most, MB", typical(lambda run: run.peak_mb), compared=True),
    Row("start to ready, s", typical(lambda run: run.ready_s), 1),
    Row("callers late at worst, ms", worst(lambda run: run.late_ms)),
    Row("cores used by others", worst(lambda run: run.others_cores), 2),
)


def within_rounds(row: Row, runs: Sequence[Run], others: Sequence[Run]) -> float:
    """How many times the figure of `runs` the figure of `others` is: made within each round, then the median.

    NaN when nothing can be compared. Raises ValueError when the two were not measured in the same rounds.
    """
    pairs = zip(runs, others, strict=True)
    return median(ratio(row.figure([other]), row.figure([run])) for run, other in pairs)


def table(runs: Sequence[Run], sides: tuple[str, str]) -> Table:
    """The two `sides` in adjacent columns, their ratio beside them, one section for each number of calls.

    Brackets hold the lowest and the highest of single rounds.
    """
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("figure")
    for heading in (*sides, f"{sides[1]} / {sides[0]}"):
        drawn.add_column(heading, justify="right")
    for calls in sorted({run.calls for run in runs}):
        mine, theirs = (in_rounds(runs, side=side, calls=calls) for side in sides)
        drawn.add_row(f"[bold]{calls} call{'s' if calls > 1 else ''} at once[/bold]")
        for row in ROWS:
            times = within_rounds(row, mine, theirs) if row.compared else math.nan
            drawn.add_row(
                f"  {row.name}",
                cell(row, mine),
                cell(row, theirs),
                "" if math.isnan(times) else f"{times:.2f}",
            )
    return drawn


def in_rounds(runs: Sequence[Run], *, side: str, calls: int) -> list[Run]:
    """The runs of one side with so many calls, in the order of the rounds."""
    chosen = [run for run in runs if run.side == side and run.calls == calls]
    return sorted(chosen, key=lambda run: run.round)


def cell(row: Row, runs: Sequence[Run]) -> str:
    """A figure over all rounds, with the lowest and the highest of single ones; "-" when there is none."""
    value = row.figure(runs)
    if math.isnan(value):
        return "-"
    single = [figure for run in runs if not math.isnan(figure := row.figure([run]))]
    low, high = (f"{bound:.{row.decimals}f}" for bound in (min(single), max(single)))
    text = f"{value:.{row.decimals}f}"
    return text if low == high else f"{text} ({low}..{high})"


def failures(runs: Sequence[Run]) -> Mapping[str, int]:
    """What went wrong, and in how many calls."""
    said = [f"{run.side}: {failure}" for run in runs for failure in run.failed]
    return {failure: said.count(failure) for failure in dict.fromkeys(said)}
