"""The peer's own virtual environment: made once of the locked requirements, and made again when they change."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")
_STAMP: Final = "requirements.sha256"


def peer_python(folder: Path, *, report: Callable[[str], None], requirements: Path = REQUIREMENTS) -> Path:
    """The Python of the environment in `folder`, which is made or brought up to date first if need be.

    `report` is told when that begins; it takes minutes and 0.9 GB. Raises CalledProcessError when pip fails.
    """
    python = folder / "bin" / "python"
    if is_made(folder, requirements):
        return python
    report(f"making the peer's virtual environment in {folder}: some minutes and 0.9 GB")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    subprocess.run([*command, "-r", str(requirements)], check=True)
    # Written last: an installation that was broken off is made anew.
    (folder / _STAMP).write_text(_hash(requirements), encoding="ascii")
    return python


def is_made(folder: Path, requirements: Path = REQUIREMENTS) -> bool:
    """Whether the environment in `folder` holds exactly these requirements."""
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text(encoding="ascii") == _hash(requirements)


def locked_version(package: str, requirements: Path = REQUIREMENTS) -> str:
    """The version of a package in a requirements file. Raises KeyError when it is not there."""
    for line in requirements.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition("==")
        if name.partition("[")[0] == package:
            return rest.split()[0]
    raise KeyError(package)


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
