"""Closures that walk from a value along the steps of a path. A step that leads nowhere gives MISSING."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from ledger import ion
from ledger.partiql.scope import Environment, Evaluate
from ledger.partiql.values import MISSING, UNKNOWN_TYPES, Bag, is_integer, is_sequence, settled, text_of

Spread: TypeAlias = Callable[[Environment, Any], Iterable[Any]]
"""A step from one value to any number of them."""


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


def elements(base: Evaluate, steps: Sequence[Spread]) -> Evaluate:
    """Return a bag of all that a path with wildcards leads to from a value."""

    def evaluate(env: Environment) -> Any:
        values: Iterable[Any] = (base(env),)
        for step in steps:
            values = [found for value in values for found in step(env, value) if found is not MISSING]
        return Bag(map(settled, values))

    return evaluate


def elements_of(_env: Environment, value: Any) -> Iterable[Any]:
    """`[*]`: the elements of a list or bag; anything else is its own only element, as in FROM."""
    return value if is_sequence(value) else (value,)


def fields_of(_env: Environment, value: Any) -> Iterable[Any]:
    """`.*`: the values of a struct's fields; anything else is its own only value."""
    if is_sequence(value) or type(value) in UNKNOWN_TYPES or ion.type_of(value) is not ion.IonType.STRUCT:
        return (value,)
    return (found for _, found in ion.fields(value))


def step_by(key: Evaluate) -> Spread:
    """Return a step to one field or element."""
    return lambda env, value: (stepped(value, key(env)),)
