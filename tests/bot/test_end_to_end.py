"""The demo's two calls: natural voices on a real socket, the real ear, the real judgement, the real voice."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from audio.mulaw import decode_mulaw
from audio.signal import EAR_HZ, TELEPHONE_HZ, MuLaw, Samples8k, Samples16k
from audio.whisper import Whisper
from bot.demo import demo_caller, demo_calls
from bot.replay import replay
from bot.simulator.carrier import Ending
from bot.simulator.phone import PhoneResult, StreamRecord
from bot.store import CallRecord, PromiseKind, PromiseRecord
from flows.commands import Disposition
from tests.bot.line_server import Entries, Line, commands, events, heard_text, playback

SPOKEN_RMS = 0.01
"""Speech is louder than this; a channel on which nobody speaks is digital silence."""


@dataclass(frozen=True)
class Made:
    """What is left of a call, on both sides."""

    result: PhoneResult
    record: CallRecord
    bodies: list[str]
    entries: Entries
    promises: list[PromiseRecord]
    caller: Samples8k  # the left channel of the recording
    line: Samples8k  # the right channel

    @property
    def stream(self) -> StreamRecord:
        (stream,) = self.result.streams
        return stream


LAG_JITTER_MS = 100
"""A line is dated by the lag of an earlier mark, and marks come back on 20 ms frames, some later than others."""


@pytest.fixture(scope="module")
def calls(line: Line, whisper_folder: Path) -> list[Made]:
    """Both calls, held at the same time: the waiting caller, and the one who insults."""
    cache = whisper_folder.parent.parent / "callers"
    callers = [demo_caller(script, cache=cache) for script in demo_calls()]

    async def talk() -> list[PhoneResult]:
        return list(await asyncio.gather(*(line.phone().call(caller) for caller in callers)))

    results = asyncio.run(talk())
    line.wait_for_the_ends()
    return [_made(line, result) for result in results]


def _made(line: Line, result: PhoneResult) -> Made:
    record = line.store.call(result.call_sid)
    channels, _hz = soundfile.read(record.recording, dtype="float32")
    return Made(
        result,
        record,
        line.bodies(result.call_sid),
        line.entries(result.call_sid),
        line.store.promises(call_id=result.call_sid),
        caller=Samples8k(channels[:, 0]),
        line=Samples8k(channels[:, 1]),
    )


@pytest.fixture(scope="module")
def waiting(calls: list[Made]) -> Made:
    return calls[0]


@pytest.fixture(scope="module")
def insulting(calls: list[Made]) -> Made:
    return calls[1]


# -- the caller who was kept waiting ------------------------------------------------------------------------------


def test_a_caller_who_is_only_angry_is_neither_warned_nor_ended(waiting: Made) -> None:
    assert commands(waiting.entries, "rule") == []
    assert waiting.record.disposition is Disposition.CALLBACK


def test_the_first_answer_begins_with_empathy_for_the_wait(waiting: Made) -> None:
    first_words = events(waiting.entries, "heard")[0]
    answers = [say for say in commands(waiting.entries, "say") if say["seq"] > first_words["seq"]]
    assert "empathy.first" in answers[0]["clauses"]
    assert "empathy.specific" in answers[0]["clauses"]


def test_the_promised_call_back_is_stored(waiting: Made) -> None:
    (promise,) = waiting.promises
    assert promise.kind is PromiseKind.CALLBACK
    assert (promise.number, promise.owner) == ("+15005550006", "customer care")


# -- the caller who insults ---------------------------------------------------------------------------------------


def test_an_insulting_caller_is_warned_once_and_ended_after_the_second_abuse(insulting: Made) -> None:
    rulings = [(ruling["before"], ruling["after"]) for ruling in commands(insulting.entries, "rule")]
    assert rulings == [("clear", "warning"), ("warning", "warned"), ("warned", "ending"), ("ending", "ended")]
    assert insulting.record.disposition is Disposition.ENDED_FOR_ABUSE


def test_the_warning_was_heard_to_its_end_before_the_call_could_be_ended(insulting: Made) -> None:
    entries = insulting.entries
    warned = commands(entries, "rule")[1]
    before = entries[: warned["seq"]]
    assert "I will end the call" in heard_text(before)
    assert events(before, "line_heard")[-1]["to_its_end"]


def test_the_farewell_was_heard_to_its_end_and_the_line_hung_up(insulting: Made) -> None:
    assert insulting.stream.ending is Ending.SERVER_CLOSED
    assert insulting.stream.truncated_bytes == 0
    assert events(insulting.entries, "line_heard")[-1]["to_its_end"]


def test_the_farewell_invites_to_call_again(insulting: Made) -> None:
    farewell = _farewell(insulting)
    assert "call us again" in heard_text(farewell)


def test_the_recorded_farewell_is_heard_as_what_it_says(insulting: Made, whisper: Whisper) -> None:
    """The recording's line channel is transcribed back by the real recogniser."""
    start_ms = playback(_farewell(insulting), "begun")[0]["at_ms"]
    spoken = insulting.line[start_ms * 8 :]
    heard = whisper.transcribe(Samples16k(soxr.resample(spoken, TELEPHONE_HZ, EAR_HZ).astype(np.float32)))
    assert "call us again" in heard.text.lower()


# -- both ---------------------------------------------------------------------------------------------------------


def test_the_line_keeps_the_carriers_protocol(calls: list[Made]) -> None:
    assert [call.result.violations for call in calls] == [(), ()]


def test_the_greeting_is_heard_at_once(calls: list[Made]) -> None:
    """The promise is 300 ms and is measured by the bench; here a busy machine must pass too."""
    for call in calls:
        assert call.stream.greeting_ms is not None
        assert call.stream.greeting_ms < 1000


def test_every_turn_of_the_callers_was_answered(calls: list[Made]) -> None:
    for call, script in zip(calls, demo_calls(), strict=True):
        assert len(call.result.turns) == len(script.says)
        assert None not in [turn.wait_ms for turn in call.result.turns]


def test_every_decoding_was_counted(line: Line, calls: list[Made]) -> None:
    turns = sum(len(call.result.turns) for call in calls)
    assert line.figure("decode_seconds_count", kind="final") >= turns
    assert line.figure("response_ms_count") >= turns


def test_a_replay_of_the_log_decides_the_same(calls: list[Made]) -> None:
    for call in calls:
        assert replay(call.bodies).difference is None


def test_the_recordings_line_channel_is_silent_but_where_sentences_were_heard(calls: list[Made]) -> None:
    for call in calls:
        spans = _spans_heard(call.entries)
        assert len(spans) >= 5
        assert all(_rms(call.line[begin * 8 : end * 8]) > SPOKEN_RMS for begin, end in spans)
        rest = call.line.copy()
        for begin, end in _spans_spoken(call.entries):
            rest[begin * 8 : end * 8] = 0
        assert not rest.any()


def test_the_recordings_caller_channel_is_what_the_phone_sent(calls: list[Made]) -> None:
    for call in calls:
        sent = decode_mulaw(MuLaw(call.stream.caller_track))
        length = min(len(sent), len(call.caller))
        assert length >= len(sent) - TELEPHONE_HZ // 2  # the last words may come while the line hangs up
        assert np.allclose(call.caller[:length], sent[:length], atol=1e-4)


def test_the_recordings_line_channel_is_what_the_phone_played(calls: list[Made]) -> None:
    """Transit and the carrier's frames move the sound a little; its energy in each second stays."""
    for call in calls:
        played = decode_mulaw(MuLaw(call.stream.line_track))
        length = min(len(played), len(call.line)) // TELEPHONE_HZ * TELEPHONE_HZ
        ours, theirs = (np.square(track[:length]).mean() for track in (call.line, played))
        assert ours == pytest.approx(theirs, rel=0.02)


def _farewell(call: Made) -> Entries:
    """The log from the last line on."""
    last = commands(call.entries, "say")[-1]
    return call.entries[last["seq"] :]


def _spans_heard(entries: Entries) -> list[tuple[int, int]]:
    """From when to when each sentence was heard that was heard to its end."""
    begun = {(entry["line_id"], entry["sentence"]): entry["at_ms"] for entry in playback(entries, "begun")}
    return [
        (begun[entry["line_id"], entry["sentence"]], entry["at_ms"]) for entry in playback(entries, "heard")
    ]


def _spans_spoken(entries: Entries) -> list[tuple[int, int]]:
    """From when to when each line was heard, to its end or not, as far as marks can tell (LAG_JITTER_MS)."""
    done = {entry["line_id"]: entry["at_ms"] + LAG_JITTER_MS for entry in events(entries, "line_heard")}
    return [
        (entry["at_ms"], done[entry["line_id"]])
        for entry in playback(entries, "begun")
        if entry["sentence"] == 0
    ]


def _rms(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.square(samples).mean()))
