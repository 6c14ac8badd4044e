"""The figures of `bench.calls`: what one run measured, and what is made of several. Arithmetic and a table, no I/O."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from rich.table import Table

AnyRun = TypeVar("AnyRun")
"""What one bench or another measured in one run."""


@dataclass(frozen=True)
class Run:
    """One server and `calls` calls to it at once. MB are millions of bytes; CPU is user and system time together."""

    calls: int
    ready_s: float
    setup_ms: list[int]
    greeting_ms: list[int]
    waits_ms: list[int]
    answers_ms: list[int]
    held: int
    unanswered: int
    unsaid: int
    talked_over: int
    gaps: int
    speaking_share: float
    loop_delay_ms: float
    cut_off_ms: int
    violations: int
    failed: list[str]
    call_minutes: float
    server_cpu_s: float
    callers_cpu_s: float
    others_cores: float
    idle_cores: float
    rest_mb: float
    peak_mb: float
    late_ms: int
    load_before: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them do not exceed (nearest rank); NaN when there are none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def median(values: Iterable[float]) -> float:
    """The median of those that are numbers; NaN when none are."""
    numbers = [value for value in values if not math.isnan(value)]
    return statistics.median(numbers) if numbers else math.nan


def ratio(value: float, base: float) -> float:
    """`value / base`; NaN when there is nothing to compare with."""
    return value / base if base else math.nan


Figure = Callable[[Sequence[Run]], float]


def typical(of: Callable[[AnyRun], float]) -> Callable[[Sequence[AnyRun]], float]:
    """The median over runs."""
    return lambda runs: median(of(run) for run in runs)


def total(of: Callable[[AnyRun], float]) -> Callable[[Sequence[AnyRun]], float]:
    """The sum over runs."""
    return lambda runs: sum(of(run) for run in runs)


def worst(of: Callable[[AnyRun], float]) -> Callable[[Sequence[AnyRun]], float]:
    """The highest of all runs."""
    return lambda runs: max(of(run) for run in runs)


def over_turns(of: Callable[[AnyRun], list[int]], share: float) -> Callable[[Sequence[AnyRun]], float]:
    """A percentile over the turns of all runs together."""
    return lambda runs: percentile([value for run in runs for value in of(run)], share)


FIGURES: Final[tuple[tuple[str, Figure, int], ...]] = (
    ("start to ready, s", typical(lambda run: run.ready_s), 2),
    ("dialled to stream open, ms", typical(lambda run: median(run.setup_ms)), 0),
    ("greeting heard after start, ms", typical(lambda run: median(run.greeting_ms)), 0),
    ("greeting heard at the latest, ms", worst(lambda run: max(run.greeting_ms, default=math.nan)), 0),
    ("caller stops to hears, p50, ms", over_turns(lambda run: run.waits_ms, 0.5), 0),
    ("caller stops to hears, p95, ms", over_turns(lambda run: run.waits_ms, 0.95), 0),
    ("caller stops to hears, longest, ms", over_turns(lambda run: run.waits_ms, 1), 0),
    ("caller stops to the answer itself, p50, ms", over_turns(lambda run: run.answers_ms, 0.5), 0),
    ("caller stops to the answer itself, p95, ms", over_turns(lambda run: run.answers_ms, 0.95), 0),
    ("turns answered", total(lambda run: len(run.answers_ms)), 0),
    ("turns held first (one moment)", total(lambda run: run.held), 0),
    ("turns not answered", total(lambda run: run.unanswered), 0),
    ("turns the line talked into", total(lambda run: run.talked_over), 0),
    ("audible gaps in what the line says", total(lambda run: run.gaps), 0),
    ("turns left unsaid", total(lambda run: run.unsaid), 0),
    ("calls that failed", total(lambda run: len(run.failed)), 0),
    ("breaches of the carrier's protocol", total(lambda run: run.violations), 0),
    ("farewell cut off, ms", total(lambda run: run.cut_off_ms), 0),
    ("callers speak, share of the time", typical(lambda run: run.speaking_share), 2),
    ("event-loop delay, p99, ms", worst(lambda run: run.loop_delay_ms), 0),
    ("server CPU s per call-minute", typical(lambda run: ratio(run.server_cpu_s, run.call_minutes)), 1),
    ("server CPU s per turn", typical(lambda run: ratio(run.server_cpu_s, len(run.answers_ms))), 2),
    ("server cores after the last call", worst(lambda run: run.idle_cores), 3),
    ("server RSS at rest, MB", typical(lambda run: run.rest_mb), 0),
    ("server RSS at most, MB", typical(lambda run: run.peak_mb), 0),
    ("callers late at worst, ms", worst(lambda run: run.late_ms), 0),
    ("callers CPU s per call-minute", typical(lambda run: ratio(run.callers_cpu_s, run.call_minutes)), 1),
    ("cores used by others", worst(lambda run: run.others_cores), 2),
    ("load average before", worst(lambda run: run.load_before), 2),
)
"""Name, figure over the runs of one number of calls, decimals."""


def compare(few: Sequence[Run], many: Sequence[Run]) -> dict[str, float]:
    """More calls against fewer: each ratio within one round, then the median of the rounds."""
    rounds = list(zip(few, many, strict=True))
    more = many[0].calls - few[0].calls
    return {
        "caller stops to hears, p50, times": median(
            ratio(percentile(b.waits_ms, 0.5), percentile(a.waits_ms, 0.5)) for a, b in rounds
        ),
        "CPU per call-minute, times": median(
            ratio(ratio(b.server_cpu_s, b.call_minutes), ratio(a.server_cpu_s, a.call_minutes))
            for a, b in rounds
        ),
        "RSS for each further call, MB": median(ratio(b.peak_mb - a.peak_mb, more) for a, b in rounds),
    }


def table(by_calls: dict[int, list[Run]]) -> Table:
    """One row a figure, one column a number of calls; brackets hold the lowest and highest of single runs."""
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("figure")
    for calls in by_calls:
        drawn.add_column(f"{calls} call{'s' if calls > 1 else ''}", justify="right")
    for name, figure, decimals in FIGURES:
        drawn.add_row(name, *(_cell(figure, runs, decimals) for runs in by_calls.values()))
    return drawn


def _cell(figure: Figure, runs: Sequence[Run], decimals: int) -> str:
    single = [figure([run]) for run in runs]
    value = f"{figure(runs):.{decimals}f}"
    low, high = (f"{bound:.{decimals}f}" for bound in (min(single), max(single)))
    return value if low == high else f"{value} ({low}..{high})"
