"""Ledgers with a notary and an auditor."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from ledger.audit import budget as budgets
from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.audit.files import FolderAuditFiles
from ledger.audit.report import Report
from ledger.journal.cell import read_block
from ledger.ledger import Ledger
from ledger.notary.archive import FolderArchive
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from tests.ledger.conftest import local_client, local_ledger  # noqa: F401 - fixtures
from tests.ledger.support import Client
from tests.ledger.test_audit import cells

ALL = Budget()
NEW_ONLY = Budget(rolling_seconds=0)


class Watched(NamedTuple):
    """A ledger with table T, indexed on k, and what watches over it."""

    client: Client
    archive: FolderArchive
    signer: LocalSigner
    notary: Notary
    files: FolderAuditFiles

    @property
    def ledger(self) -> Ledger:
        return self.client.ledger

    @property
    def store(self):
        return self.client.ledger.store

    @property
    def keys(self):
        return {self.signer.key_id: self.signer.public_key}

    def add(self, count: int = 1) -> None:
        for number in range(count):
            self.client.run("INSERT INTO T ?", {"k": number})

    def notarise(self):
        return self.notary.notarise()

    def audit(self, budget: Budget = ALL, **options) -> Report:
        return Auditor(self.store, "demo", self.archive, self.keys, self.files).run(budget, **options)

    def said(self, budget: Budget = ALL) -> list[str]:
        """What an audit says, each finding as one text."""
        return [f"{finding['where']}: {finding['what']}" for finding in self.audit(budget).findings]


@pytest.fixture(scope="session")
def signer() -> LocalSigner:
    return LocalSigner("the notary's key")


@pytest.fixture
def watched(local_client, signer, tmp_path) -> Iterator[Watched]:  # noqa: F811
    """A ledger with some history that was notarised twice and audited."""
    store, archive = local_client.ledger.store, FolderArchive(tmp_path, "demo")
    made = Watched(
        local_client, archive, signer, Notary(store, "demo", archive, signer), FolderAuditFiles(tmp_path, "demo")
    )
    made.client.run("INSERT INTO T << ?, ?, ? >>", {"k": "a", "n": 1}, {"k": "b", "n": 1}, {"k": "c", "n": 1})
    made.notarise()
    for number in range(5):
        made.client.run("UPDATE T SET n = ? WHERE k = 'a'", number)
    made.client.run("DELETE FROM T WHERE k = 'b'")
    made.notarise()
    assert made.audit().findings == ()
    return made


@pytest.fixture
def steps(monkeypatch):
    """Time that goes on by one second at each look at the watch, so that a budget is a number of steps."""
    seconds = itertools.count()
    monkeypatch.setattr(budgets.time, "monotonic", lambda: next(seconds))


def blocks_with_revisions(watched):
    """The places of blocks in which documents were written, none deleted, and these blocks."""
    found = []
    for key in cells(watched.client, "block/"):
        stored = read_block(watched.store.get([key])[key].data)
        revisions = [each for each in stored.block.revisions if each.table_id]
        if revisions and all(each.data for each in revisions):
            found.append((key, stored))
    return found
