"""INSERT, UPDATE and DELETE: matching documents are collected first, then written."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ledger.partiql.compiler import compiled
from ledger.partiql.editing import is_struct, with_value
from ledger.partiql.operators import OperandError
from ledger.partiql.plan import Loop, members
from ledger.partiql.scope import Environment, Scope
from ledger.partiql.sources import TableMember, existing_table
from ledger.partiql.statements import Assignment, Delete, Insert, Source, Update
from ledger.partiql.syntax import Expression, Literal
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


def update(statement: Update, scope: Scope) -> Run:
    """UPDATE ... SET: one row {documentId} for each changed document."""
    member, loop = _target(statement.source, statement.conditions, scope)
    setters = [_Setter(assignment, member, scope) for assignment in statement.assignments]

    def changed(env: Environment) -> Any:
        data = env[member.value]
        for setter, value in [(setter, setter.value(env)) for setter in setters]:
            data = setter.applied(env, data, value)
        return data

    def run(env: Environment) -> Iterator[Any]:
        loop.prepare(env)
        changes = [(env[member.document], changed(env)) for _ in loop.run(env)]
        for document, data in changes:
            member.table(env).replace(document, data)
        return _affected([document.document_id for document, _ in changes])

    return run


def delete(statement: Delete, scope: Scope) -> Run:
    """DELETE FROM: one row {documentId} for each deleted document."""
    member, loop = _target(statement.source, statement.conditions, scope)

    def run(env: Environment) -> Iterator[Any]:
        loop.prepare(env)
        documents = [env[member.document] for _ in loop.run(env)]
        for document in documents:
            member.table(env).delete(document)
        return _affected([document.document_id for document in documents])

    return run


def _affected(document_ids: list[str]) -> Iterator[Any]:
    return iter([{"documentId": document_id} for document_id in document_ids])


def _target(source: Source, conditions: Sequence[Expression], scope: Scope) -> tuple[TableMember, Loop]:
    (member,) = members((source,), scope)
    if not isinstance(member, TableMember) or member.committed:
        raise scope.unsupported(source.offset, "only a table's default view can be written to")
    return member, Loop((member,), conditions, scope)


def _document(value: Any, scope: Scope, offset: int) -> Any:
    if not is_struct(value):
        raise scope.semantic(offset, "a document must be a struct")
    return value


class _Setter:
    """One assignment of SET."""

    def __init__(self, assignment: Assignment, member: TableMember, scope: Scope) -> None:
        self.value = compiled(assignment.value, scope)
        self._scope, self._offset = scope, assignment.target.offset
        slot, steps = scope.located(assignment.target) or (None, ())
        if slot != member.value:
            raise scope.semantic(self._offset, "SET needs a path into the document")
        self._steps = [compiled(Literal(step) if isinstance(step, str) else step, scope) for step in steps]

    def applied(self, env: Environment, data: Any, value: Any) -> Any:
        """Return a copy of the document's data with the assignment done."""
        steps = tuple(step(env) for step in self._steps)
        try:
            return _document(with_value(data, steps, value), self._scope, self._offset)
        except OperandError as error:
            raise self._scope.semantic(self._offset, str(error)) from None
