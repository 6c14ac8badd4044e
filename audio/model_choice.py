"""Which Whisper model a line gets: by its languages and by the machine.

Base hears English well and is cheap. Of Greek and Turkish sentences it misses more words than it finds, and
Mandarin it hears half, so lines in other languages than English get small, whose decoding in a short window costs
less than base's in the full one. A graphics card carries large-v3-turbo. What cannot be had is replaced by the
next smaller model, and the operator is told what that means.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import ctranslate2

from audio.errors import ModelMissing
from audio.language import whisper_language
from audio.models import AUTO, KNOWN_MODELS, KnownModel, Report, fetch_model

SMALL_CORES: Final = 4
"""From so many cores on an English line gets small too: it takes three times base's time."""

BY_SIZE: Final = ("base", "small", "large-v3-turbo")
"""The known models, the smallest first."""

_NAMES: Final = {"el": "Greek", "tr": "Turkish", "zh": "Mandarin"}


@dataclass(frozen=True)
class Machine:
    """What a model can run on: cores that this process may use, and graphics cards that CTranslate2 can."""

    cores: int
    gpus: int = 0


@dataclass(frozen=True)
class ModelChoice:
    """A model's name or folder, and how to load it: arguments of `Whisper.load`."""

    name: str
    device: str = "cpu"
    compute_type: str = "int8"


def this_machine() -> Machine:
    """The machine that this process runs on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return Machine(cores=cores, gpus=ctranslate2.get_cuda_device_count())


def choose_model(languages: Sequence[str], machine: Machine, *, wished: str = AUTO) -> ModelChoice:
    """The model for a line in these languages (BCP 47 tags); `wished` other than auto is taken as it is."""
    english = all(whisper_language(tag) == "en" for tag in languages)
    if wished != AUTO:
        name = wished
    elif machine.gpus:
        name = "large-v3-turbo"
    else:
        name = "base" if english and machine.cores < SMALL_CORES else "small"
    return ModelChoice(name, "cuda", "float16") if machine.gpus else ModelChoice(name)


def hears_badly(name: str, languages: Sequence[str]) -> tuple[str, ...]:
    """The languages of a line that a model is too weak for, as an operator calls them."""
    weak = [tag for tag in languages if name == "base" and whisper_language(tag) != "en"]
    return tuple(dict.fromkeys(_NAMES.get(whisper_language(tag), tag) for tag in weak))


def fetch_choice(
    choice: ModelChoice,
    *,
    languages: Sequence[str],
    cache: Path,
    report: Report,
    models: Mapping[str, KnownModel] = KNOWN_MODELS,
    hub: str | None = None,
) -> tuple[ModelChoice, Path]:
    """The chosen model's folder; or the next smaller model that can be had, and a report of what that means.

    A folder or a name that the user gave wrongly is not replaced. Raises ModelMissing when no model can be had.
    """
    for name in _smaller(choice.name):
        try:
            folder = fetch_model(name, cache=cache, report=report, models=models, hub=hub)
        except ModelMissing:
            if name == BY_SIZE[0] or name not in BY_SIZE:
                raise
            continue
        if name != choice.name:
            report(f"Whisper {choice.name} cannot be had, so this line uses {name}.")
        if badly := hears_badly(name, languages):
            report(_warning(name, badly))
        return replace(choice, name=name), folder
    raise ModelMissing(choice.name, tried="it is not a model that can be fetched")


def model_for(
    languages: Sequence[str], *, wished: str, cache: Path, report: Report
) -> tuple[ModelChoice, Path]:
    """The model for a line in these languages on this machine, and its folder. Raises ModelMissing."""
    choice = choose_model(languages, this_machine(), wished=wished)
    return fetch_choice(choice, languages=languages, cache=cache, report=report)


def _smaller(name: str) -> tuple[str, ...]:
    """The model and those to be used in its place, the largest first."""
    return BY_SIZE[BY_SIZE.index(name) :: -1] if name in BY_SIZE else (name,)


def _warning(name: str, languages: Sequence[str]) -> str:
    """What a weak model means for callers, and what to do."""
    return (
        f"Whisper {name} hears {' and '.join(languages)} badly: callers will often be misunderstood. Connect to "
        "the network and run `calmline models`, or set WHISPER_MODEL to a folder that holds Whisper small or larger."
    )
