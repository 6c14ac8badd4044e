import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from bench.peers.figures import ROWS, Row, Run, cell, failures, in_rounds, table, within_rounds
from bench.peers.heard import HeardTurn

SIDES = ("Ours", "Theirs")
RUN = Run(
    side="Ours",
    calls=1,
    round=0,
    ready_s=2.0,
    setup_ms=[20],
    greeting_ms=[40],
    turns=[HeardTurn(True, 800, 900, True), HeardTurn(False, 1_000, None, False)],
    unsaid=0,
    gaps_ms=[40, 60],
    violations=0,
    failed=[],
    call_minutes=0.5,
    cpu_s=3.0,
    rest_mb=300.0,
    peak_mb=320.0,
    late_ms=3,
    others_cores=0.1,
)


def named(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("caller stops to hears, p50, ms", 800),
        ("caller stops to hears, p95, ms", 1_000),
        ("caller stops to the answer itself, p95, ms", 900),
        ("turns said", 2),
        ("turns not answered", 1),
        ("turns with a hesitation", 1),
        ("of these, the line talked into", 1),
        ("other turns the line talked into", 0),
        ("gaps in the line's audio", 2),
        ("gaps together, ms", 100),
        ("CPU s per call-minute", 6),
        ("CPU s per turn answered", 3),
    ],
)
def test_a_figure_of_one_run(name: str, value: float) -> None:
    assert named(name).figure([RUN]) == value


def test_sides_are_compared_within_a_round_and_the_median_is_taken() -> None:
    mine = [replace(RUN, cpu_s=cpu_s) for cpu_s in (1.0, 10.0, 2.0)]
    theirs = [replace(RUN, side="Theirs", cpu_s=cpu_s) for cpu_s in (3.0, 20.0, 10.0)]
    assert within_rounds(named("CPU s per call-minute"), mine, theirs) == 3


def test_nothing_is_compared_with_a_side_that_has_no_figure() -> None:
    silent = replace(RUN, greeting_ms=[])
    assert math.isnan(within_rounds(named("greeting heard after start, ms"), [RUN], [silent]))


def test_sides_that_were_not_measured_in_the_same_rounds_are_not_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        within_rounds(ROWS[0], [RUN, RUN], [RUN])


def test_a_cell_shows_the_lowest_and_the_highest_round() -> None:
    runs = [RUN, replace(RUN, peak_mb=330.0), replace(RUN, peak_mb=325.0)]
    assert cell(named("RSS at most, MB"), runs) == "325 (320..330)"
    assert cell(named("RSS at rest, MB"), runs) == "300"
    assert cell(named("greeting heard after start, ms"), [replace(RUN, greeting_ms=[])]) == "-"


def test_runs_are_put_in_the_order_of_their_rounds() -> None:
    runs = [replace(RUN, round=1), replace(RUN, side="Theirs"), replace(RUN, calls=2), RUN]
    assert in_rounds(runs, side="Ours", calls=1) == [RUN, replace(RUN, round=1)]


def test_the_table_has_both_sides_and_their_ratio_for_every_number_of_calls() -> None:
    runs = [replace(RUN, side=side, calls=calls) for side in SIDES for calls in (8, 1)]
    runs = [replace(run, cpu_s=9.0) if run.side == "Theirs" else run for run in runs]
    drawn = io.StringIO()
    Console(width=120, file=drawn).print(table(runs, SIDES))
    lines = [line.split() for line in drawn.getvalue().splitlines()]
    assert lines[0] == ["figure", "Ours", "Theirs", "Theirs", "/", "Ours"]
    assert [line for line in lines if line[-1] == "once"] == [
        ["1", "call", "at", "once"],
        ["8", "calls", "at", "once"],
    ]
    assert lines.count(["CPU", "s", "per", "call-minute", "6.0", "18.0", "3.00"]) == 2


def test_failures_are_counted_by_side_and_kind() -> None:
    runs = [
        replace(RUN, failed=["no answer", "no answer"]),
        replace(RUN, side="Theirs", failed=["no answer"]),
    ]
    assert failures(runs) == {"Ours: no answer": 2, "Theirs: no answer": 1}
