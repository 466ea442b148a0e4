"""One row from many: SELECT with aggregates, and GROUP BY, which is an extension."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from ledger.comparison import equality_key
from ledger.partiql.aggregates import ACCUMULATORS
from ledger.partiql.compiler import compiled
from ledger.partiql.query_syntax import Projection, Select
from ledger.partiql.scope import Environment, Evaluate, Scope, located
from ledger.partiql.subqueries import MAX_ROWS
from ledger.partiql.syntax import Aggregate, Bound, Expression, Literal, Variable
from ledger.partiql.tree import alike, replaced, walk
from ledger.partiql.values import UNKNOWN_TYPES, settled

Bindings: TypeAlias = Callable[[Environment], Iterator[None]]


class Grouping:
    """The groups of a query while it is compiled: none, one of all rows for aggregates, or those of GROUP BY."""

    def __init__(self, statement: Select, scope: Scope) -> None:
        self.statement, self._scope = statement, scope
        self._keys: list[tuple[int, Evaluate]] = []
        self._bound: list[tuple[Expression, Bound]] = []
        self._over: list[Expression] = []
        for key in statement.arrangement.groups:
            slot = scope.take()
            self._keys.append((slot, compiled(key.value, scope)))
            self._bound.append((key.value, Bound(slot)))
            if key.name is not None:
                self._bound.append((Variable(key.name, 0), Bound(slot)))
        scope.aggregates = {}

    def over_groups(self, expression: Expression) -> Expression:
        """Return the expression with the members of GROUP BY in it as their values in the group."""
        found: Expression = replaced(expression, self._in_group) if self._keys else expression
        self._over.append(found)
        return found

    def _in_group(self, node: Any) -> Any:
        if isinstance(node, Aggregate):
            return node
        return next((bound for key, bound in self._bound if alike(key, node)), None)

    def projections(self) -> tuple[Projection, ...]:
        """Return the select list, over groups."""
        found = self.statement.projections or ()
        return tuple(Projection(self.over_groups(column.value), column.name) for column in found)

    def finished(self, rows: Bindings) -> Bindings:
        """Return the groups as bindings, now that all that is over them is compiled; the rows themselves without any.

        Raises:
            PartiQLError: beside an aggregate stands what no group has one value of.
        """
        found, self._scope.aggregates = self._scope.aggregates or {}, None
        arrangement = self.statement.arrangement
        if not found and not self._keys and arrangement.having is None:
            return rows
        if self.statement.projections is None:
            raise self._scope.unsupported(self.statement.offset, "* has no meaning over groups")
        for expression in self._over:
            self._check(expression)
        steps = [_step(slot, aggregate, self._scope) for slot, aggregate in found.items()]
        results = [(slot, _result(slot, aggregate, self._scope)) for slot, aggregate in found.items()]
        groups = self._groups(rows, found, steps)

        def bindings(env: Environment) -> Iterator[None]:
            for bound in groups(env):
                for slot, value in bound.items():
                    env[slot] = value
                for slot, result in results:
                    env[slot] = result(env)
                yield

        return bindings

    def _check(self, expression: Expression) -> None:
        outside = replaced(expression, lambda node: Literal(None) if isinstance(node, Aggregate) else None)
        if self._scope.needs(outside) & {*self._scope.names.values(), *self._scope.sources}:
            offset = next(node.offset for node in walk(outside) if isinstance(node, Variable))
            raise self._scope.unsupported(offset, "beside an aggregate this must stand in GROUP BY")

    def _groups(
        self, rows: Bindings, found: dict[int, Aggregate], steps: list[Evaluate]
    ) -> Callable[[Environment], Iterator[dict[int, Any]]]:
        def new() -> dict[int, Any]:
            return {slot: ACCUMULATORS[aggregate.function]() for slot, aggregate in found.items()}

        def groups(env: Environment) -> Iterator[dict[int, Any]]:
            known: dict[tuple[bytes, ...], dict[int, Any]] = {}
            if not self._keys:
                known[()] = new()
            bound: dict[int, Any] | None = None
            for _ in rows(env):
                values = [settled(value(env)) for _, value in self._keys]
                identity = tuple(map(_identity, values))
                if identity not in known:
                    known[identity] = new() | {slot: value for (slot, _), value in zip(self._keys, values, strict=True)}
                    self._check_number(len(known))
                if known[identity] is not bound:
                    bound = known[identity]
                    for slot, value in bound.items():
                        env[slot] = value
                for step in steps:
                    step(env)
            yield from known.values()

        return groups

    def _check_number(self, groups: int) -> None:
        if groups > MAX_ROWS:
            raise self._scope.semantic(self.statement.offset, f"GROUP BY can make {MAX_ROWS} groups, here are more")


def _identity(value: Any) -> bytes:
    return b"" if type(value) in UNKNOWN_TYPES else equality_key(value)


def _step(slot: int, aggregate: Aggregate, scope: Scope) -> Evaluate:
    if aggregate.operand is None:
        return lambda env: env[slot].take(True)
    operand = compiled(aggregate.operand, scope)
    return located(lambda env: env[slot].take(operand(env)), scope, aggregate.offset)


def _result(slot: int, aggregate: Aggregate, scope: Scope) -> Evaluate:
    return located(lambda env: env[slot].result(), scope, aggregate.offset)
