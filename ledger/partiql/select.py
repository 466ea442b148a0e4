"""SELECT: projections over the rows of FROM and WHERE."""

from collections.abc import Callable, Iterator
from typing import Any

from ledger import ion
from ledger.partiql.aggregation import aggregated, check_grouping
from ledger.partiql.compiler import compiled
from ledger.partiql.plan import Loop, members
from ledger.partiql.scope import Environment, Evaluate, Scope
from ledger.partiql.sources import Member
from ledger.partiql.statements import Projection, Select
from ledger.partiql.syntax import Aggregate
from ledger.partiql.values import MISSING, UNKNOWN_TYPES, settled, struct


def select(statement: Select, scope: Scope) -> Callable[[Environment], Iterator[Any]]:
    """Return the query as a function of the environment, giving its rows lazily."""
    found = members(statement.sources, scope)
    loop = Loop(found, statement.conditions, scope)
    aggregates: dict[int, Aggregate] = {}
    scope.aggregates = None if statement.bare else aggregates
    project = _star(statement, found) if statement.projections is None else _projection(statement, scope)
    scope.aggregates = None
    if aggregates:
        check_grouping(statement, scope)
    rows = aggregated(loop, project, aggregates, scope) if aggregates else _rows(loop, project)

    def run(env: Environment) -> Iterator[Any]:
        loop.prepare(env)
        return rows(env)

    return run


def _rows(loop: Loop, project: Evaluate) -> Callable[[Environment], Iterator[Any]]:
    def rows(env: Environment) -> Iterator[Any]:
        for _ in loop.run(env):
            row = project(env)
            if row is not MISSING:
                yield row

    return rows


def _projection(statement: Select, scope: Scope) -> Evaluate:
    projections = statement.projections or ()
    if statement.bare:
        value = compiled(projections[0].value, scope)
        return lambda env: MISSING if (found := value(env)) is MISSING else settled(found)
    columns = [(_name(column, index), compiled(column.value, scope)) for index, column in enumerate(projections)]
    return lambda env: struct([(name, value(env)) for name, value in columns])


def _name(column: Projection, index: int) -> str:
    return column.name or f"_{index + 1}"


def _star(statement: Select, found: list[Member]) -> Evaluate:
    if len(found) == 1 and found[0].at is None and found[0].by is None:
        slot = found[0].value
        return lambda env: _as_struct(env[slot], 1)
    bindings = list(zip(statement.sources, found, strict=True))

    def project(env: Environment) -> Any:
        pairs: list[tuple[str, Any]] = []
        for index, (source, member) in enumerate(bindings):
            pairs.extend(ion.fields(_as_struct(env[member.value], index + 1)))
            pairs.extend(
                (name, env[slot]) for name, slot in ((source.at, member.at), (source.by, member.by)) if name and slot
            )
        return struct(pairs)

    return project


def _as_struct(value: Any, ordinal: int) -> Any:
    if type(value) not in UNKNOWN_TYPES and ion.type_of(value) is ion.IonType.STRUCT:
        return value
    return {f"_{ordinal}": value}
