"""The blocks about a call's log: its entries, their fields, the words in them, and a sample."""

import json

from bot.journal import DURABLE, Journal
from bot.simulator.scripted_ear import ScriptedTurn
from bot.simulator.virtual import VirtualCall
from flows import commands, events
from flows.journal import line_of_json
from flows.line import LineFacts
from flows.meaning import model
from tests.manual.markdown import fenced, one_line, table
from tests.manual.types import command_name, event_name, fields, members


def log_header() -> str:
    """A log's first line."""
    entry = Journal().header("CA0123456789abcdef0123456789abcdef", LineFacts())
    facts = [(f"`{name}`", kind, said) for name, kind, said in fields(LineFacts)]
    return f"{fenced(entry.body, 'json')}\n\n{table(('field of `line`', 'type', ''), facts)}"


def log_events() -> str:
    return "\n\n".join(
        _entry(event_name(kind), kind, hidden={"at_ms", "event"}) for kind in events.Event.__args__
    )


def log_commands() -> str:
    return "\n\n".join(
        _entry(command_name(kind), kind, hidden={"why", "command"}, durable=kind in DURABLE)
        for kind in commands.Command.__args__
    )


def _entry(name: str, kind: type, *, hidden: set[str], durable: bool = False) -> str:
    """One kind of entry: its name, its docstring, its own fields."""
    own = [f"`{field}` ({shown})" for field, shown, _ in fields(kind) if field not in hidden]
    said = one_line(kind.__doc__) + (" Durable." if durable else "")
    return f"### {name}\n\n{said}\n\nFields: {', '.join(own) or 'none of its own'}."


def log_words() -> str:
    """The words that stand in a log: enums, and the dataclasses inside events and commands."""
    parts = []
    enums = (
        events.TimerName,
        events.Departure,
        commands.Disposition,
        commands.Afterwards,
        commands.FlagKind,
        model.YesNo,
        model.Wish,
    )
    for enum in enums:
        words = [(f"`{word}`", comment) for word, comment in members(enum)]
        shown = (
            table(("word", "meaning"), words)
            if any(said for _, said in words)
            else ", ".join(w for w, _ in words)
        )
        parts.append(f"### {enum.__name__}\n\n{one_line(enum.__doc__)}\n\n{shown}")
    inner = (commands.Why, model.Evidence, model.Meaning)
    parts += [_entry(kind.__name__, kind, hidden=set()) for kind in inner]
    return "\n\n".join(parts)


def log_sample() -> str:
    """An insult in a real log: what was heard, how the policy ruled, what was said."""
    virtual = VirtualCall(turns=[ScriptedTurn(9_000, 10_500, "You are a stupid useless idiot.")])
    entries = [json.loads(body) for body in virtual.run(until_ms=14_000).journal]
    first = next(number for number, entry in enumerate(entries) if entry.get("event") == "heard")
    chosen = [entry for entry in entries[first : first + 8] if entry.get("command") != "cancel_timer"]
    return fenced("\n".join(line_of_json(entry) for entry in chosen), "json")
