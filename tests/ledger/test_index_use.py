"""What a statement reads, as its IO usage shows it: indexes and ids are used, whatever the size of the table."""

import pytest

from ledger import ion
from ledger.limits import Limits
from tests.ledger.support import Client

DOCUMENTS = 400


@pytest.fixture
def large(ledger):
    """Table T with an index on k and 400 documents, and a table Few of three that name some of them."""
    ledger.limits = Limits(documents_per_transaction=DOCUMENTS, transaction_bytes=2**30)
    client = Client(ledger)
    client.run("CREATE TABLE T")
    client.run("CREATE INDEX ON T (k)")
    client.run("CREATE TABLE Few")
    step = 20 if "DynamoDB" in type(ledger.store).__name__ else DOCUMENTS
    for start in range(0, DOCUMENTS, step):
        numbers = range(start, min(start + step, DOCUMENTS))
        client.run("INSERT INTO T ?", [{"k": number, "n": number % 10} for number in numbers])
    client.run("INSERT INTO Few ?", [{"ref": 1}, {"ref": 200}, {"ref": 399}])
    return client


def reads(client, statement, *parameters):
    """The rows of a statement and the cells that it reads."""
    result = client.begin().execute(statement, *parameters)
    return len(result["FirstPage"]["Values"]), result["ConsumedIOs"]["ReadIOs"]


INDEXED = [
    ("SELECT * FROM T WHERE k = 200", 1, 3),
    ("SELECT * FROM T WHERE k = 200.0 AND n = 0", 1, 3),
    ("SELECT * FROM T WHERE k IN (1, 2, 5000)", 2, 7),
    ("SELECT * FROM _ql_committed_T AS c WHERE c.data.k = 200", 1, 3),
    ("SELECT COUNT(*) FROM T WHERE k = 200", 1, 3),
    ("SELECT * FROM T WHERE k = 5000", 0, 1),
    ("SELECT f.ref, t.n FROM Few AS f, T AS t WHERE t.k = f.ref", 3, 20),
    ("SELECT f.ref, t.n FROM Few AS f INNER JOIN T AS t ON f.ref = t.k WHERE t.n = 9", 1, 20),
    ("UPDATE T SET n = 1 WHERE k = 200", 1, 3),
    ("FROM T AS t WHERE t.k = 200 REMOVE t.n", 1, 3),
    ("DELETE FROM T WHERE k = 200", 1, 3),
]


def test_an_indexed_equality_and_a_document_id_read_a_handful_of_cells(large):
    for statement, rows, most in INDEXED:
        found, read = reads(large, statement)
        assert found == rows, statement
        assert read <= most, statement
    (document_id,) = large.run("SELECT VALUE c.metadata.id FROM _ql_committed_T AS c WHERE c.data.k = 7")
    assert reads(large, "SELECT * FROM T AS t BY id WHERE id = ?", ion.parse(document_id)) == (1, 1)


def test_what_no_index_answers_scans(large):
    for condition in ("n = 200", "k > 398", "k = 1 OR k = 2", "k <> 5"):
        assert reads(large, f"SELECT VALUE COUNT(*) FROM T WHERE {condition}")[1] >= DOCUMENTS, condition
