"""How a table's documents are reached: by id, through an index, or by a scan.

QLDB uses an index only for `=` and `IN` on the whole value of an indexed field or on the document id. The predicate is
checked again on what comes back, so an access path may give too much, never too little.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from ledger.comparison import equality_key
from ledger.partiql.compiler import compiled
from ledger.partiql.predicate_syntax import Comparison, In
from ledger.partiql.scope import Environment, Evaluate, Scope
from ledger.partiql.syntax import Expression
from ledger.partiql.tables import Document, Table
from ledger.partiql.values import UNKNOWN_TYPES, is_sequence, text_of

DOCUMENT_ID = object()
"""Stands where a field's name could: the key is the document's id."""

KeyOf: TypeAlias = Callable[[Expression], Any]
"""The field that an expression reads of a source (or DOCUMENT_ID); None if it is no such thing."""


class Key(NamedTuple):
    """A conjunct that fixes the value of a field (or the document id) before the table is read."""

    field: Any
    values: Callable[[Environment], Iterable[Any]]


def committed_key(steps: tuple[Any, ...]) -> Any:
    """Return the key that a path into a committed revision reads: `metadata.id`, or `data.F` for the field F."""
    if steps == ("metadata", "id"):
        return DOCUMENT_ID
    return steps[1] if len(steps) == 2 and steps[0] == "data" and isinstance(steps[1], str) else None


def keys(conjuncts: Sequence[Expression], key_of: KeyOf, scope: Scope, bound: frozenset[int]) -> list[Key]:
    """Return the keys among the conjuncts: the other side needs only slots that are bound before. Ids come first."""
    found = [key for conjunct in conjuncts for key in _keys_of(conjunct, key_of, scope, bound)]
    return sorted(found, key=lambda key: key.field is not DOCUMENT_ID)


def _keys_of(conjunct: Expression, key_of: KeyOf, scope: Scope, bound: frozenset[int]) -> Iterator[Key]:
    if isinstance(conjunct, Comparison) and conjunct.operator == "=":
        for side, other in ((conjunct.left, conjunct.right), (conjunct.right, conjunct.left)):
            field = key_of(side)
            if field is not None and scope.needs(other) <= bound:
                yield Key(field, _only(compiled(other, scope)))
    elif isinstance(conjunct, In):
        field = key_of(conjunct.operand)
        if field is not None and scope.needs(conjunct.collection) <= bound:
            yield Key(field, _each(compiled(conjunct.collection, scope)))


def _only(evaluate: Evaluate) -> Callable[[Environment], Iterable[Any]]:
    def values(env: Environment) -> Iterable[Any]:
        value = evaluate(env)
        return () if type(value) in UNKNOWN_TYPES else (value,)

    return values


def _each(evaluate: Evaluate) -> Callable[[Environment], Iterable[Any]]:
    def values(env: Environment) -> Iterable[Any]:
        items = evaluate(env)
        found: dict[bytes, Any] = {}
        for item in items if is_sequence(items) else ():
            if type(item) not in UNKNOWN_TYPES:
                found.setdefault(equality_key(item), item)
        return found.values()

    return values


def documents(table: Table, candidates: list[Key], env: Environment) -> Iterable[Document]:
    """Return the documents that can satisfy the conjuncts, by the best key that the table has an index for."""
    for field, values in candidates:
        if field is DOCUMENT_ID:
            return _found(table, values(env))
        if field in table.indexed_fields:
            return _looked_up(table, field, values(env))
    return table.scan()


def _found(table: Table, values: Iterable[Any]) -> Iterator[Document]:
    for value in values:
        document_id = text_of(value)
        document = None if document_id is None else table.find(document_id)
        if document is not None:
            yield document


def _looked_up(table: Table, field: str, values: Iterable[Any]) -> Iterator[Document]:
    for value in values:
        yield from table.lookup(field, value)
