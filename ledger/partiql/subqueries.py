"""Queries as operands: each gives a bag of its rows, computed for every row of the query around it."""

from collections.abc import Callable
from typing import Any

from ledger import ion
from ledger.partiql.operators import OperandError
from ledger.partiql.scope import Compile, Environment, Evaluate, Scope, located
from ledger.partiql.syntax import Expression, Subquery
from ledger.partiql.values import Bag
from ledger.partiql.weight import check, weight_of

MAX_ROWS = 100_000
"""How many rows a query within a query may give: they are held in memory."""


def _subquery(expression: Subquery, scope: Scope, _compiled: Compile) -> Evaluate:
    run = scope.program.query(expression.query, Scope(scope.program, scope))

    def evaluate(env: Environment) -> Bag:
        rows = Bag()
        weight = 0
        for row in run(env):
            rows.append(row)
            weight += weight_of(row)
            check(weight)
            if len(rows) > MAX_ROWS:
                raise OperandError(f"a query within a query may give {MAX_ROWS} rows, this has more")
        return rows

    return located(evaluate, scope, expression.offset)


def _has_columns(expression: Expression) -> bool:
    return isinstance(expression, Subquery) and not expression.query.bare


def as_scalar(expression: Expression, scope: Scope, compiled: Compile) -> Evaluate:
    """Compile an operand of which one value is wanted: `SELECT a` gives its only row's only field, NULL of no row.

    SELECT VALUE is not changed: as an operand it is a bag (PartiQL specification, "coercion of subqueries").
    """
    rows = compiled(expression, scope)
    if not isinstance(expression, Subquery) or not _has_columns(expression):
        return rows

    def evaluate(env: Environment) -> Any:
        found = rows(env)
        if len(found) > 1:
            raise OperandError(f"expected one row of the query, got {len(found)}")
        return _only_field(found[0]) if found else None

    return located(evaluate, scope, expression.offset)


def as_column(expression: Expression, scope: Scope, compiled: Compile) -> Evaluate:
    """Compile the right side of IN: `SELECT a` gives the values of its only field."""
    rows = compiled(expression, scope)
    if not isinstance(expression, Subquery) or not _has_columns(expression):
        return rows
    return located(lambda env: Bag(map(_only_field, rows(env))), scope, expression.offset)


def _only_field(row: Any) -> Any:
    values = [value for _, value in ion.fields(row)]
    if len(values) > 1:
        raise OperandError(f"expected one field of the query's row, got {len(values)}")
    return values[0] if values else None


QUERY_COMPILERS: dict[type, Callable[[Any, Scope, Compile], Evaluate]] = {Subquery: _subquery}
