"""What an indexed statement reads does not depend on how large the table is; a statement's IO usage shows it."""

import pytest

from ledger.store import SQLiteStore
from tests.depth import DEEP
from tests.ledger.bulk import FIRST, fill

COUNT = 100_000
IN_THE_CLOUD = COUNT if DEEP else 10_000


@pytest.fixture
def full_table(client):
    """A table of so many documents, indexed on k, and a small one beside it."""
    if isinstance(client.ledger.store, SQLiteStore):
        fill(client, "T", COUNT, batch=1000)
    else:
        fill(client, "T", IN_THE_CLOUD, batch=30)
    client.run("CREATE TABLE Small")
    client.run("INSERT INTO Small << ?, ? >>", {"ref": FIRST + 5}, {"ref": FIRST + IN_THE_CLOUD - 1})
    return client


def reads(client, statement, *parameters):
    session = client.begin()
    result = session.execute(statement, *parameters)
    assert result["FirstPage"]["Values"], statement
    return result["ConsumedIOs"]["ReadIOs"]


@pytest.mark.parametrize("ledger", [("sqlite", 1), ("dynamodb", 4)], indirect=True, ids=["sqlite", "dynamodb"])
def test_indexed_equality_among_very_many_documents_reads_a_handful_of_cells(full_table):
    head_entry_document = 3
    assert reads(full_table, "SELECT * FROM T WHERE k = ?", FIRST + 7_777) == head_entry_document
    assert reads(full_table, "SELECT * FROM T WHERE k IN (?, ?)", FIRST, FIRST + 1) == 2 * head_entry_document
    assert reads(full_table, "UPDATE T SET n = 1 WHERE k = ?", FIRST + 4) == head_entry_document
    joined = "SELECT t.k FROM Small AS s, T AS t WHERE t.k = s.ref"
    tips_and_small_table = len(full_table.ledger.settings.strands) + 2
    assert reads(full_table, joined) == tips_and_small_table + 2 * head_entry_document
