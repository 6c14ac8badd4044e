"""Draws again what the manual copies from the code: `make docs`, or `python -m tests.docs`.

A page under docs/ holds blocks between `<!-- made: NAME -->` and `<!-- end -->`. Each is a fact that the code states
once, as data: settings, commands, log entries, figures, errors, the abuse policy. `tests/test_docs.py` fails when a
block is stale.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from tests.manual import log, policy, surface

DOCS: Final = Path(__file__).parents[1] / "docs"

BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "settings": surface.settings,
    "commands": surface.commands,
    "metrics": surface.metrics,
    "errors": surface.errors,
    "line-file": surface.line_file,
    "line-fields": surface.line_fields,
    "faults": surface.faults,
    "carrier-sentences": surface.carrier_sentences,
    "bad-messages": surface.bad_messages,
    "log-header": log.log_header,
    "log-events": log.log_events,
    "log-commands": log.log_commands,
    "log-words": log.log_words,
    "log-sample": log.log_sample,
    "policy-table": policy.policy_table,
    "policy-diagram": policy.policy_diagram,
    "policy-standings": policy.standings,
    "thresholds": policy.thresholds,
    "times": policy.times,
}
_BLOCK: Final = re.compile(r"(<!-- made: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """Every page of the manual."""
    return sorted(DOCS.rglob("*.md"))


def drawn(text: str) -> str:
    """A page's text with each of its blocks drawn anew. Raises KeyError for a block that nothing draws."""
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found['name']]()}\n{found[3]}", text)


def blocks_of(text: str) -> list[str]:
    """The names of the blocks in a page."""
    return [found["name"] for found in _BLOCK.finditer(text)]


def main() -> None:
    """Write every page whose blocks are stale, and name it."""
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = drawn(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            click.echo(f"{page.relative_to(DOCS.parent)} is drawn again")


if __name__ == "__main__":
    main()
