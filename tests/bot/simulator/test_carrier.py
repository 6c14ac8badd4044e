"""The simulated carrier plays, records, marks and fails as Twilio does, in virtual time."""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.carrier import messages
from bot.simulator.caller import PlayedCaller, SilentCaller, Span, Turn
from bot.simulator.carrier import Ending, ReturnedMark, SimulatedCarrier
from bot.simulator.faults import Faults
from bot.simulator.loudness import SILENCE, is_audible, level_dbfs
from bot.simulator.playback import MAX_BUFFER_BYTES, Run
from bot.simulator.wire import StreamIds
from tests.bot.simulator.signals import of, run, tone

SID = StreamIds().stream_sid


def carrier_with(faults: Faults | None = None) -> SimulatedCarrier:
    return SimulatedCarrier(SilentCaller(), faults)


def marks_of(sent: list[dict[str, Any]]) -> list[str]:
    return [message["mark"]["name"] for message in of("mark", sent)]


def timestamps_of(sent: list[dict[str, Any]]) -> list[int]:
    return [int(message["media"]["timestamp"]) for message in of("media", sent)]


def test_a_stream_begins_with_connected_and_start() -> None:
    first, second = (json.loads(text) for text in carrier_with().start({"token": "t"}))
    assert (first["event"], second["event"]) == ("connected", "start")
    assert second["start"]["customParameters"] == {"token": "t"}


def test_a_frame_leaves_every_20_ms_with_the_time_it_began() -> None:
    assert timestamps_of(run(carrier_with(), 100)) == [0, 20, 40, 60, 80]


def test_a_late_step_sends_every_frame_it_missed() -> None:
    assert [json.loads(text)["media"]["timestamp"] for text in carrier_with().step(70)] == ["0", "20", "40"]


def test_audio_is_played_in_real_time_from_its_arrival() -> None:
    carrier = carrier_with()
    run(carrier, 100)
    carrier.receive(messages.media(SID, tone(50)), 100)
    run(carrier, 300)
    assert carrier.heard_by_caller == (Run(120, bytes(tone(50))),)


def test_the_line_track_is_as_long_as_the_call() -> None:
    carrier = carrier_with()
    carrier.receive(messages.media(SID, tone(100)), 0)
    run(carrier, 1000)
    assert len(carrier.line_track()) == len(carrier.caller_track()) == 8000


def test_a_mark_comes_back_when_the_audio_before_it_was_played() -> None:
    carrier = carrier_with()
    carrier.receive(messages.media(SID, tone(200)), 0)
    carrier.receive(messages.mark(SID, "end"), 0)
    assert marks_of(run(carrier, 200)) == []
    assert marks_of(run(carrier, 220)) == ["end"]


def test_a_mark_with_nothing_before_it_comes_back_at_once() -> None:
    carrier = carrier_with()
    run(carrier, 100)
    carrier.receive(messages.mark(SID, "now"), 100)
    assert marks_of(run(carrier, 120)) == ["now"]


def test_a_clear_stops_the_audio_and_returns_every_pending_mark() -> None:
    carrier = carrier_with()
    for name in ("one", "two"):
        carrier.receive(messages.media(SID, tone(1000)), 0)
        carrier.receive(messages.mark(SID, name), 0)
    run(carrier, 200)
    carrier.receive(messages.clear(SID), 200)
    assert marks_of(run(carrier, 400)) == ["one", "two"]
    assert not any(mark.played for mark in carrier.marks_returned)
    assert sum(len(heard.audio) for heard in carrier.heard_by_caller) == 200 * 8


def test_a_carrier_may_be_told_to_keep_the_marks_of_a_clear() -> None:
    carrier = carrier_with(Faults(clear_returns_marks=False))
    carrier.receive(messages.media(SID, tone(100)), 0)
    carrier.receive(messages.mark(SID, "gone"), 0)
    carrier.receive(messages.clear(SID), 0)
    assert marks_of(run(carrier, 400)) == []


def test_the_caller_hears_the_line_and_answers() -> None:
    carrier = SimulatedCarrier(PlayedCaller([Turn(tone(100))], wait_ms=200))
    carrier.receive(messages.media(SID, tone(300)), 0)
    sent = run(carrier, 1000)
    loud = [
        int(message["media"]["timestamp"])
        for message in of("media", sent)
        if is_audible(base64.b64decode(message["media"]["payload"]))
    ]
    assert loud == [500, 520, 540, 560, 580]  # 20 ms to arrive, 300 of line, 180 of quiet before the frame


def test_a_key_is_sent_as_dtmf() -> None:
    carrier = SimulatedCarrier(PlayedCaller([Turn(keys="5")], wait_ms=100))
    carrier.receive(messages.media(SID, tone(100)), 0)
    (dtmf,) = of("dtmf", run(carrier, 1000))
    assert dtmf["dtmf"] == {"track": "inbound_track", "digit": "5"}


def test_a_caller_who_hangs_up_ends_the_stream_with_stop() -> None:
    carrier = carrier_with(Faults(hang_up_at_ms=100))
    sent = run(carrier, 400)
    assert [message["event"] for message in sent] == ["media"] * 5 + ["stop"]
    assert (carrier.ending, carrier.closed_at_ms, carrier.finished) == (Ending.CALLER_HUNG_UP, 100, True)


def test_a_dropped_socket_ends_without_a_word() -> None:
    carrier = carrier_with(Faults(drop_socket_at_ms=100))
    assert of("stop", run(carrier, 400)) == []
    assert (carrier.ending, carrier.closed_at_ms) == (Ending.SOCKET_DROPPED, 100)


def test_a_server_that_closes_too_early_cuts_its_farewell() -> None:
    carrier = carrier_with()
    carrier.receive(messages.media(SID, tone(500)), 0)
    run(carrier, 220)
    carrier.socket_closed(220)
    run(carrier, 400)
    assert (carrier.ending, carrier.unplayed_bytes) == (Ending.SERVER_CLOSED, 280 * 8)


def test_audio_on_its_way_when_the_caller_hangs_up_counts_as_unplayed() -> None:
    carrier = carrier_with(Faults(network_ms=100, hang_up_at_ms=100))
    carrier.receive(messages.media(SID, tone(50)), 60)
    run(carrier, 400)
    assert carrier.unplayed_bytes == 50 * 8


def test_nothing_is_played_or_noted_after_the_end() -> None:
    carrier = carrier_with(Faults(hang_up_at_ms=100))
    run(carrier, 200)
    carrier.receive("nonsense", 200)
    assert (run(carrier, 400), carrier.violations, len(carrier.line_track())) == ([], [], 800)


def test_a_lost_frame_is_a_jump_of_the_timestamp_and_not_of_the_chunk() -> None:
    media = of("media", run(carrier_with(Faults(seed=1, loss=0.3)), 2000))
    stamps = [int(message["media"]["timestamp"]) for message in media]
    assert 40 <= len(stamps) < 100
    assert max(late - early for early, late in pairwise(stamps)) > 20
    assert [int(message["media"]["chunk"]) for message in media] == list(range(1, len(media) + 1))


def test_the_caller_track_keeps_what_was_lost() -> None:
    carrier = SimulatedCarrier(PlayedCaller([Turn(tone(100))], wait_ms=100), Faults(loss=1.0))
    carrier.receive(messages.media(SID, tone(100)), 0)
    assert of("media", run(carrier, 600)) == []
    assert carrier.caller_track().count(SILENCE) < 30


def test_a_doubled_message_is_sent_word_for_word() -> None:
    sent = run(carrier_with(Faults(duplicate=1.0)), 40)
    assert sent[0] == sent[1]
    assert timestamps_of(sent) == [0, 0, 20, 20]


def test_the_network_delays_both_directions() -> None:
    carrier = carrier_with(Faults(network_ms=60))
    carrier.receive(messages.media(SID, tone(20)), 0)
    assert timestamps_of(run(carrier, 60)) == []
    run(carrier, 200)
    assert carrier.heard_by_caller[0].start_ms == 60


def test_a_step_between_frames_sends_what_has_become_due() -> None:
    carrier = carrier_with(Faults(network_ms=5))
    assert (carrier.step(20), carrier.next_due_ms) == ([], 25)
    assert len(carrier.step(25)) == 1


def test_jitter_does_not_change_the_order() -> None:
    stamps = timestamps_of(run(carrier_with(Faults(jitter_ms=90)), 2000))
    assert stamps == sorted(stamps)


def test_the_line_comes_back_as_an_echo() -> None:
    carrier = carrier_with(Faults(echo_db=-20, echo_delay_ms=100))
    carrier.receive(messages.media(SID, tone(200)), 0)
    sent = of("media", run(carrier, 600))
    heard = b"".join(base64.b64decode(message["media"]["payload"]) for message in sent)
    assert level_dbfs(heard[120 * 8 : 320 * 8]) == pytest.approx(level_dbfs(tone(200)) - 20, abs=0.5)
    assert not is_audible(heard[: 120 * 8])
    assert not is_audible(heard[320 * 8 :])


def test_a_lost_mark_never_comes_back() -> None:
    carrier = carrier_with(Faults(mark_loss=1.0))
    carrier.receive(messages.mark(SID, "m"), 0)
    assert marks_of(run(carrier, 400)) == []
    assert carrier.marks_returned == []


def test_a_late_mark_comes_back_late() -> None:
    carrier = carrier_with(Faults(mark_delay_ms=200))
    carrier.receive(messages.mark(SID, "m"), 0)
    assert marks_of(run(carrier, 200)) == []
    assert marks_of(run(carrier, 220)) == ["m"]
    assert carrier.marks_returned == [ReturnedMark("m", 220, played=True)]


def test_what_twilio_would_warn_about_is_noted_and_not_done() -> None:
    carrier = carrier_with()
    carrier.receive(messages.media("MZother", tone(100)), 40)
    carrier.receive(b"\xff", 40)
    run(carrier, 200)
    assert [(violation.code, violation.at_ms) for violation in carrier.violations] == [
        (31951, 40),
        (31950, 40),
    ]
    assert carrier.heard_by_caller == ()


def test_a_server_that_sends_too_far_ahead_is_noted() -> None:
    carrier = carrier_with()
    for _ in range(2):
        carrier.receive(messages.media(SID, b"\xff" * (MAX_BUFFER_BYTES // 2 + 1)), 0)
    run(carrier, 20)
    assert [violation.code for violation in carrier.violations] == [0]


def test_a_caller_may_come_from_an_earlier_stream() -> None:
    caller = PlayedCaller([Turn(tone(100))], wait_ms=200)
    carrier = SimulatedCarrier(caller, caller_from_ms=5000)
    carrier.receive(messages.media(SID, tone(100)), 0)
    run(carrier, 1000)
    assert caller.turns_spoken == (Span(5300, 5400),)


def test_the_same_seed_gives_the_same_call() -> None:
    faults = Faults(seed=9, jitter_ms=60, loss=0.1, duplicate=0.1, network_ms=20)
    assert run(carrier_with(faults), 3000) == run(carrier_with(faults), 3000)


@given(
    st.builds(
        Faults,
        seed=st.integers(0, 99),
        jitter_ms=st.integers(0, 80),
        loss=st.floats(0, 0.5),
        network_ms=st.integers(0, 80),
        mark_delay_ms=st.integers(0, 80),
    ),
    st.lists(st.tuples(st.integers(0, 900), st.sampled_from(["media", "mark", "clear"])), max_size=12),
)
def test_without_mark_loss_every_mark_comes_back_once(faults: Faults, script: list[tuple[int, str]]) -> None:
    """And nothing is played that was not sent."""
    carrier = carrier_with(faults)
    marks, audio_ms = [], 0
    for number, (at_ms, kind) in enumerate(sorted(script)):
        run(carrier, at_ms)
        if kind == "mark":
            marks.append(f"m{number}")
            carrier.receive(messages.mark(SID, marks[-1]), at_ms)
        else:
            carrier.receive(messages.media(SID, tone(60)) if kind == "media" else messages.clear(SID), at_ms)
            audio_ms += 60 * (kind == "media")
    run(carrier, 3000)
    assert [mark.name for mark in carrier.marks_returned] == marks
    assert sum(len(heard.audio) for heard in carrier.heard_by_caller) <= audio_ms * 8
