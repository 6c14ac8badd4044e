from hypothesis import given
from hypothesis import strategies as st

from audio.mulaw import silence
from audio.signal import MuLaw
from audio.timeline import JITTER_MS, MAX_FILL_MS, Skip, Timeline

FRAME = b"\x11" * 160


def begun(at_ms: int = 0) -> Timeline:
    """A timeline whose clock stands at `at_ms` + 20."""
    timeline = Timeline()
    timeline.place(FRAME, start_ms=at_ms)
    return timeline


def length_ms(items: list[MuLaw | Skip]) -> float:
    return sum(item.ms if isinstance(item, Skip) else len(item) / 8 for item in items)


def test_the_first_frame_starts_the_clock() -> None:
    assert Timeline().place(FRAME, start_ms=5000) == [Skip(5000), FRAME]


def test_frames_in_order_go_through_as_they_are() -> None:
    timeline = begun()
    assert timeline.place(FRAME, start_ms=20) == [FRAME]
    assert (timeline.gaps_ms, timeline.dropped_ms) == (0, 0)


def test_a_lost_frame_becomes_silence() -> None:
    timeline = begun()
    assert timeline.place(FRAME, start_ms=40) == [silence(20), FRAME]
    assert timeline.gaps_ms == 20


def test_a_gap_of_more_than_two_seconds_is_filled_for_two_and_skipped() -> None:
    timeline = begun()
    assert timeline.place(FRAME, start_ms=9020) == [silence(MAX_FILL_MS), Skip(7000), FRAME]
    assert timeline.gaps_ms == 9000


def test_a_frame_that_comes_twice_is_dropped() -> None:
    timeline = begun()
    assert timeline.place(FRAME, start_ms=0) == []
    assert timeline.dropped_ms == 20


def test_a_frame_that_comes_after_its_gap_was_filled_is_dropped() -> None:
    timeline = begun()
    timeline.place(FRAME, start_ms=40)
    assert timeline.place(FRAME, start_ms=20) == []


def test_an_overlap_is_cut_at_the_front() -> None:
    timeline = begun()
    assert timeline.place(b"\x11" * 160 + b"\x22" * 160, start_ms=0) == [b"\x22" * 160]
    assert timeline.dropped_ms == 20


def test_jitter_neither_fills_nor_cuts() -> None:
    timeline = begun()
    for n, off_ms in enumerate([JITTER_MS, -JITTER_MS, 3, 0], start=1):
        assert timeline.place(FRAME, start_ms=n * 20 + off_ms) == [FRAME]
    assert (timeline.gaps_ms, timeline.dropped_ms) == (0, 0)


def test_an_empty_payload_lets_the_time_go_on() -> None:
    assert length_ms(begun().place(b"", start_ms=100)) == 80


@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 1000)), min_size=1, max_size=30))
def test_the_clock_never_goes_back_and_follows_the_newest_frame(frames: list[tuple[int, int]]) -> None:
    timeline, clock_ms = Timeline(), 0.0
    for start_ms, size in frames:
        clock_ms += length_ms(timeline.place(bytes(size), start_ms=start_ms))
        assert clock_ms >= start_ms + size / 8 - JITTER_MS - 1
    newest_ms = max(start_ms + size / 8 for start_ms, size in frames)
    assert clock_ms <= newest_ms + JITTER_MS * len(frames)
