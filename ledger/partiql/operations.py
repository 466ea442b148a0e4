"""The operations of UPDATE and FROM: SET, INSERT INTO and REMOVE, compiled to what they do to the row's document."""

from collections.abc import Callable

from ledger.partiql.compiler import compiled
from ledger.partiql.editing import Step, insertion, removal, setting
from ledger.partiql.places import Places
from ledger.partiql.scope import Environment, Scope
from ledger.partiql.statements import Assignment, Insertion, Operation, Removal
from ledger.partiql.values import MISSING


def compiled_operation(operation: Operation, places: Places, scope: Scope) -> Callable[[Environment], Step]:
    """Return a closure that gives what the operation does to the document, for the row that is bound."""
    if isinstance(operation, Assignment):
        return _assignment(operation, places, scope)
    return _insertion(operation, places, scope) if isinstance(operation, Insertion) else _removal(operation, places)


def _assignment(operation: Assignment, places: Places, scope: Scope) -> Callable[[Environment], Step]:
    value, place = compiled(operation.value, scope), places.of(operation.target)
    return lambda env: setting(place(env), value(env))


def _insertion(operation: Insertion, places: Places, scope: Scope) -> Callable[[Environment], Step]:
    value, place = compiled(operation.value, scope), places.of(operation.target)
    key = None if operation.key is None else compiled(operation.key, scope)
    return lambda env: insertion(place(env), MISSING if key is None else key(env), value(env), keyed=key is not None)


def _removal(operation: Removal, places: Places) -> Callable[[Environment], Step]:
    place = places.of(operation.target)
    return lambda env: removal(place(env))
