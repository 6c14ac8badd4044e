"""The log of one call, and a call brought back from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.journal import DURABLE, Journal, read_entry, read_log, restore
from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall
from flows.abuse import POLICY_VERSION, Standing
from flows.commands import (
    CancelTimer,
    Command,
    Disposition,
    EndCall,
    Flag,
    FlagKind,
    PromiseCallback,
    Rule,
    Say,
    SetPatience,
    SetTimer,
    StopSpeaking,
    Why,
)
from flows.errors import BadLogEntry
from flows.events import CallStarted, KeyPressed, TimerName
from flows.journal import facts_to_dict
from flows.line import LineFacts

WHY = Why("close.goodbye")
HEADER = Journal().header("CA1", LineFacts()).body
COMMANDS: list[Command] = [
    Say(WHY, "line-1", ("Hello.",), ()),
    StopSpeaking(WHY),
    SetTimer(WHY, TimerName.SILENCE, 1),
    CancelTimer(WHY, TimerName.SILENCE),
    SetPatience(WHY, 700),
    Rule(WHY, "abuse", "clear", "warning", POLICY_VERSION),
    PromiseCallback(WHY, "hold"),
    Flag(WHY, FlagKind.CRISIS),
    EndCall(WHY, Disposition.SERVED),
]


def test_the_header_says_which_call_which_line_and_which_policy() -> None:
    header = json.loads(Journal().header("CA1", LineFacts(business="Mill")).body)
    assert (header["call"], header["policy"], header["seq"]) == ("CA1", POLICY_VERSION, 0)
    assert header["line"] == facts_to_dict(LineFacts(business="Mill"))


def test_entries_are_numbered_without_a_gap() -> None:
    journal = Journal()
    entries = [
        journal.header("CA1", LineFacts()),
        journal.event(CallStarted(0)),
        journal.command(COMMANDS[0], at_ms=0),
        journal.playback("begun", text="Hello."),
    ]
    assert [entry.seq for entry in entries] == [json.loads(entry.body)["seq"] for entry in entries]
    assert [entry.seq for entry in entries] == [0, 1, 2, 3]


def test_a_later_stream_goes_on_where_the_first_one_stopped() -> None:
    journal = Journal(7)
    assert (Journal().is_new, journal.is_new) == (True, False)
    assert journal.event(CallStarted(0)).seq == 7


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.command)
def test_what_must_survive_a_crash_is_durable(command: Any) -> None:
    durable = {"rule", "promise_callback", "flag", "end_call"}
    assert Journal().command(command, at_ms=0).durable == (command.command in durable)
    assert isinstance(command, DURABLE) == (command.command in durable)


def test_what_came_in_and_what_was_played_is_written_in_batches() -> None:
    assert not Journal().event(KeyPressed(5, "0")).durable
    assert not Journal().playback("heard", text="Hello.").durable


@pytest.mark.parametrize(
    "body",
    ["", "{", "7", "[]", "null", '{"event":"x"}', '{"seq":"1"}', '{"seq":1,"at_ms":"soon"}', "[" * 100_000],
)
def test_a_line_that_is_no_entry_is_refused(body: str) -> None:
    with pytest.raises(BadLogEntry):
        read_entry(body)


def test_a_log_in_a_file_is_read_line_by_line_and_only_a_newline_ends_one(tmp_path: Path) -> None:
    bodies = ['{"seq":0,"text":"a\u2028b\x85c"}', '{"seq":1}']
    file = tmp_path / "call.jsonl"
    file.write_text("".join(body + "\n" for body in bodies), encoding="utf-8")
    assert read_log(file) == bodies


def test_a_file_that_is_no_text_is_no_log(tmp_path: Path) -> None:
    file = tmp_path / "call.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadLogEntry, match=r"call\.jsonl"):
        read_log(file)


def test_a_file_that_is_not_there_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(BadLogEntry, match="No such file"):
        read_log(tmp_path / "call.jsonl")


def test_an_empty_log_brings_back_no_call() -> None:
    assert restore([]) is None


def test_a_call_is_brought_back_as_it_was() -> None:
    insult = ScriptedTurn(9_000, 10_500, "You are a stupid useless idiot.")
    call = VirtualCall([insult]).run(until_ms=30_000)
    restored = restore(call.journal)
    assert restored is not None
    assert restored.state == call.call.state
    assert restored.state.standing is Standing.WARNED
    assert restored.last_ms <= call.call.now_ms


def test_a_call_can_be_brought_back_from_any_point_of_its_log() -> None:
    journal = VirtualCall([ScriptedTurn(9_000, 10_500, "My parcel is late.")]).run(until_ms=20_000).journal
    for length in range(1, len(journal)):
        restored = restore(journal[:length])
        assert restored is not None
        assert (restored.call_id, restored.next_seq) == ("CA0", length)


@pytest.mark.parametrize(
    "bodies",
    [
        ['{"seq":0,"event":"call_started","at_ms":0}'],
        ['{"seq":0,"call":"CA1"}'],
        ['{"seq":0,"call":"CA1","line":{"person_available":"perhaps"}}'],
        [HEADER, '{"seq":1,"event":"earthquake","at_ms":0}'],
        [HEADER, "{"],
    ],
)
def test_a_damaged_log_brings_back_nothing(bodies: list[str]) -> None:
    with pytest.raises(BadLogEntry):
        restore(bodies)
