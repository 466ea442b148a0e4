"""The report of one run of the auditor, as JSON: what was checked, and each finding with where and since when."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from ledger import clock
from ledger.audit.finding import Finding, Kind
from ledger.audit.rolling import RollingCheck
from ledger.verification.statement import Statement

_MOST = 1000
_FIRST = {Kind.SETTINGS: 0, Kind.DIGEST: 1, Kind.BLOCK: 2}


class Report(NamedTuple):
    """What one run found.

    Attributes:
        finished: whether it came to the end of what is new; else the next run goes on.
        blocks, digests: how many were read.
        newest_digest: that was found sound.
        full_audit: number, beginning and stage of the check of everything that is under way, and when the one before
            was completed.
        finding_count: how many findings there are; `findings` has the first thousand.
        findings: see `finding_fields`.
        audit_age: seconds since a run was last finished; `None` if the ledger's settings cannot be read.
        digest_age: seconds for which the oldest block has waited that no digest covers; `None` likewise.
    """

    ledger: str
    date: datetime
    seconds: float
    finished: bool
    blocks: int
    digests: int
    newest_digest: Statement | None
    full_audit: dict[str, Any]
    finding_count: int
    findings: tuple[dict[str, Any], ...]
    audit_age: float | None
    digest_age: float | None

    def to_json(self) -> str:
        """Return the report as it is kept."""
        newest = self.newest_digest
        fields = {
            "ledger": self.ledger,
            "date": clock.write(self.date),
            "seconds": round(self.seconds, 3),
            "finished": self.finished,
            "blocks": self.blocks,
            "digests": self.digests,
            "newestDigest": newest and {"number": newest.number, "date": newest.date},
            "fullAudit": self.full_audit,
            "auditAge": self.audit_age,
            "digestAge": self.digest_age,
            "findingCount": self.finding_count,
            "findings": self.findings,
        }
        return json.dumps(fields, indent=2) + "\n"


def findings_of(check: RollingCheck) -> tuple[dict[str, Any], ...]:
    """Return the first thousand findings: those about the journal and its digests before those about other cells."""
    return tuple(islice(_findings(check), _MOST))


def _findings(check: RollingCheck) -> Iterator[dict[str, Any]]:
    tables = {table.id: table for table in check.catalog().tables}
    indexes = {index.id: (table, index) for table in tables.values() for index in table.indexes}
    for journal in (True, False):
        for kind, partition, name, finding, seen in check.expected.sighted():
            if (kind in _FIRST) is journal:
                yield finding_fields(finding, seen) | _place(kind, partition, name, tables, indexes)


def finding_fields(finding: Finding, seen: Any) -> dict[str, Any]:
    """Return a finding as JSON fields.

    `where` and `what` are for people; `since`, `{number, date}`, is the newest digest for which it was still in order,
    as far as is known (`None`: it was never found in order); `found`, when a run first found it. Then what it is about:
    `kind` and, as far as they apply, `strandId`, `sequenceNo`, `digestNumber`, `documentId`, `tableId`, `table`,
    `indexId`, `field`.
    """
    return {"where": finding.where, "what": finding.what, **(seen or {"since": None, "found": None})}


def _place(kind: str, partition: str, name: str, tables: dict[str, Any], indexes: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case Kind.BLOCK:
            return {"kind": kind, "strandId": partition, **({"sequenceNo": int(name)} if name else {})}
        case Kind.DIGEST:
            return {"kind": kind, "digestNumber": int(name)}
        case Kind.DOCUMENT:
            table_id = partition.split("/")[1]
            named = {"table": tables[table_id].name} if table_id in tables else {}
            return {"kind": kind, "documentId": name, "tableId": table_id, **named}
        case Kind.VALUE:
            return _place_of_index(partition.split("/")[1], indexes)
        case Kind.REDACTION:
            return {"kind": kind, "documentId": name.partition("/")[0]}
        case _:
            return {"kind": kind or Kind.SETTINGS}


def _place_of_index(index_id: str, indexes: dict[str, Any]) -> dict[str, Any]:
    named = {}
    if index_id in indexes:  # else it was dropped since
        table, index = indexes[index_id]
        named = {"field": index.field, "tableId": table.id, "table": table.name}
    return {"kind": "index", "indexId": index_id, **named}
