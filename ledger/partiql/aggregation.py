"""One row from all rows: SELECT with aggregates."""

from collections.abc import Callable, Iterator
from typing import Any

from ledger.partiql.aggregates import ACCUMULATORS
from ledger.partiql.compiler import compiled
from ledger.partiql.plan import Loop
from ledger.partiql.scope import Environment, Evaluate, Scope, located
from ledger.partiql.statements import Select
from ledger.partiql.syntax import Aggregate, Variable
from ledger.partiql.tree import walk


def aggregated(
    loop: Loop, project: Evaluate, found: dict[int, Aggregate], scope: Scope
) -> Callable[[Environment], Iterator[Any]]:
    """Return a function that runs over all rows, then gives the one row of the aggregates, which are found by slot."""
    steps = [_step(slot, aggregate, scope) for slot, aggregate in found.items()]
    results = [(slot, _result(slot, aggregate, scope)) for slot, aggregate in found.items()]

    def rows(env: Environment) -> Iterator[Any]:
        for slot, aggregate in found.items():
            env[slot] = ACCUMULATORS[aggregate.function]()
        for _ in loop.run(env):
            for step in steps:
                step(env)
        for slot, result in results:
            env[slot] = result(env)
        yield project(env)

    return rows


def _step(slot: int, aggregate: Aggregate, scope: Scope) -> Evaluate:
    if aggregate.operand is None:
        return lambda env: env[slot].take(True)
    operand = compiled(aggregate.operand, scope)
    return located(lambda env: env[slot].take(operand(env)), scope, aggregate.offset)


def _result(slot: int, aggregate: Aggregate, scope: Scope) -> Evaluate:
    return located(lambda env: env[slot].result(), scope, aggregate.offset)


def check_grouping(statement: Select, scope: Scope) -> None:
    """Refuse names outside the aggregates: they would need GROUP BY, which QLDB does not have."""
    for column in statement.projections or ():
        inside = {id(node) for found in walk(column.value) if isinstance(found, Aggregate) for node in walk(found)}
        for node in walk(column.value):
            if isinstance(node, Variable) and id(node) not in inside:
                raise scope.unsupported(node.offset, "beside an aggregate this needs GROUP BY, which is not supported")
