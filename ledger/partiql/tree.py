"""Walking the abstract syntax, without recursion: statements come from anyone."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, Final

from ledger.partiql.syntax import Literal, Path

MAX_DEPTH: Final = 64
"""How deep expressions may nest: parser, compiler and closures then stay far under Python's recursion limit."""


def walk(node: Any) -> Iterator[Any]:
    """All nodes of a tree, the root included; a literal's value is no node."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, tuple):
            waiting.extend(current)
        elif is_dataclass(current):
            yield current
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
