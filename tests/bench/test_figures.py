import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bench.figures import FIGURES, Run, compare, median, percentile, ratio, table

values = st.lists(st.integers(0, 10_000), min_size=1)

ONE = Run(
    calls=1,
    ready_s=2.0,
    setup_ms=[40],
    greeting_ms=[120],
    waits_ms=[800, 1_000, 1_200],
    answers_ms=[800, 1_000, 1_200],
    held=0,
    unanswered=0,
    unsaid=0,
    talked_over=0,
    gaps=0,
    speaking_share=0.3,
    loop_delay_ms=5.0,
    cut_off_ms=0,
    violations=0,
    failed=[],
    call_minutes=1.0,
    server_cpu_s=12.0,
    callers_cpu_s=1.0,
    others_cores=0.0,
    idle_cores=0.0,
    rest_mb=400.0,
    peak_mb=500.0,
    late_ms=5,
    load_before=0.1,
)
EIGHT = replace(
    ONE, calls=8, waits_ms=[1_500], answers_ms=[1_500], call_minutes=8.0, server_cpu_s=96.0, peak_mb=640.0
)
NOTHING = replace(ONE, setup_ms=[], greeting_ms=[], waits_ms=[], answers_ms=[], call_minutes=0.0)


@given(values, st.floats(0.01, 1))
def test_a_percentile_is_a_value_that_so_large_a_share_does_not_exceed(
    found: list[int], share: float
) -> None:
    value = percentile(found, share)
    assert value in found
    assert sum(other <= value for other in found) >= share * len(found)
    assert sum(other < value for other in found) < share * len(found)


def test_the_50th_and_95th_of_100_values_are_the_50th_and_the_95th() -> None:
    assert [percentile(range(1, 101), share) for share in (0.5, 0.95, 1)] == [50, 95, 100]


def test_what_was_not_measured_is_not_a_number_and_does_not_count() -> None:
    assert math.isnan(percentile([], 0.5))
    assert math.isnan(median([]))
    assert math.isnan(ratio(1, 0))
    assert median([math.nan, 1, 3]) == 2


def test_percentiles_are_over_the_turns_of_all_runs_and_counts_are_added_up() -> None:
    figures = {name: figure([ONE, EIGHT]) for name, figure, _ in FIGURES}
    assert figures["caller stops to hears, p50, ms"] == 1_000
    assert figures["caller stops to hears, longest, ms"] == 1_500
    assert figures["turns answered"] == 4


def test_more_calls_are_compared_with_fewer_within_a_round_and_the_median_round_counts() -> None:
    slow = replace(EIGHT, waits_ms=[9_000], server_cpu_s=960.0, peak_mb=1_340.0)
    assert list(compare([ONE] * 3, [EIGHT, slow, EIGHT]).values()) == [1.5, 1.0, 20.0]


def test_the_table_has_a_row_for_every_figure_and_a_column_for_every_number_of_calls() -> None:
    drawn = table({1: [ONE], 8: [EIGHT]})
    assert [column.header for column in drawn.columns] == ["figure", "1 call", "8 calls"]
    assert list(drawn.columns[0].cells) == [name for name, _, _ in FIGURES]


def test_brackets_hold_the_lowest_and_the_highest_run_where_they_differ() -> None:
    cells = list(table({1: [ONE, replace(ONE, ready_s=3.0)]}).columns[1].cells)
    assert cells[:2] == ["2.50 (2.00..3.00)", "40"]


def test_a_run_without_a_single_turn_still_makes_a_table() -> None:
    cells = dict(zip((name for name, _, _ in FIGURES), table({1: [NOTHING]}).columns[1].cells, strict=True))
    assert cells["caller stops to hears, p95, ms"] == cells["server CPU s per turn"] == "nan"
    assert cells["turns answered"] == "0"
