"""Closures that walk from a value along the steps of a path. A step that leads nowhere gives MISSING."""

from typing import Any

from ledger.partiql.scope import Environment, Evaluate
from ledger.partiql.values import MISSING, is_integer, text_of


def slot(index: int) -> Evaluate:
    """Return what stands in a slot."""
    return lambda env: env[index]


def field_of_slot(index: int, name: str) -> Evaluate:
    """Return the field of a struct in a slot: the path of most statements."""

    def evaluate(env: Environment) -> Any:
        try:
            return env[index][name]
        except (KeyError, TypeError):
            return MISSING

    return evaluate


def field(base: Evaluate, name: str) -> Evaluate:
    """Return the field of a struct. Only structs have string keys: everything else refuses the key with a TypeError."""

    def evaluate(env: Environment) -> Any:
        try:
            return base(env)[name]
        except (KeyError, TypeError):
            return MISSING

    return evaluate


def element(base: Evaluate, key: Evaluate) -> Evaluate:
    """Return the element of a list at an integer, from 0, or the field of a struct at a string."""

    def evaluate(env: Environment) -> Any:
        return stepped(base(env), key(env))

    return evaluate


def stepped(value: Any, key: Any) -> Any:
    """One step into a value by a computed key."""
    if isinstance(value, list):
        is_index = is_integer(key) and 0 <= key < len(value)
        return value[key] if is_index else MISSING
    name = text_of(key)
    try:
        return MISSING if name is None else value[name]
    except (KeyError, TypeError):
        return MISSING


def field_of_any(slots: tuple[int, ...], name: str) -> Evaluate:
    """Return the field of whichever source has it, where several sources might."""

    def evaluate(env: Environment) -> Any:
        for index in slots:
            try:
                return env[index][name]
            except (KeyError, TypeError):
                continue
        return MISSING

    return evaluate
