"""Walking the abstract syntax, without recursion: statements come from anyone."""

from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from typing import Any, Final

from ledger.partiql.syntax import Literal, Path, Subquery

MAX_DEPTH: Final = 64
"""How deep expressions may nest: parser, compiler and closures then stay far under Python's recursion limit."""


def walk(node: Any, *, into_queries: bool = True) -> Iterator[Any]:
    """All nodes of a tree, the root included; a literal's value is no node, and the inside of a query need not be."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, tuple):
            waiting.extend(current)
        elif is_dataclass(current):
            yield current
            if into_queries or not isinstance(current, Subquery):
                waiting.extend(_children(current))


def too_deep_at(root: Any) -> int | None:
    """Return the offset of a node deeper than MAX_DEPTH, or of the nearest one above it; None if there is none."""
    waiting = [(root, 0, 0)]
    while waiting:
        node, depth, offset = waiting.pop()
        if depth > MAX_DEPTH:
            return offset
        if isinstance(node, tuple):
            waiting.extend((member, depth, offset) for member in node)
        elif is_dataclass(node):
            offset = getattr(node, "offset", offset)
            depth += len(node.steps) if isinstance(node, Path) else 1
            waiting.extend((child, depth, offset) for child in _children(node))
    return None


def _children(node: Any) -> Iterator[Any]:
    if not isinstance(node, Literal):
        yield from (getattr(node, name) for name in node.__dataclass_fields__)


def replaced(node: Any, replacement: Callable[[Any], Any]) -> Any:
    """Return a copy of a tree in which every node that the function gives something for is that; from the top down.

    MUST NOT be called before the depth of the tree was checked.
    """
    found = replacement(node)
    if found is not None:
        return found
    if isinstance(node, tuple):
        return tuple(replaced(member, replacement) for member in node)
    if is_dataclass(node) and not isinstance(node, type | Literal):
        fields = {name: replaced(getattr(node, name), replacement) for name in node.__dataclass_fields__}
        return type(node)(**fields)
    return node


def alike(one: Any, other: Any) -> bool:
    """Tell whether two expressions are the same but for where they stand in the text."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if not is_dataclass(one) or isinstance(one, Literal):
        return bool(one == other)
    return all(alike(getattr(one, name), getattr(other, name)) for name in one.__dataclass_fields__ if name != "offset")
