"""Decoding records: those that QLDB wrote, those of every kind of block here, and all bytes that are none."""

from base64 import b64decode
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.stream.errors import MalformedRecordError
from lambdas.stream.records import BlockSummary, Control, RevisionDetails, decode
from ledger import ion
from ledger.journal.cell import read_block
from ledger.journal.revision import BlockAddress, Metadata
from tests.blocks import block_cells
from tests.depth import examples

REAL = Path(__file__).parents[1] / "stream" / "fixtures" / "real_records.ion"
SUMMARY, DETAILS = ion.parse(REAL.read_text())
STREAM = "arn:aws:qldb:us-east-1:000000000000:stream/vehicle-registration/17CR7ArZ1AMHgHOeOk6G9C"


def test_revision_record_that_qldb_wrote_is_read_and_has_its_hash():
    record = decode(ion.dumps(DETAILS))
    assert isinstance(record, RevisionDetails)
    assert (record.stream_arn, record.ledger) == (STREAM, "vehicle-registration")
    assert (record.table_name, record.table_id) == ("Person", "1SUXCa3wwV0GD7kV78RbSg")
    assert record.revision.address == BlockAddress("HbD9IggL584EPHmfwjmVz0", 3)
    time = datetime(2019, 12, 11, 7, 20, 51, 245000, UTC)
    assert record.revision.metadata == Metadata("D35qd3e2prnJYmtKW6kok1", 0, time, "0007KbqoyqAIch6XRbQ4iA")
    assert record.revision.data["LastName"] == "Lewis"
    assert not record.revision.is_deletion


def test_block_summary_that_qldb_wrote_is_read():
    record = decode(ion.dumps(SUMMARY))
    assert isinstance(record, BlockSummary)
    assert record.address == BlockAddress("HbD9IggL584EPHmfwjmVz0", 3)
    assert record.timestamp == datetime(2019, 12, 11, 7, 20, 51, 261000, UTC)
    assert record.hash == b64decode("lu425dAWsmvzxuNHTbn4ID4mLo0bWKkjLP2Uel4wrPQ=")
    assert record.redactions == ()


@pytest.mark.parametrize("number", [0, -1])
def test_control_record_is_read(kept_journal, number):
    record = decode(kept_journal[1][number].data)
    assert isinstance(record, Control)
    assert record.payload["controlRecordType"] == ("CREATED", "COMPLETED")[number]


def test_every_record_of_a_journal_is_read_with_what_its_block_holds(kept_journal):
    journal, _ = kept_journal
    cells = [cell for strand_id in journal.strands for cell in block_cells(journal.store, strand_id)]
    blocks = [read_block(cell).block for cell in cells]
    read = [decode(record.data) for record in journal.records()]
    summaries = {(each.address, each.timestamp) for each in read if isinstance(each, BlockSummary)}
    assert summaries == {(block.address, block.timestamp) for block in blocks}
    shown = [each.revision for each in read if isinstance(each, RevisionDetails)]
    kept = [revision for block in blocks for revision in block.revisions if revision.table_id]
    assert [(each.metadata, each.hash, each.is_deletion, each.data_hash) for each in shown] == [
        (each.metadata, each.hash, each.is_deletion, each.data_hash) for each in kept
    ]
    assert [each.redactions for each in read if isinstance(each, BlockSummary) and each.redactions] == [
        tuple(block.redactions) for block in blocks if block.redactions
    ]


def changed(value, path, **new):
    """Copy Ion with the struct at `path` changed: a field of value None is removed."""
    fields = dict(ion.fields(value))
    if path:
        fields[path[0]] = changed(fields[path[0]], path[1:], **new)
    else:
        fields = {name: field for name, field in (fields | new).items() if field is not None}
    return fields


REVISION = ("payload", "revision")
METADATA = (*REVISION, "metadata")


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        ("text", "record is not a struct"),
        (changed(DETAILS, (), qldbStreamArn=None), "qldbStreamArn is missing"),
        (changed(DETAILS, (), qldbStreamArn="arn:aws:qldb:::ledger/x"), "not the ARN of a journal stream"),
        (changed(DETAILS, (), qldbStreamArn=STREAM.replace("vehicle", "../../x")), "not the ARN of a journal stream"),
        (changed(DETAILS, (), recordType="REVISION"), "recordType is none of"),
        (changed(DETAILS, (), payload="x"), "payload is missing, or not of type struct"),
        (changed(DETAILS, ("payload",), revision=None), "revision is missing"),
        (changed(DETAILS, ("payload", "tableInfo"), tableName="../Person"), "not the name of a table"),
        (changed(DETAILS, ("payload", "tableInfo"), tableName=""), "tableName is empty"),
        (changed(DETAILS, REVISION, hash=bytes(31)), "hash is 31 bytes long"),
        (changed(DETAILS, REVISION, hash=bytes(32)), "does not have the hash"),
        (changed(DETAILS, REVISION, data=None), "does not have the hash"),
        (changed(DETAILS, REVISION, data={"LastName": "Louis"}), "does not have the hash"),
        (changed(DETAILS, REVISION, data=[]), "data is missing, or not of type struct"),
        (changed(DETAILS, REVISION, dataHash=bytes(32)), "data and dataHash"),
        (changed(DETAILS, (*REVISION, "blockAddress"), sequenceNo=-1), "sequenceNo is not a whole number"),
        (changed(DETAILS, (*REVISION, "blockAddress"), strandId=7), "strandId is missing, or not of type string"),
        (changed(DETAILS, METADATA, version=1), "does not have the hash"),
        (changed(SUMMARY, ("payload",), blockTimestamp=ion.parse("2019-01-01T")), "no offset from UTC"),
        (changed(SUMMARY, ("payload",), blockAddress=None), "blockAddress is missing"),
        (changed(SUMMARY, ("payload",), redactionInfo={"revisions": [3]}), "redactionInfo is not a struct"),
        (changed(SUMMARY, ("payload",), redactionInfo=Decimal(1)), "redactionInfo is not a struct"),
    ],
)
def test_record_that_breaks_the_format_is_malformed_and_the_complaint_says_where(record, complaint):
    with pytest.raises(MalformedRecordError, match=complaint) as caught:
        decode(ion.dumps(record))
    assert "Lewis" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\xe0\x01\x00\xea", b"{", ion.dumps(DETAILS) * 2, ion.dumps(DETAILS)[:-1]])
def test_bytes_that_are_not_one_ion_value_are_malformed(data):
    with pytest.raises(MalformedRecordError, match="not readable as one Ion value"):
        decode(data)


@settings(max_examples=examples(100))
@given(position=st.integers(min_value=0), byte=st.binary(min_size=1, max_size=1), cut=st.integers(0, 20))
def test_damaged_bytes_are_malformed_or_say_what_they_said_but_never_fail_otherwise(position, byte, cut):
    whole = ion.dumps(DETAILS)
    at = position % len(whole)
    damaged = whole[:at] + byte + whole[at + 1 : len(whole) - cut]
    try:
        record = decode(damaged)
    except MalformedRecordError:
        return
    # The hash covers data and metadata: a flip that is not noticed is outside of them.
    if isinstance(record, RevisionDetails):
        assert record.revision.data["LastName"] == "Lewis"
        assert record.revision.metadata.version == 0
