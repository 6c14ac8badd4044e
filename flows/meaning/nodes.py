"""Reading YAML nodes as text, numbers, lists and mappings, with the line of every fault."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import yaml

from flows.errors import BadLanguageData

_Named = TypeVar("_Named")


class Nodes:
    """The nodes of one file. Scalars are text as written: `yes`, `no` and `on` stay words."""

    def __init__(self, path: str) -> None:
        self.path = path

    def fault(self, node: yaml.Node, problem: str) -> BadLanguageData:
        """The error for a problem at this node."""
        return BadLanguageData(self.path, node.start_mark.line + 1, problem)

    def compose(self, text: str) -> yaml.Node:
        """Parse a file's text. Raises BadLanguageData."""
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as fault:
            line = fault.problem_mark.line + 1 if fault.problem_mark else 0
            raise BadLanguageData(self.path, line, fault.problem or "this is not YAML") from fault
        except yaml.YAMLError as fault:
            raise BadLanguageData(self.path, 0, "this is not YAML, a character is not allowed") from fault
        if root is None:
            raise BadLanguageData(self.path, 0, "the file is empty")
        return root

    def mapping(
        self, node: yaml.Node, *, required: Sequence[str] = (), optional: Sequence[str] | None = None
    ) -> dict[str, yaml.Node]:
        """A mapping's nodes by key. With `optional`, no other keys than these and the required ones may occur."""
        if not isinstance(node, yaml.MappingNode):
            raise self.fault(node, "a mapping of keys to values is expected here")
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node)
            if key in found:
                raise self.fault(key_node, f"the key {key!r} occurs twice")
            if optional is not None and key not in (*required, *optional):
                raise self.fault(key_node, f"there is no key {key!r} here; there are {', '.join(required)}")
            found[key] = value
        if missing := [key for key in required if key not in found]:
            raise self.fault(node, f"the key {missing[0]!r} is missing")
        return found

    def sequence(self, node: yaml.Node) -> list[yaml.Node]:
        """The nodes of a list that is not empty."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fault(node, "a list with at least one item is expected here")
        return list(node.value)

    def texts(self, node: yaml.Node) -> tuple[str, ...]:
        """A list of different texts, single spaces between words."""
        found: list[str] = []
        for item in self.sequence(node):
            text = " ".join(self.text(item).split())
            if text in found:
                raise self.fault(item, f"{text!r} occurs twice in this list")
            found.append(text)
        return tuple(found)

    def text(self, node: yaml.Node) -> str:
        """A scalar that is not empty, as written."""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.fault(node, "a text is expected here")
        return str(node.value)

    def number(self, node: yaml.Node) -> float:
        """A scalar as a number."""
        try:
            return float(self.text(node))
        except ValueError as fault:
            raise self.fault(node, f"{self.text(node)!r} is not a number") from fault

    def unique(self, named: Iterable[tuple[yaml.Node, str, _Named]]) -> dict[str, _Named]:
        """Things by their ids, each id once."""
        found: dict[str, _Named] = {}
        for node, name, thing in named:
            if name in found:
                raise self.fault(node, f"the id {name!r} occurs twice")
            found[name] = thing
        return found
