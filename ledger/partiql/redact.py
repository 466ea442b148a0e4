"""EXEC REDACT_REVISION: one row that says which revision is going to be erased."""

from collections.abc import Callable, Iterator
from typing import Any

from ledger import ion
from ledger.partiql.compiler import compiled
from ledger.partiql.copying import is_struct
from ledger.partiql.scope import TABLES_SLOT, Environment, Scope
from ledger.partiql.statements import RedactRevision
from ledger.partiql.values import text_of


def redact_revision(statement: RedactRevision, scope: Scope) -> Callable[[Environment], Iterator[Any]]:
    """EXEC REDACT_REVISION blockAddress, 'tableId', 'documentId' (QLDB reference, "REDACT_REVISION")."""
    address, table_id, document_id = (
        compiled(part, scope) for part in (statement.address, statement.table_id, statement.document_id)
    )

    def run(env: Environment) -> Iterator[Any]:
        place = _address(address(env))
        table, document = text_of(table_id(env)), text_of(document_id(env))
        if place is None or table is None or document is None:
            complaint = "REDACT_REVISION takes a block address {strandId, sequenceNo}, a table id and a document id"
            raise scope.semantic(statement.offset, complaint)
        return iter([env[TABLES_SLOT].redact_revision(*place, table, document)])

    return run


def _address(value: Any) -> tuple[str, int] | None:
    found = dict(ion.fields(value)) if is_struct(value) else {}
    strand_id, sequence_no = text_of(found.get("strandId")), found.get("sequenceNo")
    if strand_id is None or not isinstance(sequence_no, int) or not 0 <= sequence_no < 10**18:
        return None
    return strand_id, int(sequence_no)
