"""How the project is laid out: every module has its tests, stays small, and says nothing it should not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
ROOMS: Final = ("audio", "flows", "bot")
MAX_LINES: Final = 400

UNTESTED: Final = {
    "audio/ear_events.py": "data: what the ear says; test_ear and test_turn_taking look at every one",
    "audio/signal.py": "types and rates; mulaw_ms is held by test_ear and test_mulaw",
    "bot/effects.py": "data: what a call asks of its driver; test_call and test_session look at every one",
    "bot/store/records.py": "data: what the store hands out",
    "bot/store/rows.py": "the store's own reading of rows; test_store goes through it on both databases",
    "bot/web_parts.py": "data: what the web application is made of",
    "flows/commands.py": "data: what the judgement asks for; test_journal reads every one back",
    "flows/events.py": "data: what can happen in a call; test_journal reads every one back",
    "flows/meaning/model.py": "data: what an utterance means",
}
"""Modules without a test module of their own, and why."""

_GENERATED: Final = {
    "var",
    "build",
    "dist",
}  # beside these, folders whose names begin with a dot or end in .egg-info


def files(*patterns: str) -> Iterator[Path]:
    """The project's files, without what is generated."""
    for pattern in patterns:
        for path in sorted(ROOT.rglob(pattern)):
            folders = path.relative_to(ROOT).parts[:-1]
            hidden = any(name.startswith(".") or name.endswith(".egg-info") for name in folders)
            if (
                path.is_file()
                and not hidden
                and not _GENERATED & {*folders, ""}
                and "__pycache__" not in folders
            ):
                yield path


def named(paths: Iterator[Path]) -> list[str]:
    """Paths as they are written in the project."""
    return [path.relative_to(ROOT).as_posix() for path in paths]


MODULES: Final = [
    name
    for name in named(files("*.py"))
    if name.startswith(ROOMS)
    and not name.endswith(("__init__.py", "_port.py"))
    and "/migrations/" not in name
]
DOCUMENTS: Final = [name for name in named(files("*.md")) if name == "README.md" or name.startswith("docs/")]
TEXTS: Final = named(
    files(
        "*.py",
        "*.md",
        "*.yaml",
        "*.yml",
        "*.toml",
        "*.in",
        "*.txt",
        "*.cfg",
        "*.html",
        "*.sh",
        "Makefile",
        "Procfile",
    )
)


def mirror(module: str) -> Path:
    """Where the tests of a module are."""
    path = ROOT / "tests" / module
    return path.with_name(f"test_{path.name}")


@pytest.mark.parametrize("module", [module for module in MODULES if module not in UNTESTED])
def test_every_module_has_a_test_module_of_its_name(module: str) -> None:
    assert mirror(module).is_file()


@pytest.mark.parametrize("module", UNTESTED)
def test_a_module_that_is_excused_exists_and_has_no_tests_after_all(module: str) -> None:
    assert module in MODULES
    assert not mirror(module).exists()


@pytest.mark.parametrize("module", named(files("*.py")))
def test_no_module_is_longer_than_a_reader_bears(module: str) -> None:
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\b(TO[D]O|FIX[M]E|X{3})\b", id="work left undone"),
        pytest.param(
            r"--(extra-|default-)?index-ur[l]|--find-link[s]|--trusted-hos[t]|INDEX_UR[L]", id="an index"
        ),
        pytest.param(r"^[<>=]{7}( |$)", id="a merge that was not finished"),
    ],
)
def test_no_file_contains(pattern: str) -> None:
    wrong = re.compile(pattern, re.MULTILINE)
    assert [name for name in TEXTS if wrong.search((ROOT / name).read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_no_path_outside_the_repository(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    outside = re.compile(r"(?<![\w.:/*])(/(home|root|tmp|work|mnt|opt|srv|Users|private)/|~/|[A-Z]:\\)\S*")
    assert [found[0] for found in outside.finditer(text)] == []


def test_every_link_of_the_readme_leads_to_a_file_of_the_repository() -> None:
    """Those of the manual are followed in test_docs."""
    targets = re.findall(
        r"\]\((?!https?:|mailto:|#)([^)\s#]+)", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    found = {target: (ROOT / target).resolve() for target in targets}
    assert [name for name, path in found.items() if not (path.exists() and path.is_relative_to(ROOT))] == []
