"""A ground in a folder: an SQLite file, and a key in this process's memory."""

import json
import sqlite3
from pathlib import Path

from drill.ground import Cells, Report, Writes
from ledger import settings
from ledger.audit.auditor import Auditor
from ledger.audit.files import FolderAuditFiles, state_key
from ledger.driver import connect
from ledger.notary.archive import FolderArchive, digest_key
from ledger.notary.errors import NotaryError
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from ledger.store import Key, SQLiteStore, Store

_STRANDS = 4
_CARRIED = {"PreviousBalance": "CurrentBalance"}
_TABLES = {"wallettable": "email", "idempotency": "key"}


class DiskGround:
    """A ledger with the wallet's tables in an SQLite file, its digests and its audits beside it."""

    def __init__(self, folder: Path, ledger: str = "drill") -> None:
        """Create the ledger in a folder that has none of that name."""
        self.ledger = ledger
        self._folder = folder
        self._file = folder / f"{ledger}.db"
        self.store: Store = SQLiteStore(self._file)
        settings.create(self.store, ledger, strands=_STRANDS)
        with connect(ledger, self.store) as driver:
            for table, field in _TABLES.items():
                driver.execute_lambda(lambda txn, table=table: txn.execute_statement(f"CREATE TABLE {table}"))
                statement = f'CREATE INDEX ON {table} ("{field}")'
                driver.execute_lambda(lambda txn, statement=statement: txn.execute_statement(statement))
        signer, archive = LocalSigner(), FolderArchive(folder, ledger)
        self._notary = Notary(self.store, ledger, archive, signer)
        keys, files = {signer.key_id: signer.public_key}, FolderAuditFiles(folder, ledger)
        self._auditor = Auditor(self.store, ledger, archive, keys, files, carried=_CARRIED)

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    def cells(self) -> Cells:
        """Return all cells."""
        database = sqlite3.connect(self._file)
        try:
            rows = database.execute("SELECT partition, sort, data FROM cell").fetchall()
        finally:
            database.close()
        return {Key(partition, sort): data for partition, sort, data in rows}

    def write(self, writes: Writes) -> None:
        """Write cells."""
        cells = self.store.get(writes)
        there = {key: data for key, data in writes.items() if key in cells or data is not None}
        self.store.commit(there, {key: cells[key].version if key in cells else None for key in there})

    def notarise(self) -> str:
        """Notarise the digest."""
        try:
            self._notary.notarise()
        except NotaryError as error:
            return str(error)
        return ""

    def audit(self, *, anew: bool = False) -> Report:
        """Audit the ledger."""
        report: Report = json.loads(self._auditor.run(anew=anew).to_json())
        return report

    def notes(self) -> bytes | None:
        """Return the auditor's state."""
        return self._notes.read_bytes() if self._notes.exists() else None

    def write_notes(self, notes: bytes | None) -> None:
        """Replace the auditor's state."""
        if notes is None:
            self._notes.unlink()
        else:
            self._notes.write_bytes(notes)

    def digest(self, number: int) -> bytes:
        """Return a notarised digest."""
        return (self._folder / digest_key(self.ledger, number)).read_bytes()

    def write_digest(self, number: int, data: bytes) -> None:
        """Replace a notarised digest: a folder has no Object Lock."""
        path = self._folder / digest_key(self.ledger, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def remove_digest(self, number: int) -> str:
        """Remove a notarised digest."""
        (self._folder / digest_key(self.ledger, number)).unlink()
        return ""

    @property
    def _notes(self) -> Path:
        return self._folder / state_key(self.ledger)
