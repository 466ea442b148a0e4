"""The abstract syntax of whole statements."""

from dataclasses import dataclass
from typing import TypeAlias

from ledger.partiql.query_syntax import Name, Select, Source
from ledger.partiql.syntax import Expression, Path, Variable


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE name [WITH (aws_tags = tags)]."""

    table: Name
    tags: Expression | None
    offset: int


@dataclass(frozen=True, slots=True)
class DropTable:
    """DROP TABLE name."""

    table: Name


@dataclass(frozen=True, slots=True)
class UndropTable:
    """UNDROP TABLE "id"."""

    table_id: Name


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE INDEX ON table (field)."""

    table: Name
    field: Name


@dataclass(frozen=True, slots=True)
class DropIndex:
    """DROP INDEX "id" ON table WITH (purge = true)."""

    index_id: Name
    table: Name


@dataclass(frozen=True, slots=True)
class RedactRevision:
    """EXEC REDACT_REVISION blockAddress, 'tableId', 'documentId'."""

    address: Expression
    table_id: Expression
    document_id: Expression
    offset: int


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT INTO table; with VALUE (`single`) one document, else a struct or a collection of them."""

    table: Name
    value: Expression
    single: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """`SET target = value`."""

    target: Path | Variable
    value: Expression


@dataclass(frozen=True, slots=True)
class Insertion:
    """`INSERT INTO target VALUE value [AT key]`."""

    target: Path | Variable
    value: Expression
    key: Expression | None


@dataclass(frozen=True, slots=True)
class Removal:
    """`REMOVE target`."""

    target: Path | Variable


Operation: TypeAlias = Assignment | Insertion | Removal


@dataclass(frozen=True, slots=True)
class Edit:
    """UPDATE table ... or FROM table, nested collections ...: the operations are done in each row."""

    sources: tuple[Source, ...]
    operations: tuple[Operation, ...]
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE FROM table [WHERE ...]."""

    source: Source
    conditions: tuple[Expression, ...]


StatementSyntax: TypeAlias = (
    Select | CreateTable | DropTable | UndropTable | CreateIndex | DropIndex | RedactRevision | Insert | Edit | Delete
)
