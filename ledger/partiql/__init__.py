"""PartiQL as QLDB speaks it: text to syntax to closures over Ion values. Never touches storage."""

from ledger.partiql.errors import PartiQLError
from ledger.partiql.statement import Statement, compile_statement
from ledger.partiql.tables import Document, Revision, Table, Tables
from ledger.partiql.values import MISSING

__all__ = ["MISSING", "Document", "PartiQLError", "Revision", "Statement", "Table", "Tables", "compile_statement"]
