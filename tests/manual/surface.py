"""The blocks about what a user of the line meets: settings, commands, figures, errors, files, sentences."""

from typing import Final

import click
from prometheus_client.metrics import MetricWrapperBase

import audio.errors
import bot.errors
import flows.errors
from bot.carrier.messages import Reason
from bot.carrier_phrases import carrier_phrases
from bot.cli import main as calmline
from bot.line_config import DEFAULT_LINE, LineConfig
from bot.metrics import Metrics
from bot.settings import settings_table
from bot.simulator.faults import Faults
from calmline import CalmlineError
from tests.manual.markdown import code, fenced, one_line, table
from tests.manual.types import comments, error_sentence, fields

HELP_COLUMNS: Final = 100


def settings() -> str:
    rows = [(f"`{row.variable}`", code(row.default), row.description) for row in settings_table()]
    return table(("variable", "default", "what it is"), rows)


def commands() -> str:
    """Each command's own help."""
    root = click.Context(
        calmline, info_name="calmline", terminal_width=HELP_COLUMNS, **calmline.context_settings
    )
    helps = [fenced(root.get_help(), "text")]
    for name in sorted(calmline.commands):
        context = click.Context(calmline.commands[name], info_name=name, parent=root)
        helps.append(f"## calmline {name}\n\n{fenced(context.get_help(), 'text')}")
    return "\n\n".join(helps)


def metrics() -> str:
    rows = []
    for figure in vars(Metrics()).values():
        if isinstance(figure, MetricWrapperBase):
            described = next(iter(figure.describe()))
            suffix = "_total" if described.type == "counter" else ""
            labels = ", ".join(f"`{label}`" for label in figure._labelnames)  # the library has no public way
            rows.append((f"`{described.name}{suffix}`", described.type, labels, described.documentation))
    return table(("figure", "kind", "labels", "what it counts"), rows)


def errors() -> str:
    """Every error of ours, room by room, with its sentence; {braces} stand for what is filled in."""
    rooms = (
        ("Ear and voice", audio.errors.AudioError),
        ("Judgement", flows.errors.FlowsError),
        ("The line", bot.errors.BotError),
    )
    return "\n\n".join(
        "\n\n".join([f"## {title}", *(_error(kind) for kind in descendants(root))]) for title, root in rooms
    )


def descendants(root: type[CalmlineError]) -> list[type[CalmlineError]]:
    """The subclasses of an error, and theirs, in the order of definition."""
    found = []
    for kind in root.__subclasses__():
        found += [kind, *descendants(kind)]
    return found


def _error(kind: type[CalmlineError]) -> str:
    return f"### {kind.__name__}\n\n{one_line(kind.__doc__)}\n\n> {error_sentence(kind)}"


def line_file() -> str:
    return fenced(DEFAULT_LINE.read_text(encoding="utf-8"), "yaml")


def line_fields() -> str:
    """The fields of a line's file, with what bounds them."""
    names = {
        "minLength": "at least {} character",
        "maxLength": "at most {} characters",
        "minimum": "at least {}",
        "maximum": "at most {}",
        "pattern": "matches `{}`",
    }
    rows = []
    for name, schema in LineConfig.model_json_schema()["properties"].items():
        bounds = [words.format(schema[key]) for key, words in names.items() if key in schema]
        rows.append((f"`{name}`", code(str(schema["default"])), ", ".join(bounds)))
    return table(("field", "default", "must be"), rows)


def faults() -> str:
    said = comments(Faults)
    rows = [
        (f"`{name}`", code(str(getattr(Faults, name))), said.get(name, "")) for name, _, _ in fields(Faults)
    ]
    return table(("fault", "default", "meaning"), rows)


def carrier_sentences() -> str:
    rows = [(f"`{name}`", text) for name, text in carrier_phrases("en") if name != "say_language"]
    return table(("key", "what the caller hears"), rows)


def bad_messages() -> str:
    return ", ".join(f"`{reason}`" for reason in Reason)
