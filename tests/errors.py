"""A room's errors, for its test: the tree that its module draws, and the classes that there are."""

import inspect
import re
from types import ModuleType

from calmline import CalmlineError

_NODE = re.compile(r"^(?P<lead>[| ]*)\+-- (?P<name>\w+)", re.MULTILINE)


def classes(module: ModuleType) -> list[type[CalmlineError]]:
    """The errors that a module defines."""
    found = vars(module).values()
    errors = [kind for kind in found if inspect.isclass(kind) and issubclass(kind, CalmlineError)]
    return [error for error in errors if error.__module__ == module.__name__]


def drawn_tree(module: ModuleType) -> dict[str, str]:
    """Each error that the module's docstring draws, with the one above it."""
    doc = module.__doc__ or ""
    assert "\nCalmlineError\n+-- " in doc
    above = ["CalmlineError"]
    tree = {}
    for node in _NODE.finditer(doc):
        depth = len(node["lead"]) // 4
        tree[node["name"]] = above[depth]
        above[depth + 1 :] = [node["name"]]
    return tree


def real_tree(module: ModuleType) -> dict[str, str]:
    """Each error that the module defines, with the class it is derived from."""
    return {kind.__name__: kind.__bases__[0].__name__ for kind in classes(module)}
