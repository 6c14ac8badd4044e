"""How well the first judgement hears abuse, cries for help, and everything that must not be taken for abuse.

Run `python -m bench.meaning`, or with `--data FOLDER` to add the public sets that are not part of the project:
`convabuse_*` (abuse at bots), `bitext_*` (customer requests with and without swearing), `hatecheck_en_dev`.
A strike is what the policy would count: directed abuse or a threat of at least 0.8.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from flows.meaning import Meaning, understand

UTTERANCES = Path(__file__).parents[1] / "tests" / "flows" / "meaning" / "utterances_en.yaml"
STRIKE, CRISIS, DANGER = 0.8, 0.5, 0.6
STRIKE_CLASSES = ("abuse", "threat")
HELD_OUT = "c"


def is_strike(meaning: Meaning) -> bool:
    """Whether the policy counts this utterance against the caller."""
    return max(meaning.directed_abuse, meaning.threat) >= STRIKE


def f1(true_positives: int, flagged: int, wanted: int) -> tuple[float, float, float]:
    """Precision, recall and their harmonic mean; 0 where nothing was flagged or wanted."""
    precision = true_positives / flagged if flagged else 0.0
    recall = true_positives / wanted if wanted else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if true_positives else 0.0


def own_set(*, show: bool) -> None:
    """The project's own validation utterances, batch by batch: only batch c was not used to write the rules."""
    rows: list[dict[str, Any]] = yaml.safe_load(UTTERANCES.read_text(encoding="utf-8"))
    for batch in sorted({row["batch"] for row in rows}):
        _batch(batch, [row for row in rows if row["batch"] == batch], show=show and batch != HELD_OUT)
    spent_ms = []
    for row in rows:
        started = time.perf_counter()
        understand(row["text"])
        spent_ms.append((time.perf_counter() - started) * 1000)
    spent_ms.sort()
    print(f"time: median {spent_ms[len(rows) // 2]:.2f} ms, 99 % {spent_ms[int(len(rows) * 0.99)]:.2f} ms")


def _batch(batch: str, rows: list[dict[str, Any]], *, show: bool) -> None:
    """Rates for each class of one batch, then precision and recall of strikes and of crisis."""
    held_out = ", held out" if batch == HELD_OUT else ""
    hard_share = sum(row["hard"] for row in rows) / len(rows)
    print(f"own set, batch {batch}{held_out}: {len(rows)} utterances, {hard_share:.0%} hard near-misses")
    count: Counter[str] = Counter(row["class"] for row in rows)
    strikes: Counter[str] = Counter()
    cries: Counter[str] = Counter()
    dangers: Counter[str] = Counter()
    for row in rows:
        kind, meaning = row["class"], understand(row["text"])
        strike, cry = is_strike(meaning), meaning.crisis >= CRISIS
        danger = meaning.danger_to_others >= DANGER
        strikes[kind], cries[kind] = strikes[kind] + strike, cries[kind] + cry
        dangers[kind] += danger
        right = (kind in STRIKE_CLASSES, kind == "crisis") == (strike, cry) and danger >= (kind == "danger")
        _print_if(show and not right, [f"{kind:10} {row['text']}"])
    for kind, n in count.items():
        rates = (
            f"strike {strikes[kind] / n:.3f}  crisis {cries[kind] / n:.3f}  danger {dangers[kind] / n:.3f}"
        )
        print(f"   {kind:10} n={n:3}  {rates}")
    found, wanted = (sum(counts[kind] for kind in STRIKE_CLASSES) for counts in (strikes, count))
    print("   strikes: precision {:.3f} recall {:.3f} F1 {:.3f}".format(*f1(found, strikes.total(), wanted)))
    print(
        "   crisis:  precision {:.3f} recall {:.3f} F1 {:.3f}".format(
            *f1(cries["crisis"], cries.total(), count["crisis"])
        )
    )


def public_sets(folder: Path, *, show: bool) -> None:
    """The public sets in a folder; those that are not there are left out."""
    for name in ("convabuse_train", "convabuse_valid"):
        for rows in _read(folder, name):
            _conversations(name, rows, show=show)
    for name in ("bitext_profane_dev", "bitext_neutral_dev"):
        for rows in _read(folder, name):
            struck = [row["text"] for row in rows if is_strike(understand(row["text"]))]
            calls = sum(understand(row["text"]).crisis >= CRISIS for row in rows)
            print(
                f"{name}: n={len(rows)} flagged {len(struck) / len(rows):.4f}, crisis {calls / len(rows):.4f}"
            )
            _print_if(show, struck)
    for rows in _read(folder, "hatecheck_en_dev"):
        _hate(rows)


def _conversations(name: str, rows: list[dict[str, Any]], *, show: bool) -> None:
    """ConvAbuse: abusive to the agent against not abusive; ambiguous rows are left out."""
    flagged, wanted, found = 0, 0, 0
    wrong: list[str] = []
    for row in rows:
        if row["label"] == "ambiguous":
            continue
        meaning = understand(str(row["text"]))
        strike, target = is_strike(meaning), row["label"] == "abusive" and bool(row["to_agent"])
        flagged, wanted, found = flagged + strike, wanted + target, found + (strike and target)
        if strike != target:
            wrong.append(
                f"{'missed' if target else 'false '} {meaning.directed_abuse:.2f} {row['text']}"[:150]
            )
    precision, recall, score = f1(found, flagged, wanted)
    print(f"{name}: n={len(rows)} precision {precision:.3f} recall {recall:.3f} F1 {score:.3f}")
    _print_if(show and name.endswith("train"), sorted(wrong))


def _hate(rows: list[dict[str, Any]]) -> None:
    """HateCheck by functional test: the share that would be a strike."""
    counts: Counter[str] = Counter(str(row["functionality"]) for row in rows)
    struck: Counter[str] = Counter(
        str(row["functionality"]) for row in rows if is_strike(understand(str(row["text"])))
    )
    print(
        "hatecheck_en_dev, share of strikes: "
        + ", ".join(f"{k} {struck[k] / n:.2f}" for k, n in counts.items())
    )


def _read(folder: Path, name: str) -> Iterable[list[dict[str, Any]]]:
    """The rows of one file, or nothing when it is not there."""
    path = folder / f"{name}.jsonl"
    if path.is_file():
        yield [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _print_if(show: bool, lines: Iterable[str]) -> None:
    """Print the lines when they are wanted."""
    for line in lines if show else ():
        print(f"   {line}")


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a folder with the public sets as JSON lines")
    parser.add_argument("--errors", action="store_true", help="print every utterance that was judged wrongly")
    arguments = parser.parse_args()
    own_set(show=arguments.errors)
    if arguments.data:
        public_sets(arguments.data, show=arguments.errors)


if __name__ == "__main__":
    main()
