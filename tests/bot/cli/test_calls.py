"""`calmline calls` and `calmline replay`."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import Store
from flows.commands import Afterwards, Disposition
from tests.bot.cli.calmline import calmline, is_one_sentence
from tests.bot.cli.conftest import CALL
from tests.bot.store.opened import NOW, add_call


def test_without_calls_it_says_how_to_make_some(tmp_path: Path) -> None:
    result = calmline("calls", home=tmp_path)
    assert (result.exit_code, "calmline demo" in result.stdout) == (0, True)


def test_a_call_is_a_row_with_its_times_its_end_and_its_recording(store: Store, tmp_path: Path) -> None:
    ended_at = NOW + timedelta(seconds=42)
    store.finish_call(
        CALL, disposition=Disposition.ENDED_FOR_ABUSE, afterwards=Afterwards.HANG_UP, ended_at=ended_at
    )
    store.keep_recording(CALL, "/recordings/CA0-1.flac")
    row = calmline("calls", home=tmp_path).stdout.splitlines()[-1]
    assert row.split() == [
        CALL,
        "2030-05-17",
        "09:30:00",
        "+1…06",
        "42",
        "ended_for_abuse",
        "/recordings/CA0-1.flac",
    ]


def test_a_callers_number_is_not_shown_whole(store: Store, tmp_path: Path) -> None:
    assert "+15005550006" not in calmline("calls", home=tmp_path).stdout


def test_a_call_that_has_not_ended_is_open(store: Store, tmp_path: Path) -> None:
    assert "open" in calmline("calls", home=tmp_path).stdout.splitlines()[-1].split()


def test_a_caller_whose_name_looks_like_markup_is_a_row_like_any_other(store: Store, tmp_path: Path) -> None:
    add_call(store, "CA1", caller="[/anonymous]")
    store.keep_recording("CA1", "/calls [/red]/CA1.flac")
    result = calmline("calls", home=tmp_path)
    assert "/calls [/red]/CA1.flac" in result.stdout


def test_no_more_calls_are_listed_than_asked_for(store: Store, tmp_path: Path) -> None:
    for number in range(1, 5):
        add_call(store, f"CA{number}")
    assert len(calmline("calls", "--limit", "2", home=tmp_path).stdout.splitlines()) == 3


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "many"])
def test_a_limit_that_is_none_is_a_wrong_use(tmp_path: Path, limit: str) -> None:
    result = calmline("calls", "--limit", limit, home=tmp_path)
    assert (result.exit_code, "--limit" in result.stderr) == (2, True)


def test_the_log_of_a_call_is_printed_as_it_is_kept(store: Store, tmp_path: Path, log: list[str]) -> None:
    assert calmline("calls", "--log", CALL, home=tmp_path).stdout == "".join(f"{body}\n" for body in log)


@pytest.mark.parametrize("command", [("calls", "--log"), ("replay",)])
@pytest.mark.parametrize("name", ["CA9", "a" * 5_000, "../CA0", "[/red]"])
def test_a_call_that_is_not_there_is_said_so(
    store: Store, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    result = calmline(*command, name, home=tmp_path)
    assert is_one_sentence(result)
    assert "there is no call" in result.stderr


def test_a_call_replays_to_the_same_commands(store: Store, tmp_path: Path) -> None:
    result = calmline("replay", CALL, home=tmp_path)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{CALL}: the same ")


def test_a_log_in_a_file_is_replayed_without_a_store(tmp_path: Path, log: list[str]) -> None:
    file = tmp_path / "call.jsonl"
    file.write_text("\n".join(log), encoding="utf-8")
    assert calmline("replay", str(file), home=tmp_path / "none").exit_code == 0
    assert not (tmp_path / "none").exists()


def test_a_tampered_log_shows_the_first_difference_and_fails(tmp_path: Path, log: list[str]) -> None:
    file = tmp_path / "call.jsonl"
    file.write_text("\n".join(log).replace('"after":"warning"', '"after":"clear"'), encoding="utf-8")
    result = calmline("replay", str(file), home=tmp_path)
    assert result.exit_code == 1
    first, logged, decided = result.stdout.splitlines()
    assert "(heard) leads to something else now" in first
    assert ('"after":"clear"' in logged, '"after":"warning"' in decided) == (True, True)


def test_a_command_that_is_missing_from_a_log_is_shown_as_nothing(tmp_path: Path, log: list[str]) -> None:
    file = tmp_path / "call.jsonl"
    file.write_text("\n".join(body for body in log if '"end_call"' not in body), encoding="utf-8")
    result = calmline("replay", str(file), home=tmp_path)
    assert (result.exit_code, "logged:  nothing" in result.stdout) == (1, True)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000, b'{"seq":0}'])
def test_a_file_that_is_no_log_is_said_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "call.jsonl"
    file.write_bytes(content)
    assert is_one_sentence(calmline("replay", str(file), home=tmp_path))
