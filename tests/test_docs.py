"""The manual: its copies are fresh, its links lead somewhere, and its examples name what there is."""

import ast
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from bot.cli import main as calmline
from bot.journal import read_entry
from bot.metrics import Metrics
from bot.settings import settings_table
from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall
from calmline import CalmlineError
from flows import commands, events
from tests.bot.web_line import WebLine
from tests.docs import BLOCKS, DOCS, blocks_of, drawn, pages
from tests.manual.surface import descendants
from tests.manual.types import command_name, event_name

MAKEFILE = (DOCS.parent / "Makefile").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (?P<words>.+)$", re.MULTILINE)
COMMAND = re.compile(r"^(?P<before>(?:[A-Z_]+=\S+ )*)(?:\.venv/bin/)?calmline (?P<rest>[^|]+)")


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(DOCS))


def every_page() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", pages(), ids=name_of)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = (found["words"].lower() for found in HEADING.finditer(prose))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def fences(page: Path, *languages: str) -> Iterator[str]:
    """The code blocks of a page in these languages."""
    for found in FENCE.finditer(page.read_text(encoding="utf-8")):
        if found["language"] in languages:
            yield found["text"]


def example_lines(page: Path) -> Iterator[str]:
    """The lines of a page that are to be typed: of its shell blocks, and of the examples in a command's help."""
    for block in fences(page, "sh", "text"):
        for line in block.splitlines():
            yield from (part.strip() for part in line.split("|"))


def sections(page: str) -> set[str]:
    """The headings of a page."""
    return {found["words"] for found in HEADING.finditer(text_of(page))}


@every_page()
def test_a_copy_in_the_manual_is_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert drawn(text) == text, f"docs/{name_of(page)} is stale: run make docs"


def test_every_block_has_a_place_in_the_manual() -> None:
    used = {name for page in pages() for name in blocks_of(page.read_text(encoding="utf-8"))}
    assert used == set(BLOCKS)


@every_page()
def test_every_link_leads_somewhere(page: Path) -> None:
    for found in LINK.finditer(page.read_text(encoding="utf-8")):
        target, _, anchor = found["target"].partition("#")
        if not target.startswith(("http://", "https://")):
            file = (page.parent / target).resolve() if target else page
            assert file.exists(), f"{name_of(page)} links to {target}, which is not there"
            assert not anchor or anchor in anchors(file), f"{name_of(page)}: no heading for #{anchor}"


def test_the_index_names_every_page() -> None:
    index = {found["target"] for found in LINK.finditer(text_of("README.md"))}
    written = {name_of(page) for page in pages()} - {"README.md"}
    assert written <= index


def test_every_setting_is_documented() -> None:
    page = text_of("reference/settings.md")
    assert [row.variable for row in settings_table() if f"| `{row.variable}` |" not in page] == []


def test_every_command_is_documented() -> None:
    assert {f"calmline {name}" for name in calmline.commands} <= sections("reference/cli.md")


def test_every_figure_is_documented() -> None:
    page = text_of("reference/metrics.md")
    figures = {metric.name for metric in Metrics().registry.collect()}
    assert {name for name in figures if f"`{name}" not in page} == set()


def test_every_event_and_command_of_the_log_is_documented() -> None:
    named = {event_name(kind) for kind in events.Event.__args__}
    named |= {command_name(kind) for kind in commands.Command.__args__}
    assert named <= sections("reference/log.md")


def test_every_playback_entry_and_its_fields_are_documented() -> None:
    call = VirtualCall(turns=[ScriptedTurn(9_000, 10_500, "My parcel has not come.")]).run(until_ms=20_000)
    entries = [entry for entry in map(read_entry, call.journal) if "playback" in entry]
    page = text_of("reference/log.md").partition("## Playback")[2]
    assert {"begun", "heard"} == {entry["playback"] for entry in entries}
    assert {key for entry in entries for key in entry if f"`{key}`" not in page} <= {"seq"}


def test_every_error_is_documented() -> None:
    roots = {kind for kind in CalmlineError.__subclasses__() if not kind.__module__.startswith("tests.")}
    errors = {kind.__name__ for root in roots for kind in descendants(root)}
    assert errors <= sections("reference/errors.md")


def test_every_address_of_the_server_is_documented(tmp_path: Path) -> None:
    app = WebLine(tmp_path).client.application
    assert isinstance(app, Flask)
    page = text_of("reference/webhooks.md")
    assert [rule.rule for rule in app.url_map.iter_rules() if f"| `{rule.rule}` |" not in page] == []


@every_page()
def test_every_example_is_a_command_that_parses(page: Path) -> None:
    root = click.Context(calmline, info_name="calmline")
    for line in example_lines(page):
        if found := COMMAND.match(line):
            name, *arguments = shlex.split(found["rest"])
            if not name.startswith("-"):
                calmline.commands[name].make_context(name, arguments, parent=root)


@every_page()
def test_every_command_and_make_target_that_a_page_names_exists(page: Path) -> None:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    for name, option in re.findall(r"`calmline (\w+)(?: (--[a-z]+))?", prose):
        known = {flag for parameter in calmline.commands[name].params for flag in parameter.opts}
        assert not option or option in known, f"calmline {name} has no {option}"
    typed = [line.removeprefix("make ") for line in example_lines(page) if line.startswith("make ")]
    for target in [*re.findall(r"`make ([a-z]+)`", prose), *typed]:
        assert f"\n{target}:" in MAKEFILE, f"there is no make {target}"


@every_page()
def test_every_variable_that_an_example_sets_is_a_setting(page: Path) -> None:
    known = {row.variable for row in settings_table()}
    for line in example_lines(page):
        exported = re.findall(r"^export ([A-Z_]+)=", line)
        found = COMMAND.match(line)
        given = re.findall(r"([A-Z_]+)=", found["before"]) if found else []
        assert {*exported, *given} <= known


@every_page()
def test_every_python_example_imports_what_there_is(page: Path) -> None:
    for block in fences(page, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = importlib.import_module(node.module)
                assert all(hasattr(module, alias.name) for alias in node.names)
