"""INSERT, UPDATE, FROM and DELETE: matching documents are collected first, then written."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ledger.partiql.compiler import compiled
from ledger.partiql.editing import DELETED, Edits, is_struct
from ledger.partiql.operations import compiled_operation
from ledger.partiql.places import Places
from ledger.partiql.plan import Loop, members
from ledger.partiql.query_syntax import Source
from ledger.partiql.scope import TABLES_SLOT, Environment, Scope
from ledger.partiql.sources import Member, TableMember, ValueMember, existing_table
from ledger.partiql.statements import Delete, Edit, Insert
from ledger.partiql.values import is_sequence

Run = Callable[[Environment], Iterator[Any]]


def insert(statement: Insert, scope: Scope) -> Run:
    """INSERT INTO: one row {documentId} for each new document."""
    value = compiled(statement.value, scope)

    def run(env: Environment) -> Iterator[Any]:
        table = existing_table(scope, env, statement.table.text, statement.table.offset)
        found = value(env)
        many = is_sequence(found) and not statement.single
        documents = [_document(data, scope, statement.offset) for data in (found if many else (found,))]
        return _affected([table.insert(data) for data in documents])

    return run


def edit(statement: Edit, scope: Scope) -> Run:
    """UPDATE and FROM: one row {documentId} for each document that has a matching row."""
    target, found = _targets(statement.sources, scope)
    scope.program.read.add(target.value)
    loop = Loop(found, statement.conditions, scope)
    places = Places(found, scope)
    operations = [compiled_operation(operation, places, scope) for operation in statement.operations]
    offset = statement.operations[0].target.offset

    def run(env: Environment) -> Iterator[Any]:
        loop.prepare(env)
        edits: dict[str, Edits] = {}
        for _ in loop.run(env):
            document = env[target.document]
            known = edits.setdefault(document.document_id, Edits(document, env[target.value]))
            for operation in operations:
                known.add(operation(env))
        check_time = env[TABLES_SLOT].check_time
        results = [(each.document, each.result(scope, offset, check_time)) for each in edits.values()]
        table = target.table(env)
        for document, data in results:
            if data is DELETED:
                table.delete(document)
            else:
                table.replace(document, _document(data, scope, offset))
        return _affected(list(edits))

    return run


def delete(statement: Delete, scope: Scope) -> Run:
    """DELETE FROM: one row {documentId} for each deleted document."""
    target, found = _targets((statement.source,), scope)
    loop = Loop(found, statement.conditions, scope)

    def run(env: Environment) -> Iterator[Any]:
        loop.prepare(env)
        documents = [env[target.document] for _ in loop.run(env)]
        for document in documents:
            target.table(env).delete(document)
        return _affected([document.document_id for document in documents])

    return run


def _affected(document_ids: list[str]) -> Iterator[Any]:
    return iter([{"documentId": document_id} for document_id in document_ids])


def _targets(sources: Sequence[Source], scope: Scope) -> tuple[TableMember, list[Member]]:
    found = members(sources, scope)
    target = found[0]
    if not isinstance(target, TableMember) or target.committed:
        raise scope.unsupported(sources[0].offset, "only a table's default view can be written to")
    for source, other in zip(sources[1:], found[1:], strict=True):
        if not isinstance(other, ValueMember):
            raise scope.unsupported(source.offset, "a statement writes to one table: only nested values can follow it")
    return target, found


def _document(value: Any, scope: Scope, offset: int) -> Any:
    if not is_struct(value):
        raise scope.semantic(offset, "a document must be a struct")
    return value
