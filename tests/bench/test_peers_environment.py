import hashlib
from pathlib import Path

import pytest

from bench.peers.environment import REQUIREMENTS, is_made, locked_version, peer_python


def made(folder: Path, requirements: Path) -> Path:
    """A folder that looks as if these requirements had been installed into it."""
    stamp = hashlib.sha256(requirements.read_bytes()).hexdigest()
    (folder / "requirements.sha256").write_text(stamp)
    return folder


def test_an_environment_is_made_anew_when_its_requirements_change(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("one==1\n")
    assert not is_made(tmp_path, requirements)
    assert is_made(made(tmp_path, requirements), requirements)
    requirements.write_text("one==2\n")
    assert not is_made(tmp_path, requirements)


def test_an_environment_that_is_made_is_used_as_it_is(tmp_path: Path) -> None:
    told: list[str] = []
    assert peer_python(made(tmp_path, REQUIREMENTS), report=told.append) == tmp_path / "bin" / "python"
    assert told == []


def test_every_requirement_is_locked_with_a_hash() -> None:
    text = REQUIREMENTS.read_text(encoding="utf-8")
    entries = [entry for entry in text.replace("\\\n", " ").splitlines() if entry[:1].isalnum()]
    assert len(entries) > 50
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_version_that_is_compared_with_is_the_locked_one() -> None:
    assert locked_version("pipecat-ai").count(".") == 2
    with pytest.raises(KeyError):
        locked_version("pipecat")
