"""Redaction: the data is gone from every cell and file, and every hash, digest and proof is what it was."""

import pytest

from ledger import ion, settings
from ledger.control.digest import get_digest
from ledger.control.revision import get_revision
from ledger.errors import BadRequestException, LimitExceededException
from ledger.journal.cell import read_block
from ledger.journal.hashing import dot
from ledger.ledger import Ledger
from ledger.redaction import pending
from ledger.store import SQLiteStore
from tests.blocks import block_cells
from tests.ledger.conftest import prepared
from tests.ledger.support import Client
from tests.store.faults import Fault, FaultyStore

SECRET = "ZZ-the-secret-value-ZZ"
REDACT = "EXEC REDACT_REVISION ?, ?, ?"


@pytest.fixture
def person(client):
    """A ledger with a document whose first revision holds the secret, and that revision's row."""
    return client, first_revision(client)


def first_revision(client):
    client.run("INSERT INTO T ?", {"k": 1, "s": SECRET})
    client.run("UPDATE T SET s = 'harmless' WHERE k = 1")
    [row] = client.run("SELECT * FROM history(T) AS h WHERE h.metadata.version = 0")
    return ion.parse(row)


def table_id(client):
    [found] = client.run("SELECT VALUE tableId FROM information_schema.user_tables WHERE name = 'T'")
    return str(ion.parse(found))


def redact(client, row, table=None):
    return client.run(REDACT, row["blockAddress"], table or table_id(client), str(row["metadata"]["id"]))


def cells(client):
    for strand_id in client.ledger.settings.strands:
        yield from block_cells(client.ledger.store, strand_id)


def test_redaction_answers_what_it_erases_and_the_journal_says_who_asked(person):
    client, row = person
    [answer] = map(ion.parse, redact(client, row))
    assert ion.text(answer["blockAddress"]) == ion.text(row["blockAddress"])
    assert (str(answer["tableId"]), str(answer["documentId"])) == (table_id(client), str(row["metadata"]["id"]))
    assert int(answer["version"]) == 0
    [asked] = [read_block(cell).block for cell in cells(client) if read_block(cell).block.redactions]
    shown = dict(ion.fields(asked.to_ion()))
    assert ion.digest(shown["redactionInfo"]) in shown["entriesHashList"]
    assert ion.text(shown["redactionInfo"]["revisions"][0]) == ion.text(answer)


def test_redacted_data_is_gone_and_its_hash_stands_in_its_place(person):
    client, row = person
    redact(client, row)
    assert not any(SECRET.encode() in cell for cell in cells(client))
    [after] = map(ion.parse, client.run("SELECT * FROM history(T) AS h WHERE h.metadata.version = 0"))
    assert "data" not in dict(ion.fields(after))
    assert bytes(after["dataHash"]) == ion.digest(row["data"])
    assert bytes(after["hash"]) == bytes(row["hash"])
    assert ion.text(after["metadata"]) == ion.text(row["metadata"])
    assert client.findings() == []
    assert client.run("SELECT VALUE s FROM T") == ['"harmless"']


def test_every_older_digest_and_proof_still_verifies(person):
    client, row = person
    document_id, address = str(row["metadata"]["id"]), ion.text(row["blockAddress"])
    digest = get_digest(client.ledger)
    redact(client, row)
    proven = get_revision(client.ledger, address, document_id, digest.tip_address)
    shown = dict(ion.fields(proven.revision))
    folded = dot(ion.digest(shown["metadata"]), bytes(shown["dataHash"]))
    assert folded == bytes(row["hash"])
    for sibling in proven.proof:
        folded = dot(folded, sibling)
    assert folded == digest.digest


def test_the_last_revision_before_a_deletion_can_be_redacted(client):
    client.run("INSERT INTO T ?", {"k": 1, "s": SECRET})
    [row] = map(ion.parse, client.run("SELECT * FROM _ql_committed_T"))
    client.run("DELETE FROM T WHERE k = 1")
    redact(client, row)
    assert not any(SECRET.encode() in cell for cell in cells(client))
    assert client.findings() == []


def test_a_revision_of_a_dropped_table_can_be_redacted(person):
    client, row = person
    table = table_id(client)
    client.run("DROP TABLE T")
    redact(client, row, table)
    assert not any(SECRET.encode() in cell for cell in cells(client))


def test_the_newest_revision_cannot_be_redacted(local_client):
    first_revision(local_client)
    [row] = map(ion.parse, local_client.run("SELECT * FROM _ql_committed_T"))
    with pytest.raises(BadRequestException, match="is its newest one: only older ones can be redacted"):
        redact(local_client, row)


def test_a_revision_cannot_be_redacted_twice(local_client):
    row = first_revision(local_client)
    redact(local_client, row)
    with pytest.raises(BadRequestException, match="has no data that could be redacted"):
        redact(local_client, row)


def test_a_transaction_redacts_one_revision_at_most(local_client):
    row = first_revision(local_client)
    session = local_client.begin()
    arguments = (row["blockAddress"], table_id(local_client), str(row["metadata"]["id"]))
    session.run(REDACT, *arguments)
    with pytest.raises(LimitExceededException, match="exceeds the limit of 1"):
        session.run(REDACT, *arguments)


@pytest.mark.parametrize("wrong", ["strand", "block", "table", "document"])
def test_a_revision_that_is_not_there_is_refused_and_nothing_is_written(local_client, wrong):
    row = first_revision(local_client)
    address = dict(ion.fields(row["blockAddress"]))
    arguments = {"strand": address["strandId"], "block": int(address["sequenceNo"])}
    arguments |= {"table": table_id(local_client), "document": str(row["metadata"]["id"])}
    arguments[wrong] = 0 if wrong == "block" else "0" * 22
    before = len(local_client.blocks())
    with pytest.raises(BadRequestException):
        local_client.run(
            REDACT,
            {"strandId": str(arguments["strand"]), "sequenceNo": arguments["block"]},
            arguments["table"],
            arguments["document"],
        )
    assert len(local_client.blocks()) == before


def test_a_redaction_that_is_rolled_back_erases_nothing(local_client):
    row = first_revision(local_client)
    session = local_client.begin()
    session.run(REDACT, row["blockAddress"], table_id(local_client), str(row["metadata"]["id"]))
    session.send("AbortTransaction")
    assert any(SECRET.encode() in cell for cell in cells(local_client))
    assert list(pending(local_client.ledger.store)) == []


def test_a_redaction_interrupted_after_its_commit_is_carried_out_later(local_client):
    row = first_revision(local_client)
    store = FaultyStore(local_client.ledger.store, [None, Fault.UNAVAILABLE])
    interrupted = Client(Ledger(store, "demo", work_in_background=False))
    redact(interrupted, row)
    assert any(SECRET.encode() in cell for cell in cells(local_client))
    assert len(list(pending(local_client.ledger.store))) == 1
    local_client.ledger.complete_redactions()
    local_client.ledger.complete_redactions()
    assert not any(SECRET.encode() in cell for cell in cells(local_client))
    assert local_client.findings() == []


def test_redacted_data_is_in_no_file_of_the_store(tmp_path):
    store = SQLiteStore(tmp_path / "ledger.db")
    settings.create(store, "demo")
    client = prepared(Ledger(store, "demo", work_in_background=False))
    row = first_revision(client)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert SECRET.encode() in held
    redact(client, row)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert SECRET.encode() not in held
    store.close()
