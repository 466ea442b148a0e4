"""Records against those that QLDB wrote of a real block, and of every kind of block that this ledger has."""

from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger import ion
from ledger.journal.block import Block, DocumentEntry, Statement
from ledger.journal.cell import StoredBlock, read_block
from ledger.journal.revision import BlockAddress, Metadata, Revision
from ledger.store.base import Corrupt
from ledger.stream import block_records, control_record
from tests.blocks import block_cells
from tests.ledger.test_journal import REAL_DATA, REAL_ENTRIES, REAL_METADATA

ARN = "arn:aws:qldb:us-east-1:000000000000:stream/vehicle-registration/17CR7ArZ1AMHgHOeOk6G9C"
SUMMARY, DETAILS = ion.parse((Path(__file__).parent / "fixtures" / "real_records.ion").read_text())


def real_block():
    address = BlockAddress("HbD9IggL584EPHmfwjmVz0", 3)
    return Block(
        address=address,
        transaction_id=REAL_METADATA.tx_id,
        timestamp=datetime(2019, 12, 11, 7, 20, 51, 261000, UTC),
        previous_hash=b64decode("pV28aszpqJH9LOO9oMsACDmXfdzdEW7HYxzuQVIjSDU="),
        system={},
        statements=[
            Statement(
                SUMMARY["payload"]["transactionInfo"]["statements"][0]["statement"],
                datetime(2019, 12, 11, 7, 20, 51, 223000, UTC),
                b64decode("t5wbRW+wIi/X0n3iPhFJtbt2qpzzgWkOXIFC4xJHp4o="),
            )
        ],
        documents={REAL_METADATA.id: DocumentEntry("Person", "1SUXCa3wwV0GD7kV78RbSg", [0])},
        revisions=[Revision(address, REAL_METADATA, "1SUXCa3wwV0GD7kV78RbSg", REAL_DATA, REAL_ENTRIES[1])],
    )


def stored(block):
    return StoredBlock(block, block.computed_hash(), None)


def decoded(block):
    return [ion.loads(record.data) for record in block_records(ARN, stored(block))]


def payloads(block):
    return [record["payload"] for record in decoded(block)]


def test_the_records_of_a_real_block_are_those_that_qldb_wrote(monkeypatch):
    monkeypatch.setattr(Block, "entries", lambda _: REAL_ENTRIES)  # two of them are hashes of QLDB's own secrets
    summary, details = decoded(real_block())
    assert ion.text(summary) == ion.text(SUMMARY)
    assert ion.text(details) == ion.text(DETAILS)


def test_records_are_ion_binary_keyed_by_strand_and_by_document():
    summary, revision = block_records(ARN, stored(real_block()))
    assert summary.data[:4] == revision.data[:4] == b"\xe0\x01\x00\xea"
    assert summary.partition_key == "HbD9IggL584EPHmfwjmVz0"
    assert revision.partition_key == "D35qd3e2prnJYmtKW6kok1"


@pytest.mark.parametrize("control_type", ["CREATED", "COMPLETED"])
def test_a_control_record_is_keyed_by_the_stream(control_type):
    record = control_record(ARN, control_type)
    assert record.partition_key == "17CR7ArZ1AMHgHOeOk6G9C"
    expected = f'{{qldbStreamArn:"{ARN}",recordType:"CONTROL",payload:{{controlRecordType:"{control_type}"}}}}'
    assert ion.text(ion.loads(record.data)) == expected


def test_a_deletion_has_no_data_and_a_redacted_revision_has_the_hash_of_it():
    block = real_block()
    deleted = replace(block, revisions=[replace(block.revisions[0], data=None)])
    redacted = replace(block, revisions=[replace(block.revisions[0], data=None, data_hash=bytes(32))])
    assert list(payloads(deleted)[1]["revision"]) == ["blockAddress", "hash", "metadata"]
    assert list(payloads(redacted)[1]["revision"]) == ["blockAddress", "hash", "dataHash", "metadata"]
    assert payloads(redacted)[1]["revision"]["dataHash"] == bytes(32)


def test_a_block_that_does_not_have_its_hash_is_corrupt_and_gives_no_record():
    block = real_block()
    with pytest.raises(Corrupt, match="block 3 of strand HbD9IggL584EPHmfwjmVz0 does not have its hash"):
        next(block_records(ARN, stored(block)._replace(hash=bytes(32))))


def test_a_revision_of_the_catalog_is_a_hash_in_the_summary_and_has_no_record():
    catalog = Metadata("T" * 22, 0, REAL_METADATA.tx_time, REAL_METADATA.tx_id)
    block = real_block()
    system = Revision(block.address, catalog, None, ion.dumps({"name": "Person"}), bytes(32))
    summary, details = payloads(replace(block, revisions=[system, *block.revisions]))
    assert [list(each) for each in summary["revisionSummaries"]] == [["hash"], ["hash", "documentId"]]
    assert details["revision"]["metadata"]["id"] == REAL_METADATA.id


def test_every_block_of_a_ledger_has_its_summary_and_one_record_for_each_document(client):
    client.run("CREATE TABLE T")
    client.run("INSERT INTO T << ?, ? >>", {"k": 1}, {"k": 2})
    client.run("DELETE FROM T WHERE k = 1")
    cells = [
        cell for strand_id in client.ledger.settings.strands for cell in block_cells(client.ledger.store, strand_id)
    ]
    blocks = [read_block(cell) for cell in cells]
    for each in blocks:
        summary, *details = [ion.loads(record.data)["payload"] for record in block_records(ARN, each)]
        assert summary["blockHash"] == each.hash
        assert ("transactionInfo" in summary) == bool(each.block.statements)
        assert [one.get("documentId") for one in summary["revisionSummaries"]] == [
            revision.metadata.id if revision.table_id else None for revision in each.block.revisions
        ]
        assert [(one["revision"]["metadata"]["id"], one["tableInfo"]["tableName"]) for one in details] == [
            (document_id, "T") for document_id in each.block.documents
        ]
    assert sum(len(each.block.documents) for each in blocks) == 3
