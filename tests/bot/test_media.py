"""Bad input on the media socket, while another call goes on beside it and must notice nothing.

Every bad stream is opened within the seconds in which the line greets the caller beside it. What came of each is kept
and judged by one test each.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.replay import replay
from bot.simulator.caller import SilentCaller
from bot.simulator.carrier import Ending
from bot.simulator.faults import Faults
from bot.simulator.loudness import SILENCE
from bot.simulator.phone import PhoneResult
from bot.simulator.wire import Speaker, StreamIds
from tests.bot.line_server import Line, caller, events, peer, playback, rendered

BESIDE_MS = 12_000
"""So long the caller beside them stays."""

POLICY_VIOLATION = 1008
TOO_BIG = 1009

OTHER_STREAM = StreamIds("MZ" + "f" * 32, "CA" + "f" * 32)

Scene = Callable[[Line], Awaitable[Any]]


@dataclass(frozen=True)
class Outcome:
    """What came of one bad stream: what its scene returned, and by how much each figure grew."""

    came: Any
    grew: dict[str, float]


# -- scenes: each plays one bad stream to its end ---------------------------------------------------------------------


async def _with(line: Line, *bad: str | bytes) -> tuple[str, bool]:
    """A call in which bad messages come, and whether the line goes on speaking."""
    async with caller(line) as wire:
        await wire.speak()
        await wire.send(*bad)
        going_on = await wire.is_still_spoken_to()
        await wire.send(wire.speaker.stop())
        await wire.close_code()
        return wire.ids.call_sid, going_on


async def _closing(line: Line, bad: str | bytes, times: int) -> int | None:
    """A call in which the line loses patience; the code with which it closes."""
    async with caller(line) as wire:
        await wire.send(*[bad] * times)
        return await wire.close_code()


async def _first(line: Line, *messages: str | bytes) -> int | None:
    """A socket that begins with these messages; the code with which it is closed."""
    async with peer(line) as wire:
        await wire.send(*messages)
        return await wire.close_code()


async def _token(line: Line, token: str | None, call_id: str = "") -> int | None:
    """A start with this token, or without any."""
    async with peer(line, call_id=call_id) as wire:
        await wire.begin({} if token is None else {"token": token})
        return await wire.close_code()


async def _used_token(line: Line) -> int | None:
    call_id, token = await asyncio.to_thread(line.token)
    async with peer(line, call_id=call_id) as wire:
        await wire.begin({"token": token})
        await wire.hears()
        return await _token(line, token, call_id)


async def _token_of_another_call(line: Line) -> int | None:
    _, token = await asyncio.to_thread(line.token)
    return await _token(line, token)


async def _out_of_order(line: Line) -> tuple[str, bool]:
    """Frames from before, twice, from far ahead, and in the wrong order."""
    async with caller(line) as wire:
        await wire.speak(5)
        for from_ms in (40, 40, 0, 80, 3_600_000, 100, 60):
            await wire.speak(from_ms=from_ms)
        wire.sent_ms = 120
        going_on = await wire.is_still_spoken_to()
        await wire.send(wire.speaker.stop())
        await wire.close_code()
        return wire.ids.call_sid, going_on


async def _second_start(line: Line) -> tuple[str, bool]:
    async with caller(line) as wire:
        await wire.begin({"token": "another"})
        going_on = await wire.is_still_spoken_to()
        await wire.send(wire.speaker.stop())
        await wire.close_code()
        return wire.ids.call_sid, going_on


async def _dropped(line: Line) -> str:
    async with caller(line) as wire:
        await wire.speak(5)
        wire.drop()
        return wire.ids.call_sid


async def _closed_before_start(line: Line) -> None:
    async with peer(line) as wire:
        await wire.send(wire.speaker.connected())


TOO_LONG = '{"event":"media","padding":"' + "x" * 66_000 + '"}'
FAR_TOO_LONG = '{"event":"media","padding":"' + "x" * 140_000 + '"}'
EARLY = Speaker(OTHER_STREAM).media(SILENCE, 0)

SCENES: dict[str, Scene] = {
    "malformed": lambda line: _with(line, '{"event":', "", "[]", '{"event":"dance"}', '{"event":"media"}'),
    "binary": lambda line: _with(line, b"\x00\xff\x10"),
    "too long": lambda line: _with(line, TOO_LONG),
    "far too long": lambda line: _closing(line, FAR_TOO_LONG, 1),
    "foreign stream": lambda line: _with(line, EARLY, Speaker(OTHER_STREAM).stop()),
    "out of order": _out_of_order,
    "second start": _second_start,
    "flood": lambda line: _closing(line, "rubbish", 120),
    "flood before start": lambda line: _first(line, *["rubbish"] * 120),
    "media before start": lambda line: _first(line, EARLY),
    "no token": lambda line: _token(line, None),
    "forged token": lambda line: _token(line, "WyJDQSIsIjAiXQ.aaaa.bbbb"),
    "used token": _used_token,
    "token of another call": _token_of_another_call,
    "dropped": _dropped,
    "closed before start": _closed_before_start,
}


@dataclass(frozen=True)
class Evening:
    """All bad streams, one after the other, and the call that went on beside them."""

    line: Line
    beside: PhoneResult
    outcomes: dict[str, Outcome]


@pytest.fixture(scope="module")
def evening(line: Line) -> Evening:
    async def play() -> Evening:
        beside = asyncio.create_task(line.phone().call(SilentCaller(), Faults(hang_up_at_ms=BESIDE_MS)))
        silent = asyncio.create_task(_first(line))
        outcomes = {name: await _play(line, scene) for name, scene in SCENES.items()}
        outcomes["silent"] = Outcome(await silent, {})
        assert not beside.done(), "the call beside them must be there all the time"
        return Evening(line, await beside, outcomes)

    made = asyncio.run(play())
    line.wait_for_the_ends()
    return made


async def _play(line: Line, scene: Scene) -> Outcome:
    """Play a scene, and compare the figures before and after it."""
    before = await asyncio.to_thread(line.figures)
    came = await scene(line)
    after = await asyncio.to_thread(line.figures)
    return Outcome(came, {name: value - before.get(name, 0.0) for name, value in after.items()})


def bad(reason: str) -> str:
    return f'calmline_media_messages_bad_total{{reason="{reason}"}}'


def refused(reason: str) -> str:
    return f'calmline_stream_tokens_refused_total{{reason="{reason}"}}'


# -- the call beside them ---------------------------------------------------------------------------------------------


def test_the_call_beside_them_heard_its_greeting_without_a_gap(evening: Evening) -> None:
    (stream,) = evening.beside.streams
    entries = evening.line.entries(evening.beside.call_sid)
    sentences = [entry["text"] for entry in playback(entries, "begun")[:2]]
    assert stream.line_track.find(rendered(evening.line, sentences)) >= 0
    assert [entry["text"] for entry in playback(entries, "heard")[:2]] == sentences


def test_the_call_beside_them_was_spoken_to_correctly_and_only_by_its_own_line(evening: Evening) -> None:
    (stream,) = evening.beside.streams
    assert stream.violations == ()
    assert stream.ending is Ending.CALLER_HUNG_UP


def test_the_log_of_the_call_beside_them_is_whole(evening: Evening) -> None:
    assert replay(evening.line.bodies(evening.beside.call_sid)).difference is None
    assert events(evening.line.entries(evening.beside.call_sid), "caller_left")[0]["departure"] == "hung_up"


# -- bad messages in a call -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene", "counts"),
    [
        ("malformed", {"not_json": 2, "not_object": 1, "unknown_event": 1, "missing_field": 1}),
        ("binary", {"not_text": 1}),
        ("too long", {"too_large": 1}),
        ("foreign stream", {"wrong_stream": 2}),
    ],
)
def test_bad_messages_are_counted_and_their_call_goes_on(
    evening: Evening, scene: str, counts: dict[str, int]
) -> None:
    outcome = evening.outcomes[scene]
    assert {reason: outcome.grew[bad(reason)] for reason in counts} == counts
    assert outcome.came[1], "the line goes on"


@pytest.mark.parametrize("scene", ["out of order", "second start"])
def test_messages_at_the_wrong_time_change_nothing(evening: Evening, scene: str) -> None:
    call_id, going_on = evening.outcomes[scene].came
    assert going_on
    assert replay(evening.line.bodies(call_id)).difference is None


def test_a_frame_dated_an_hour_ahead_does_not_move_the_calls_clock(evening: Evening) -> None:
    call_id, _ = evening.outcomes["out of order"].came
    assert max(entry["at_ms"] for entry in evening.line.entries(call_id)) < BESIDE_MS


def test_a_message_over_the_servers_limit_closes_its_stream_and_is_counted(evening: Evening) -> None:
    outcome = evening.outcomes["far too long"]
    assert outcome.came == TOO_BIG
    assert outcome.grew[bad("too_large")] == 1


def test_a_stream_that_sends_only_rubbish_is_closed(evening: Evening) -> None:
    outcome = evening.outcomes["flood"]
    assert outcome.came == POLICY_VIOLATION
    assert outcome.grew[bad("not_json")] == 100


def test_a_socket_lost_in_mid_call_is_in_the_log_and_the_call_can_be_resumed(evening: Evening) -> None:
    call_id = evening.outcomes["dropped"].came
    assert events(evening.line.entries(call_id), "caller_left")[0]["departure"] == "socket_lost"
    assert evening.line.store.call(call_id).disposition is None


# -- bad beginnings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", ["flood before start", "media before start", "silent"])
def test_a_stream_must_begin_with_start_within_ten_seconds(evening: Evening, scene: str) -> None:
    assert evening.outcomes[scene].came == POLICY_VIOLATION


@pytest.mark.parametrize(
    ("scene", "reason"),
    [
        ("no token", "missing"),
        ("forged token", "forged"),
        ("used token", "used"),
        ("token of another call", "foreign"),
    ],
)
def test_a_stream_without_a_good_token_is_closed_and_counted(
    evening: Evening, scene: str, reason: str
) -> None:
    outcome = evening.outcomes[scene]
    assert outcome.came == POLICY_VIOLATION
    assert outcome.grew[refused(reason)] == 1


def test_no_stream_is_left_open(evening: Evening) -> None:
    assert evening.line.figure("calls_live") == 0
