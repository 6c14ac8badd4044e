"""What the tests of the running line share: one server for the whole run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.line_server import Line, make_home, serving


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory, whisper_folder: Path) -> Iterator[Line]:
    """A line that is ready for calls, with its own store and recordings."""
    with serving(make_home(tmp_path_factory.mktemp("line"), whisper_folder)) as ready:
        yield ready


@pytest.fixture
def home(tmp_path: Path, whisper_folder: Path) -> Path:
    """A fresh home for a server of one test's own; models and voice need not be made again."""
    return make_home(tmp_path, whisper_folder)
