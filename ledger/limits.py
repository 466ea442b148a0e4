"""The ledger's limits (QLDB guide, "Quotas and limits"), each as a default that a ledger's owner may change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a ledger refuses to exceed.

    Attributes:
        page_rows, page_bytes: a page of results ends when it has either.
    """

    active_ledgers: int = 5
    active_tables: int = 20
    total_tables: int = 40
    indexes_per_table: int = 5
    documents_per_transaction: int = 40
    redactions_per_transaction: int = 1
    document_bytes: int = 128 * 1024
    transaction_bytes: int = 4 * 1024 * 1024
    statement_characters: int = 100_000
    parameter_characters: int = 1024 * 1024
    transaction_seconds: float = 30.0
    session_seconds: float = 15 * 60.0
    sessions: int = 3000
    page_rows: int = 200
    page_bytes: int = 1024 * 1024


DEFAULT_LIMITS = Limits()
