"""Whole statements, by recursive descent."""

from collections.abc import Callable
from typing import Any, ClassVar

from ledger.partiql.query_parser import QueryParser
from ledger.partiql.query_syntax import Name, Source
from ledger.partiql.statements import (
    Assignment,
    CreateIndex,
    CreateTable,
    Delete,
    DropIndex,
    DropTable,
    Edit,
    Insert,
    Insertion,
    Operation,
    RedactRevision,
    Removal,
    StatementSyntax,
    UndropTable,
)
from ledger.partiql.syntax import Expression, Path, Variable
from ledger.partiql.tree import MAX_DEPTH, too_deep_at


class StatementParser(QueryParser):
    """Reads one statement."""

    def statement(self) -> StatementSyntax:
        """Read the statement, to the end of the text."""
        reader = self._STATEMENTS.get(self.token.kind)
        if reader is None:
            self.fail("expected a statement")
        self.advance()
        found = reader(self)
        self.accept(";")
        if self.token.kind != "end":
            self.fail("expected the end of the statement")
        too_deep = too_deep_at(found)
        if too_deep is not None:
            raise self.error(f"expressions nest more than {MAX_DEPTH} deep", too_deep)
        return found

    def _create(self) -> StatementSyntax:
        if self.accept("TABLE"):
            table, offset = self._word(), self.token.offset
            return CreateTable(table, self._option("aws_tags") if self.accept("WITH") else None, offset)
        self.expect("INDEX")
        self.expect("ON")
        table = self._word()
        self.expect("(")
        field = self._word()
        self.expect(")")
        return CreateIndex(table, field)

    def _drop(self) -> StatementSyntax:
        if self.accept("TABLE"):
            return DropTable(self._word())
        self.expect("INDEX")
        index_id = self._word()
        self.expect("ON")
        table = self._word()
        self.expect("WITH")
        value = self.token
        purge = self._option("purge")
        if getattr(purge, "value", None) is not True:
            raise self.error("an index is dropped WITH (purge = true)", value.offset)
        return DropIndex(index_id, table)

    def _undrop(self) -> StatementSyntax:
        self.expect("TABLE")
        return UndropTable(self._word())

    def _option(self, name: str) -> Expression:
        """Read `(name = value)`; options are case-sensitive."""
        self.expect("(")
        if self.token.value != name:
            self.fail(f"expected {name}, in lower case")
        self.expect_name()
        self.expect("=")
        value = self.expression()
        self.expect(")")
        return value

    def _insert(self) -> StatementSyntax:
        self.expect("INTO")
        table = self._word()
        single = self.accept("VALUE") is not None
        offset = self.token.offset
        return Insert(table, self.expression(), single, offset)

    def _update(self) -> StatementSyntax:
        source = self._target()
        operations = self._operations()
        return Edit((source,), operations, self.where())

    def _from(self) -> StatementSyntax:
        sources, conditions = self.sources()
        conditions = (*conditions, *self.where())
        return Edit(sources, self._operations(), conditions)

    def _delete(self) -> StatementSyntax:
        self.expect("FROM")
        source = self._target()
        return Delete(source, self.where())

    def _exec(self) -> StatementSyntax:
        offset = self.token.offset
        if not self.accept_word("REDACT_REVISION"):
            self.fail("expected REDACT_REVISION")
        address = self.expression()
        self.expect(",")
        table_id = self.expression()
        self.expect(",")
        return RedactRevision(address, table_id, self.expression(), offset)

    def _target(self) -> Source:
        name = self._word()
        alias = self.alias()
        by = self.bound_by("BY")
        return Source(Variable(name.text, name.offset), alias or name.text, None, by, name.offset)

    def _operations(self) -> tuple[Operation, ...]:
        if self.accept("SET"):
            return self.separated(self._assignment)
        if self.accept("REMOVE"):
            return (Removal(self._place()),)
        if self.token.kind != "INSERT":
            self.fail("expected SET, INSERT INTO or REMOVE")
        self.advance()
        self.expect("INTO")
        place = self._place()
        self.expect("VALUE")
        value = self.expression()
        return (Insertion(place, value, self.expression() if self.accept("AT") else None),)

    def _assignment(self) -> Assignment:
        place = self._place()
        self.expect("=")
        return Assignment(place, self.expression())

    def _place(self) -> Path | Variable:
        start = self.token
        place = self.operand()
        if isinstance(place, Variable) or (isinstance(place, Path) and isinstance(place.root, Variable)):
            return place
        raise self.error("expected a path into the document", start.offset)

    def _word(self) -> Name:
        token = self.expect_name()
        return Name(token.value, token.offset)

    _STATEMENTS: ClassVar[dict[str, Callable[[Any], StatementSyntax]]] = {
        "CREATE": _create,
        "DROP": _drop,
        "UNDROP": _undrop,
        "INSERT": _insert,
        "UPDATE": _update,
        "FROM": _from,
        "DELETE": _delete,
        "SELECT": QueryParser.query,
        "EXEC": _exec,
    }
