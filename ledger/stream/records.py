"""The records of a journal stream, in Ion binary (QLDB guide, "QLDB stream records in Kinesis").

Unlike QLDB's, whose partition keys were random, the block summaries of a strand share one partition key, and so do the
revisions of a document: Kinesis then keeps each in order.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger import ion
from ledger.journal.cell import StoredBlock
from ledger.journal.revision import Revision


class Record(NamedTuple):
    """A record as Kinesis takes it.

    Attributes:
        data: `{qldbStreamArn, recordType, payload}` in Ion binary.
    """

    partition_key: str
    data: bytes


def control_record(stream_arn: str, control_type: str) -> Record:
    """Return the record that begins a stream (`CREATED`) or ends it (`COMPLETED`); its key is the stream's id."""
    return _record(stream_arn, stream_arn.rpartition("/")[2], "CONTROL", {"controlRecordType": control_type})


def block_records(stream_arn: str, stored: StoredBlock) -> Iterator[Record]:
    """Give the records of a block: its summary (key: strand id), then each document's revision (key: document id).

    A revision of the catalog is only in the summary, as its hash. A deletion has no `data`; a redacted revision has
    `dataHash` instead.

    Raises:
        Corrupt: the block does not have its hash.
    """
    block = stored.block
    summary = dict(ion.fields(stored.to_ion()))
    shown = summary.pop("revisions", [])
    summary["revisionSummaries"] = [_revision_summary(revision) for revision in block.revisions]
    yield _record(stream_arn, block.address.strand_id, "BLOCK_SUMMARY", summary)
    for revision, value in zip(block.revisions, shown, strict=True):
        if revision.table_id is not None:
            document_id = revision.metadata.id
            table = {"tableName": block.documents[document_id].table_name, "tableId": revision.table_id}
            payload = {"tableInfo": table, "revision": value}
            yield _record(stream_arn, document_id, "REVISION_DETAILS", payload)


def _revision_summary(revision: Revision) -> ion.Value:
    document = {} if revision.table_id is None else {"documentId": revision.metadata.id}
    return {"hash": revision.hash, **document}


def _record(stream_arn: str, partition_key: str, record_type: str, payload: ion.Value) -> Record:
    value = {"qldbStreamArn": stream_arn, "recordType": record_type, "payload": payload}
    return Record(partition_key, ion.dumps(value))
