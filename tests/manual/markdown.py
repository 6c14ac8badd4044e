"""Small pieces of Markdown."""

from collections.abc import Sequence


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def fenced(text: str, language: str) -> str:
    """Text as a code block."""
    return f"```{language}\n{text.rstrip()}\n```"


def one_line(docstring: str | None) -> str:
    """A docstring as one line of text."""
    return " ".join((docstring or "").split())


def code(text: str) -> str:
    """A value as code; nothing for an empty one."""
    return f"`{text}`" if text else ""
