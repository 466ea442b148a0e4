"""Copies of values with one place changed."""

from typing import Any

from ledger import ion
from ledger.partiql.operators import OperandError
from ledger.partiql.paths import stepped
from ledger.partiql.values import MISSING, UNKNOWN_TYPES, is_integer, is_sequence, settled, text_of, type_name


def with_value(root: Any, steps: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a document in which the path leads to the value.

    Fields that are not there are added, structs on the way to them too; MISSING takes a field away.

    Raises:
        OperandError: the path leads through something that has no such step, as a list position that is not there.
    """
    if not steps:
        return value
    containers = [root]
    for step in steps[:-1]:
        inner = stepped(containers[-1], step)
        containers.append({} if inner is MISSING else inner)
    for container, step in zip(reversed(containers), reversed(steps), strict=True):
        value = _with_step(container, step, value)
    return value


def leading_to(root: Any, path: tuple[Any, ...]) -> Any:
    """Return what the path leads to, MISSING if that is nothing."""
    for step in path:
        root = stepped(root, step)
    return root


def without(root: Any, path: tuple[Any, ...]) -> Any:
    """Return a copy of a document without what the path leads to; the document itself if that is nothing."""
    *way, last = path
    container = leading_to(root, tuple(way))
    if stepped(container, last) is MISSING:
        return root
    if isinstance(container, list):
        copy = ion.typed([*container[:last], *container[last + 1 :]], *_kind(container))
        return with_value(root, tuple(way), copy)
    return with_value(root, path, MISSING)


def inserted(container: Any, key: Any, value: Any, *, keyed: bool) -> Any:
    """Return a copy of a list with the value at a position, at its end if no key is given, or of a struct with a field.

    MISSING becomes a list or a struct, as the key wants it. A field that is there already gets the value.

    Raises:
        OperandError: the value is neither, or the key does not fit.
    """
    if container is MISSING:
        container = {} if keyed and text_of(key) is not None else []
    if is_sequence(container):
        position = key if keyed else len(container)
        if not is_integer(position) or not 0 <= position <= len(container):
            raise OperandError(f"cannot insert at {_shown(key)} into a list with {len(container)} elements")
        return ion.typed([*container[:position], settled(value), *container[position:]], *_kind(container))
    if not is_struct(container):
        raise OperandError(f"cannot insert into a value of type {type_name(container)}")
    name = text_of(key) if keyed else None
    if name is None:
        raise OperandError("inserting into a struct needs AT with the name of a field")
    return _with_field(container, name, value)


def _kind(container: Any) -> tuple[ion.IonType, tuple[str, ...]]:
    return ion.type_of(container), ion.annotations(container)


def _with_step(container: Any, step: Any, value: Any) -> Any:
    if isinstance(container, list):
        return _with_element(container, step, value)
    name = text_of(step)
    if name is None or not is_struct(container):
        raise OperandError(f"cannot set {_shown(step)} of a value that is not a struct or a list")
    return _with_field(container, name, value)


def _with_field(container: Any, name: str, value: Any) -> Any:
    pairs: list[tuple[str, Any]] = []
    placed = value is MISSING
    for field, old in ion.fields(container):
        if field != name:
            pairs.append((field, old))
        elif not placed:
            pairs.append((name, settled(value)))
            placed = True
    if not placed:
        pairs.append((name, settled(value)))
    return _like(container, pairs)


def _like(original: Any, pairs: list[tuple[str, Any]]) -> Any:
    annotations = ion.annotations(original)
    if annotations:
        return ion.typed(ion.struct(pairs), ion.IonType.STRUCT, annotations)
    copy = dict(pairs)
    return copy if len(copy) == len(pairs) else ion.struct(pairs)


def _with_element(container: Any, step: Any, value: Any) -> Any:
    if stepped(container, step) is MISSING or value is MISSING:
        raise OperandError(f"cannot set position {_shown(step)} of a list with {len(container)} elements")
    copy = [*container[:step], settled(value), *container[step + 1 :]]
    return ion.typed(copy, *_kind(container))


def is_struct(value: Any) -> bool:
    """Whether a value is a struct and not a null."""
    return type(value) not in UNKNOWN_TYPES and ion.type_of(value) is ion.IonType.STRUCT


def _shown(step: Any) -> str:
    return f"'{step}'"[:80]
