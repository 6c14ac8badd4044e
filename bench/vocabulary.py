"""What a line's vocabulary does to the words: to its names, to other sentences, and to noise.

python -m bench.vocabulary [--speech FOLDER] [--clips 24] [--markdown]

Sentences with 15 rare names are spoken by the Piper voice `joe` over the telephone; other sentences are its too,
or recordings from FOLDER; noise is made here, or from FOLDER. The forms differ in what stands before the start of
the transcript: nothing, the names as a list, as a sentence, or twice. "Invented" counts clips of noise or of other
sentences whose words have a name in them that was not said.
"""

import argparse
import os
import re
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from audio.models import fetch_model
from audio.signal import EAR_HZ, Samples16k
from audio.whisper import Whisper
from bench.clips import SENTENCES, Clip, noises, recorded, spoken
from bench.cost import cpu_ms_of
from bench.wer import word_error_rate, words
from bench.windows import show

NAMES: Final = (
    "Qwixel",
    "Nordhaven",
    "Zephyrine",
    "Kastellani",
    "Brightmoor",
    "Velotrex",
    "Oskarsson",
    "Mirabelle Plus",
    "Tallinder",
    "Fernwick",
    "Aquaterm",
    "Dolvana",
    "Penhallow",
    "Ruxley",
    "Solantis",
)

TEMPLATES: Final = (
    "I am calling about my {} account.",
    "My name is on the {} contract.",
    "The {} was delivered broken.",
    "I spoke to {} last week.",
)

FORMS: Final[dict[str, Callable[[Sequence[str]], str]]] = {
    "none": lambda _: "",
    "list": ", ".join,
    "list with a full stop": lambda names: f"{', '.join(names)}.",
    "sentence": lambda names: f"We speak about {', '.join(names[:-1])} and {names[-1]}.",
    "glossary": lambda names: f"Glossary: {', '.join(names)}",
}


def sentences() -> list[tuple[str, Clip]]:
    """Each name in two sentences."""
    lines = [
        (name, TEMPLATES[(n + k) % len(TEMPLATES)].format(name))
        for n, name in enumerate(NAMES)
        for k in range(2)
    ]
    clips = spoken(count=len(lines), lines=[line for _, line in lines])
    return [(name, clip) for (name, _), clip in zip(lines, clips, strict=True)]


def made_noise(count: int) -> list[Samples16k]:
    """Hiss and hum of several levels, 2 s each."""
    rng = np.random.default_rng(5)
    seconds = np.arange(2 * EAR_HZ) / EAR_HZ
    kinds = [
        rng.normal(0, 1, len(seconds)),
        np.sin(2 * np.pi * 50 * seconds),
        np.sin(2 * np.pi * 440 * seconds),
    ]
    return [Samples16k((kinds[n % 3] * 10 ** (-1 - n % 4 / 2)).astype(np.float32)) for n in range(count)]


def names_in(text: str) -> set[str]:
    """The names that a text has in it, as they are compared."""
    plain = " ".join(words(text))
    return {name for name in NAMES if re.search(rf"\b{name.lower()}\b", plain)}


def row(
    form: str,
    whisper: Whisper,
    *,
    named: Sequence[tuple[str, Clip]],
    others: Sequence[Clip],
    quiet: Sequence[Samples16k],
    names: Sequence[str],
) -> tuple[str, ...]:
    """One line of the table: the words of all clips with this form of vocabulary."""
    prompt = FORMS[form](names)

    def heard(samples: Samples16k) -> tuple[str, float]:
        transcript, cpu_ms = cpu_ms_of(partial(whisper.transcribe, samples, language="en", prompt=prompt))
        return transcript.text, cpu_ms

    of_named = [(name, clip, heard(clip.samples)) for name, clip in named]
    of_others = [(clip, heard(clip.samples)) for clip in others]
    of_quiet = [heard(samples)[0] for samples in quiet]
    found = sum(name in names_in(text) for name, _, (text, _) in of_named)
    invented = sum(bool(names_in(text)) for text in (*of_quiet, *(text for _, (text, _) in of_others)))
    return (
        form,
        f"{found} of {len(of_named)}",
        f"{word_error_rate([(clip.said, text) for _, clip, (text, _) in of_named]):.3f}",
        f"{word_error_rate([(clip.said, text) for clip, (text, _) in of_others]):.3f}",
        str(invented),
        f"{sum(map(bool, of_quiet))} of {len(of_quiet)}",
        f"{statistics.median(cpu_ms for _, _, (_, cpu_ms) in of_named):.0f}",
    )


COLUMNS: Final = (
    "vocabulary",
    "names found",
    "WER, names",
    "WER, others",
    "invented",
    "words in noise",
    "median CPU ms",
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a folder with manifest.tsv")
    parser.add_argument("--clips", type=int, default=24, help="other sentences, and clips of noise")
    parser.add_argument("--names", type=int, default=len(NAMES), help="how many names the vocabulary has")
    parser.add_argument("--forms", nargs="+", choices=list(FORMS), default=list(FORMS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    whisper = Whisper.load(fetch_model("base", cache=home / "models", report=print), threads=asked.threads)
    if asked.speech is None:
        others, quiet = spoken(count=min(asked.clips, len(SENTENCES))), made_noise(asked.clips)
    else:
        others = recorded(asked.speech, language="en", count=asked.clips)
        quiet = noises(asked.speech, count=asked.clips)
    names = NAMES[: asked.names]
    named = [(name, clip) for name, clip in sentences() if name in names]
    rows = [row(form, whisper, named=named, others=others, quiet=quiet, names=names) for form in asked.forms]
    title = f"{len(names)} names, {len(others)} other clips, {len(quiet)} of noise"
    show(rows, columns=COLUMNS, title=title, markdown=asked.markdown)


if __name__ == "__main__":
    main()
