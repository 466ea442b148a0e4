"""ORDER BY, LIMIT and OFFSET: an extension, which QLDB did not have. Without them rows stream through untouched."""

from collections.abc import Callable, Iterator
from heapq import nsmallest
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from ledger.comparison import order_key
from ledger.partiql.compiler import compiled
from ledger.partiql.query_syntax import Arrangement, Select
from ledger.partiql.scope import Environment, Evaluate, Scope
from ledger.partiql.subqueries import MAX_ROWS
from ledger.partiql.syntax import Expression, Variable
from ledger.partiql.values import UNKNOWN_TYPES, is_integer, type_name

Rows: TypeAlias = Callable[[Environment], Iterator[Any]]


class _Key(NamedTuple):
    value: Evaluate
    descending: bool
    nulls_last: bool


class _Descending:
    """Comes before what it is greater than."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: "_Descending") -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Descending) and bool(self.key == other.key)

    __hash__ = None  # type: ignore[assignment]


def order_keys(statement: Select, rewritten: Callable[[Expression], Expression], scope: Scope) -> list[_Key]:
    """Compile the members of ORDER BY; one that is the name of a column stands for the column's expression."""
    columns = {column.name: column.value for column in statement.projections or () if column.name is not None}
    keys = []
    for key in statement.arrangement.order:
        named = columns.get(key.value.name) if isinstance(key.value, Variable) else None
        value = compiled(rewritten(named or key.value), scope)
        keys.append(_Key(value, key.descending, key.nulls_last))
    return keys


def arranged(rows: Rows, keys: list[_Key], arrangement: Arrangement, scope: Scope) -> Rows:
    """Return the rows in order, and of them those that OFFSET and LIMIT leave. Keys are read as each row is bound.

    At most 100,000 rows are kept in order: as many as OFFSET and LIMIT need, or all.
    """
    if not keys and arrangement.limit is None and arrangement.skip is None:
        return rows
    limit, skip = (_count(bound, scope) for bound in (arrangement.limit, arrangement.skip))

    def run(env: Environment) -> Iterator[Any]:
        start = skip(env) or 0
        count = limit(env)
        stop = None if count is None else start + count
        return islice(_sorted(rows, keys, stop, scope)(env) if keys else rows(env), start, stop)

    return run


def _sorted(rows: Rows, keys: list[_Key], stop: int | None, scope: Scope) -> Rows:
    def run(env: Environment) -> Iterator[Any]:
        most = MAX_ROWS + 1 if stop is None or stop > MAX_ROWS else stop
        pairs = (([_place(key, env) for key in keys], row) for row in rows(env))
        found = nsmallest(most, pairs, key=lambda pair: pair[0])
        if len(found) > MAX_ROWS:
            raise scope.semantic(0, f"ORDER BY can sort {MAX_ROWS} rows, there are more: use LIMIT")
        return (row for _, row in found)

    return run


def _place(key: _Key, env: Environment) -> tuple[int, Any]:
    value = key.value(env)
    if type(value) in UNKNOWN_TYPES:
        return (2 if key.nulls_last else 0), 0
    return 1, _Descending(order_key(value)) if key.descending else order_key(value)


def _count(bound: Expression | None, scope: Scope) -> Evaluate:
    if bound is None:
        return lambda _env: None
    value = compiled(bound, Scope(scope.program))

    def evaluate(env: Environment) -> int:
        found = value(env)
        if not is_integer(found) or found < 0:
            shown = type_name(found) if not is_integer(found) else str(found)[:40]
            raise scope.semantic(0, f"LIMIT and OFFSET take an integer of 0 or more, got {shown}")
        return min(int(found), 2**62)

    return evaluate
