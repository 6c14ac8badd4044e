from pathlib import Path

import pytest

from audio.errors import ModelMissing
from audio.model_choice import (
    Machine,
    ModelChoice,
    choose_model,
    fetch_choice,
    hears_badly,
    this_machine,
)
from audio.models import KNOWN_MODELS

NO_HUB = "http://127.0.0.1:9"
SMALL_MACHINE, LARGE_MACHINE, WITH_GPU = Machine(2), Machine(8), Machine(2, gpus=1)


@pytest.mark.parametrize(
    ("languages", "machine", "name"),
    [
        (("en",), SMALL_MACHINE, "base"),
        (("en-GB", "en-US"), SMALL_MACHINE, "base"),
        (("en",), LARGE_MACHINE, "small"),
        (("el",), SMALL_MACHINE, "small"),
        (("en", "zh-Hant"), SMALL_MACHINE, "small"),
        (("el",), WITH_GPU, "large-v3-turbo"),
        (("en",), WITH_GPU, "large-v3-turbo"),
    ],
)
def test_a_line_gets_the_model_of_its_languages_and_of_the_machine(
    languages: tuple[str, ...], machine: Machine, name: str
) -> None:
    assert choose_model(languages, machine).name == name


def test_a_model_that_is_wished_for_is_taken() -> None:
    assert choose_model(["el"], LARGE_MACHINE, wished="base") == ModelChoice("base", "cpu", "int8")
    assert choose_model(["el"], WITH_GPU, wished="models/mine") == ModelChoice(
        "models/mine", "cuda", "float16"
    )


def test_only_known_models_are_chosen() -> None:
    machines = (SMALL_MACHINE, LARGE_MACHINE, WITH_GPU)
    chosen = {choose_model(tags, machine).name for tags in (["en"], ["tr"]) for machine in machines}
    assert chosen == set(KNOWN_MODELS)


def test_this_machine_has_a_core() -> None:
    assert this_machine().cores >= 1
    assert this_machine().gpus >= 0


def test_base_is_too_weak_for_other_languages_than_english() -> None:
    assert hears_badly("base", ["en", "el", "zh-Hans", "zh-Hant", "pt-BR"]) == ("Greek", "Mandarin", "pt-BR")
    assert hears_badly("small", ["el"]) == ()


@pytest.fixture
def cache(whisper_folder: Path) -> Path:
    """Where base is, and no other model that a test asks for."""
    return whisper_folder.parent


def test_what_cannot_be_had_is_replaced_and_the_operator_is_told_what_it_means(
    whisper_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "whisper-base").symlink_to(whisper_folder.resolve())
    said: list[str] = []
    choice, folder = fetch_choice(
        ModelChoice("small"), languages=["en", "el", "tr"], cache=tmp_path, report=said.append, hub=NO_HUB
    )
    assert (choice.name, folder.name) == ("base", "whisper-base")
    assert "small cannot be had" in said[-2]
    assert "hears Greek and Turkish badly" in said[-1]
    assert "WHISPER_MODEL" in said[-1]


def test_a_model_that_is_there_is_taken_without_a_word(cache: Path) -> None:
    said: list[str] = []
    choice, folder = fetch_choice(
        ModelChoice("base"), languages=["en"], cache=cache, report=said.append, hub=NO_HUB
    )
    assert (choice, folder, said) == (ModelChoice("base"), cache / "whisper-base", [])


def test_a_folder_that_is_wrong_is_not_replaced(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="neither a folder"):
        fetch_choice(
            ModelChoice(str(tmp_path / "none")), languages=["en"], cache=cache, report=print, hub=NO_HUB
        )
