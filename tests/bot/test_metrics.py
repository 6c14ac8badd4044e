"""The figures."""

from bot.metrics import Metrics


def test_every_figure_has_the_projects_prefix() -> None:
    assert all(metric.name.startswith("calmline_") for metric in Metrics().registry.collect())


def test_two_lines_in_one_process_count_for_themselves() -> None:
    first, second = Metrics(), Metrics()
    first.calls_started.inc()
    assert b"calmline_calls_started_total 1.0" in first.text()
    assert b"calmline_calls_started_total 0.0" in second.text()


def test_response_times_are_in_milliseconds() -> None:
    metrics = Metrics()
    metrics.response_ms.observe(640)
    assert b'calmline_response_ms_bucket{le="700.0"} 1.0' in metrics.text()
    assert b'calmline_response_ms_bucket{le="500.0"} 0.0' in metrics.text()
