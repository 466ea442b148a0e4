"""What pages ask: the operations of the console's API, each from a call to its result."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ledger import clock, ion, strand
from ledger.console import documents, evidence, journal, tables
from ledger.console.evidence import Evidence
from ledger.console.ledgers import Ledgers
from ledger.console.runs import Runs
from ledger.console.statements import Page
from ledger.control.addresses import written
from ledger.control.block import get_block
from ledger.control.digest import get_digest
from ledger.control.history import revision_address
from ledger.control.revision import get_revision
from ledger.errors import InvalidParameterException
from ledger.ledger import Ledger
from ledger.record import encode_bytes
from ledger.server import bodies
from ledger.server.call import Call, Result

_MOST_PARAMETERS = 100


class Api:
    """The operations on the ledgers of one place."""

    def __init__(self, ledgers: Ledgers, runs: Runs, kept: Evidence) -> None:
        self._ledgers = ledgers
        self._runs = runs
        self._kept = kept

    def operations(self) -> list[tuple[str, str, Callable[[Call], Result]]]:
        """Return method, path and operation of each."""
        ledger, run = "/api/ledgers/{name}", "/api/runs/{run}"
        return [
            ("GET", "/api/ledgers", self.list_ledgers),
            ("GET", ledger, self.describe_ledger),
            ("GET", f"{ledger}/tables/{{table}}", self.describe_table),
            ("GET", f"{ledger}/documents/{{document}}", self.get_revisions),
            ("GET", f"{ledger}/blocks", self.list_blocks),
            ("GET", f"{ledger}/digests", self.list_digests),
            ("GET", f"{ledger}/audits", self.list_audits),
            ("POST", f"{ledger}/digest", self.get_digest),
            ("POST", f"{ledger}/revision", self.get_revision),
            ("POST", f"{ledger}/block", self.get_block),
            ("POST", f"{ledger}/runs", self.start_run),
            ("POST", f"{run}/rows", self.get_rows),
            ("POST", f"{run}/stop", self.stop_run),
        ]

    def list_ledgers(self, call: Call) -> Result:  # noqa: ARG002 - nothing to choose
        """Name the ledgers, and say what this console may do."""
        found = [{"name": each.name, "strands": len(each.settings.strands)} for each in self._ledgers.all()]
        return {
            "ledgers": found,
            "isWritable": self._ledgers.is_writable,
            "extensions": self._ledgers.extensions,
        }

    def describe_ledger(self, call: Call) -> Result:
        """Say what a ledger is: its tables, and its strands with their tips."""
        ledger = self._ledger(call)
        catalog = ledger.load_catalog(fresh=True).catalog
        return {
            "name": ledger.name,
            "created": clock.write(ledger.settings.created),
            "strands": [_tip(ledger, strand_id) for strand_id in ledger.settings.strands],
            "tables": [tables.described(table) for table in catalog.tables],
        }

    def describe_table(self, call: Call) -> Result:
        """Name the fields that documents of a table have."""
        return {"fields": tables.fields(self._ledger(call), call.path["table"])}

    def get_revisions(self, call: Call) -> Result:
        """Show a document's revisions, or name the version of a moment."""
        ledger, document_id, instant = self._ledger(call), call.path["document"], call.parameter("at")
        if instant is not None:
            return {"version": documents.version_at(ledger, document_id, _instant(instant))}
        limit, before = _number(call, "limit") or documents.MOST_REVISIONS, _number(call, "before")
        return documents.newest_revisions(ledger, document_id, limit=limit, before=before)

    def list_blocks(self, call: Call) -> Result:
        """Show blocks, the newest first."""
        bounds = {name: _bounds(call, name) for name in ("before", "after")}
        limit = _number(call, "limit") or journal.MOST_BLOCKS
        return {"blocks": journal.newest_blocks(self._ledger(call), limit=limit, **bounds)}

    def get_digest(self, call: Call) -> Result:
        """Take the digest, with the fields of the file that it is saved in."""
        ledger = self._ledger(call)
        digest = get_digest(ledger)
        return {
            "digest": encode_bytes(digest.digest),
            "digestTipAddress": digest.tip_address,
            "ledger": ledger.name,
            "date": clock.write(clock.now()),
        }

    def get_revision(self, call: Call) -> Result:
        """Show a revision and its proof; without a block address, that of a version or the newest."""
        ledger, document_id = self._ledger(call), _required(call, "documentId")
        address = bodies.text(call.members, "blockAddress")
        if address is None:
            address = written([revision_address(ledger, document_id, call.members.get("version"))])
        found = get_revision(ledger, address, document_id, bodies.text(call.members, "digestTipAddress"))
        return {"blockAddress": address, "revision": ion.text(found.revision), **_proof(found.proof)}

    def get_block(self, call: Call) -> Result:
        """Show a block, and its proof if a digest's tip is given."""
        address = _required(call, "blockAddress")
        found = get_block(self._ledger(call), address, bodies.text(call.members, "digestTipAddress"))
        return {"block": ion.text(found.block), **_proof(found.proof)}

    def list_digests(self, call: Call) -> Result:
        """Show notarised digests, the newest first."""
        limit, before = _number(call, "limit") or evidence.MOST_DIGESTS, _number(call, "before")
        return evidence.digests(self._kept, self._ledger(call).name, limit=limit, before=before)

    def list_audits(self, call: Call) -> Result:
        """Show the newest runs of the auditor."""
        return evidence.audits(self._kept, self._ledger(call).name)

    def start_run(self, call: Call) -> Result:
        """Run a statement."""
        parameters = bodies.sequence(call.members, "parameters") or []
        if len(parameters) > _MOST_PARAMETERS or not all(isinstance(each, str) for each in parameters):
            raise InvalidParameterException(f"give at most {_MOST_PARAMETERS} texts, each an Ion value", "parameters")
        run_id, statement = _required(call, "run"), _required(call, "statement")
        return _page(self._runs.start(run_id, self._ledger(call), statement, parameters))

    def get_rows(self, call: Call) -> Result:
        """Give the next rows of a statement."""
        return _page(self._runs.more(call.path["run"]))

    def stop_run(self, call: Call) -> Result:
        """Stop a statement."""
        self._runs.stop(call.path["run"])
        return {}

    def _ledger(self, call: Call) -> Ledger:
        return self._ledgers.open(call.path["name"])


def _tip(ledger: Ledger, strand_id: str) -> dict[str, Any]:
    tip = strand.tip(ledger.store, strand_id)
    return {
        "strandId": strand_id,
        "sequenceNo": tip.address.sequence_no,
        "blockTimestamp": clock.write(tip.timestamp),
        "blockHash": encode_bytes(tip.hash),
    }


def _proof(hashes: list[bytes] | None) -> Mapping[str, str]:
    return {} if hashes is None else {"proof": ion.text(hashes)}


def _page(page: Page) -> Result:
    return {
        "rows": page.rows,
        "isLast": page.is_last,
        "readIOs": page.read_ios,
        "writeIOs": page.write_ios,
        "milliseconds": page.milliseconds,
        "transactionId": page.transaction_id,
    }


def _required(call: Call, name: str) -> str:
    text = bodies.text(call.members, name)
    if not text:
        raise InvalidParameterException(f"{name} is missing", name)
    return text


def _number(call: Call, name: str) -> int | None:
    text = call.parameter(name)
    return None if text is None else _natural(text, name)


def _bounds(call: Call, name: str) -> dict[str, int]:
    """Read `STRAND:NUMBER,STRAND:NUMBER`."""
    pairs = [pair.partition(":") for pair in (call.parameter(name) or "").split(",") if pair]
    return {strand_id: _natural(number, name) for strand_id, _, number in pairs}


def _natural(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise InvalidParameterException(f"{name} is {text[:40]!r}: give a whole number", name)
    return int(text)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidParameterException(
            f"at is {text[:40]!r}: give an instant like 2026-11-22T09:15:00Z", "at"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
