"""The carrier's buffer keeps audio and marks in their order, and tracks keep time."""

from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.playback import MAX_BUFFER_BYTES, PlaybackBuffer, Run, Track


def test_a_mark_comes_when_the_audio_before_it_is_out() -> None:
    buffer = PlaybackBuffer()
    buffer.add_audio(b"a" * 200)
    buffer.add_mark("end")
    assert buffer.play(160) == (b"a" * 160, [])
    assert buffer.play(160) == (b"a" * 40, ["end"])


def test_a_mark_at_the_end_of_a_frame_comes_with_that_frame() -> None:
    buffer = PlaybackBuffer()
    buffer.add_audio(b"a" * 160)
    buffer.add_mark("end")
    buffer.add_audio(b"b" * 160)
    assert buffer.play(160) == (b"a" * 160, ["end"])


def test_clearing_gives_all_marks_back_in_their_order() -> None:
    buffer = PlaybackBuffer()
    for name in ("one", "two"):
        buffer.add_audio(b"a")
        buffer.add_mark(name)
    assert buffer.clear() == ["one", "two"]
    assert (buffer.unplayed_bytes, buffer.play(160)) == (0, (b"", []))


def test_the_buffer_has_a_bound() -> None:
    buffer = PlaybackBuffer()
    assert buffer.add_audio(b"a" * MAX_BUFFER_BYTES)
    assert not buffer.add_audio(b"a")


@given(st.lists(st.binary(max_size=500) | st.text(min_size=1, max_size=3)), st.integers(1, 400))
def test_everything_comes_out_once_and_in_order(items: list[bytes | str], size: int) -> None:
    buffer = PlaybackBuffer()
    for item in items:
        if isinstance(item, bytes):
            buffer.add_audio(item)
        else:
            buffer.add_mark(item)
    audio, marks = b"", list[str]()
    for _ in range(len(b"".join(item for item in items if isinstance(item, bytes))) // size + 1):
        played, passed = buffer.play(size)
        audio, marks = audio + played, marks + passed
    assert audio == b"".join(item for item in items if isinstance(item, bytes))
    assert marks == [item for item in items if isinstance(item, str)]


def test_a_track_knows_what_was_played_and_when() -> None:
    track = Track()
    for audio in (b"", b"a" * 160, b"b" * 40, b"c" * 160):
        track.append(audio, fill_to=160)
    assert track.runs == (Run(20, b"a" * 160 + b"b" * 40), Run(60, b"c" * 160))
    assert len(track) == 640


def test_a_track_is_silent_before_and_after() -> None:
    track = Track()
    track.append(b"abcd", fill_to=4)
    assert (track.at(-2, 4), track.at(2, 4), track.at(9, 2)) == (b"\xff\xffab", b"cd\xff\xff", b"\xff\xff")
    assert track.at(-9, 4) == b"\xff" * 4
