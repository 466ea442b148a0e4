"""Small journals, and what a ledger shows of them."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from ledger import ion, settings
from ledger.control.block import get_block
from ledger.control.digest import Digest, get_digest
from ledger.control.revision import get_revision
from ledger.journal.cell import read_block
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.blocks import block_cells
from tests.ledger.conftest import prepared
from tests.ledger.support import Client

DOCUMENT = ion.parse(
    """{k: 1, who: "Ana", CurrentBalance: 12.50, kind: sent, tags: ["a", (b 2.5e0 null.int)],
    at: 2026-01-02T03:04:05.678Z, more: {flag: true, raw: {{aGVsbG8LDA4=}}, note: paid::"ok"}}"""
)


class Shown(NamedTuple):
    """A revision or a block as clients get it, everything read back from Ion."""

    kind: str
    value: ion.Value
    proof: ion.Value
    digest: bytes


class Journal(NamedTuple):
    ledger: Ledger
    digest: Digest

    def blocks(self):
        """All blocks of all strands, strand by strand."""
        store, strands = self.ledger.store, self.ledger.settings.strands
        return [read_block(cell).block.to_ion() for strand_id in strands for cell in block_cells(store, strand_id)]

    def shown(self) -> Iterator[Shown]:
        """Every block and every revision of a document."""
        for block in self.blocks():
            address = ion.text(block["blockAddress"])
            answer = get_block(self.ledger, address, self.digest.tip_address)
            yield _shown("block", answer.block, answer)
            for revision in dict(ion.fields(block)).get("revisions", ()):
                if "metadata" in revision:
                    document_id = str(revision["metadata"]["id"])
                    found = get_revision(self.ledger, address, document_id, self.digest.tip_address)
                    yield _shown("revision", found.revision, found)


def _shown(kind, value, answer) -> Shown:
    value, proof = (ion.loads(ion.dumps(each)) for each in (value, answer.proof))
    return Shown(kind, value, proof, answer.digest)


@pytest.fixture(params=[1, 4], ids=lambda strands: f"{strands}-strands")
def journal(request) -> Iterator[Journal]:
    """A journal with tables, an index, one and several revisions in a block, an update and a deletion."""
    store = SQLiteStore(":memory:")
    settings.create(store, "demo", strands=request.param)
    client = prepared(Ledger(store, "demo", work_in_background=False))
    client.run("INSERT INTO T ?", DOCUMENT)
    client.run("UPDATE T SET v = 2 WHERE k = 1")
    client.run("INSERT INTO T << {'k': 2}, {'k': 3}, {'k': 4} >>")
    client.run("DELETE FROM T WHERE k = 1")
    client.run("UPDATE T SET v = 3 WHERE k = 2")
    yield Journal(client.ledger, get_digest(client.ledger))
    store.close()


@pytest.fixture
def redact(journal):
    """Redacts a revision, carried out when this returns."""

    def carried_out(revision):
        address, document_id = ion.text(revision["blockAddress"]), str(revision["metadata"]["id"])
        table_id = journal.ledger.load_catalog(fresh=True).catalog.tables[0].id
        client = Client(journal.ledger)
        client.run(f"EXEC REDACT_REVISION `{address}`, '{table_id}', '{document_id}'")

    return carried_out
