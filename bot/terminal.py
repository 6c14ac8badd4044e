"""Live calls in a terminal: the caller's words as recognised, the line's words as HEARD, rulings, response times."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

SHOWN_FEELINGS: Final = (
    "crisis",
    "danger_to_others",
    "threat",
    "directed_abuse",
    "anger",
    "distress",
    "swearing",
)
SHOWN_FROM: Final = 0.5
"""A feeling or an abuse less likely than this is not worth a reader's attention."""


class CallView(AbstractContextManager["CallView"]):
    """Prints one call as its entries arrive; the caller's partial words stand dimmed in the last row."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(Text(""), console=console, refresh_per_second=12, transient=True)
        self._response_ms: dict[tuple[str, int], int] = {}

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, error, trace)

    def show(self, what: dict[str, Any]) -> None:
        """Show one item of the live feed; what says nothing to a reader is passed over."""
        if "partial" in what:
            self._live.update(_row(what["at_ms"], "caller", Text(what["partial"] + " …", style="dim")))
            return
        row = self._row_of(what)
        if row is not None:
            self._live.update(Text(""))
            self._console.print(row)

    def _row_of(self, what: dict[str, Any]) -> RenderableType | None:  # noqa: PLR0911 - one row a kind
        at_ms = int(what.get("at_ms", 0))
        match what:
            case {"event": "heard"}:
                return _row(at_ms, "caller", _heard(what))
            case {"playback": "begun", "response_ms": int(response_ms)}:
                self._response_ms[what["line_id"], what["sentence"]] = response_ms
            case {"playback": "heard"}:
                waited_ms = self._response_ms.pop((what["line_id"], what["sentence"]), 0)
                note = f"  answered in {waited_ms / 1000:.2f} s" if waited_ms else ""
                return _row(
                    at_ms, "line", Text(what["text"], style="bold").append(note, style="not bold cyan")
                )
            case {"event": "line_heard", "to_its_end": False, "heard_ms": int(heard_ms)} if heard_ms:
                words = f"{what['line_id']} cut off after {heard_ms / 1000:.1f} s"
                return _row(at_ms, "line", Text(words, style="yellow"))
            case {"command": "rule"} if what["before"] != what["after"]:
                words = f"{what['before']} → {what['after']}  ({what['situation'].replace('_', ' ')})"
                return _row(at_ms, "policy", Text(words, style="magenta"))
            case {"command": "promise_callback"}:
                return _row(at_ms, "promise", Text(f"a call back is stored ({what['about']})", style="green"))
            case {"command": "end_call"}:
                words = (
                    f"{what['disposition'].replace('_', ' ')}, then {what['afterwards'].replace('_', ' ')}"
                )
                return _row(at_ms, "end", Text(words, style="green"))
        return None


def _row(at_ms: int, who: str, words: Text) -> Table:
    """One row: time, who, what. Long texts wrap under themselves."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=6, justify="right", style="dim")
    grid.add_column(width=8, style="cyan" if who == "caller" else "blue")
    grid.add_column()
    grid.add_row(f"{at_ms / 1000:.1f}", who, words)
    return grid


def _heard(what: dict[str, Any]) -> Text:
    """The caller's words, and what stood out in them."""
    text = Text(what["text"])
    meaning = what["meaning"]
    felt = [
        f"{name.replace('_', ' ')} {meaning[name]:.2f}"
        for name in SHOWN_FEELINGS
        if meaning[name] >= SHOWN_FROM
    ]
    notes = [f"confidence {what['confidence']:.2f}", *felt]
    return text.append("  " + ", ".join(notes), style="dim")
