"""How well the language of a call is found: by length of the speech, and over whole calls.

python -m bench.languages --speech FOLDER [--languages en el tr zh] [--clips 40] [--calls 50] [--markdown]

Every clip is encoded once in its own window and examined. Calls are then made of these clips: eight utterances
of one language, four of them single words, in random order, on a line whose main language is English or the
call's own. "Wrong flips" are utterances after which a settled call left the right language.
"""

import argparse
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from audio.language import LanguageChoice, Probabilities, Standing, decoded_in
from audio.models import fetch_model
from audio.whisper import Whisper
from bench.clips import Clip, recorded
from bench.cost import cpu_ms_of
from bench.windows import show

BOUNDS_S: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 30.0)


@dataclass(frozen=True)
class Examined:
    """A clip and how probable each language of the line is."""

    clip: Clip
    probabilities: Probabilities

    @property
    def right(self) -> bool:
        """Whether the most probable language is the one that was spoken."""
        return self.probabilities[0][0] == self.clip.language


@dataclass(frozen=True)
class Call:
    """What became of a call: utterances, those decoded in another language, and wrong flips."""

    utterances: int
    elsewhere: int
    flips: int


def examined(whisper: Whisper, clips: Sequence[Clip], languages: tuple[str, ...]) -> list[Examined]:
    """Every clip with its probabilities, from the encoding that its words come from."""
    return [
        Examined(clip, whisper.transcribe(clip.samples, languages=languages).language_probabilities)
        for clip in clips
    ]


def simulated(utterances: Sequence[Examined], *, languages: Sequence[str]) -> Call:
    """A call of one language, told apart as the line does it."""
    choice = LanguageChoice.of(languages)
    elsewhere = flips = 0
    for heard in utterances:
        speech_ms = round(heard.clip.seconds * 1000)
        ask = choice.ask(speech_ms=speech_ms)
        rated = heard.probabilities if ask.languages else ()
        used = decoded_in(rated, language=ask.language, switch_above=ask.switch_above)
        elsewhere += used != heard.clip.language
        before, choice = choice, choice.heard(rated, speech_ms=speech_ms)
        was_right = before.standing is Standing.SETTLED and before.language == heard.clip.language
        flips += was_right and choice.language != heard.clip.language
    return Call(len(utterances), elsewhere, flips)


def by_length(heard: Sequence[Examined]) -> list[tuple[str, ...]]:
    """Lines of the table: accuracy of single utterances."""
    rows: list[tuple[str, ...]] = []
    for low_s, high_s in pairwise(BOUNDS_S):
        some = [one for one in heard if low_s <= one.clip.seconds < high_s]
        if some:
            sure = [one for one in some if one.probabilities[0][1] >= 0.95]
            right = sum(one.right for one in some)
            wrong = sum(not one.right for one in sure)
            name = f"utterances of {low_s:g} to {high_s:g} s"
            rows.append((name, str(len(some)), f"{right / len(some):.2f}", f"{len(sure) - wrong}, {wrong}"))
    return rows


def of_calls(heard: Sequence[Examined], *, languages: tuple[str, ...], calls: int) -> list[tuple[str, ...]]:
    """Lines of the table: whole calls, by language and by the line's main language."""
    chance = random.Random(0)
    rows: list[tuple[str, ...]] = []
    for language in languages:
        own = [one for one in heard if one.clip.language == language]
        short = [one for one in own if one.clip.seconds < 2] or own
        long = [one for one in own if one.clip.seconds >= 2] or own
        for main in dict.fromkeys((language, "en")):
            line = (main, *(tag for tag in languages if tag != main))
            made = []
            for _ in range(calls):
                turns = chance.choices(short, k=4) + chance.choices(long, k=4)
                chance.shuffle(turns)
                made.append(simulated(turns, languages=line))
            total = sum(call.utterances for call in made)
            elsewhere = sum(call.elsewhere for call in made)
            flips = sum(call.flips for call in made)
            name = f"calls in {language} to a line in {main}"
            rows.append((name, str(total), f"{1 - elsewhere / total:.2f}", f"{flips} wrong flips"))
    return rows


COLUMNS: Final = ("what", "utterances", "in the right language", "right and wrong at 0.95 and above")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, required=True, help="a folder with manifest.tsv")
    parser.add_argument("--languages", nargs="+", default=["en", "el", "tr", "zh"])
    parser.add_argument("--clips", type=int, default=40, help="of each language")
    parser.add_argument("--calls", type=int, default=50, help="of each language and line")
    parser.add_argument("--model", default="base")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    asked = parser.parse_args()
    home = Path(os.environ.get("CALMLINE_HOME", "var"))
    whisper = Whisper.load(
        fetch_model(asked.model, cache=home / "models", report=print), threads=asked.threads
    )
    languages = tuple(asked.languages)
    clips = [
        clip
        for language in languages
        for clip in recorded(asked.speech, language=language, count=asked.clips)
    ]
    heard = examined(whisper, clips, languages)
    _, pinned_ms = cpu_ms_of(lambda: [whisper.transcribe(clip.samples) for clip in clips[:10]])
    _, both_ms = cpu_ms_of(
        lambda: [whisper.transcribe(c.samples, languages=languages, switch_above=2.0) for c in clips[:10]]
    )
    rows = by_length(heard) + of_calls(heard, languages=languages, calls=asked.calls)
    cost = f"{(both_ms - pinned_ms) / 10:.0f} ms of CPU, {both_ms / pinned_ms - 1:.0%}"
    rows.append(("examining an utterance costs", "10", "", cost))
    title = f"{len(clips)} clips in {', '.join(languages)}, Whisper {asked.model}"
    show(rows, columns=COLUMNS, title=title, markdown=asked.markdown)


if __name__ == "__main__":
    main()
