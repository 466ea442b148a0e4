"""The function that makes lines of JSON of the journal's stream, for the archive in S3.

A line is one record of the stream, whatever its kind:

    ledger, streamArn   whose record it is
    recordType          CONTROL, BLOCK_SUMMARY or REVISION_DETAILS
    table               the document's table; journal.blocks for a summary, journal.control for a control record
    documentId, version of the revision; null otherwise
    transactionId       null in a control record, as the next three are
    blockAddress        {strandId, sequenceNo}
    timestamp           the block's, in its summary; of a revision its txTime, since its record has no other
    hash                the block's or the revision's, in base64
    deleted, redacted   whether the revision is a deletion, or its data was erased
    data                the document, null if there is none; of other records their payload; Ion written as JSON
    ion                 the record as it came, in base64: what counts, as JSON has fewer types

The partition keys are `ledger`, `table` and `hour` (`2026-02-28-23`, UTC, of `timestamp`; of a control record, when it
arrived). Names of ledgers and tables are letters, digits, "-" and "_", so they stand in S3 paths as they are, capitals
too; no table has a "." in its name, so the two of the journal's own are apart. For Athena's partition projection `hour`
is a date of the format yyyy-MM-dd-HH, the others are enums or injected.

A record that is delivered twice gives two lines. One line is left of (recordType, documentId, version), of
(recordType, blockAddress), and of a control record's `streamArn` and `data`, by their distinct values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from lambdas.stream.firehose import Document, Source, Transformation
from lambdas.stream.records import BlockSummary, RevisionDetails, StreamRecord
from ledger import clock
from ledger.export.down_conversion import to_json

BLOCKS, CONTROL = "journal.blocks", "journal.control"

MOST_IN_AN_AGGREGATE = 10_000
"""More than fit into one."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Transform a batch of Firehose; see `Transformation`."""
    return _transformation(event, context)


def line(record: StreamRecord, source: Source) -> Document:
    """Return the line of a record, and the partition that it belongs to."""
    instant: datetime | None = None
    match record:
        case RevisionDetails():
            instant, fields = record.revision.metadata.tx_time, _of_revision(record)
        case BlockSummary():
            instant, fields = record.timestamp, _of_block(record)
        case _:
            fields = {"recordType": "CONTROL", "table": CONTROL, "data": record.payload}
    shown = {
        "ledger": record.ledger,
        "streamArn": record.stream_arn,
        **dict.fromkeys(("documentId", "version", "transactionId", "blockAddress", "hash")),
        "timestamp": None if instant is None else clock.write(instant),
        "deleted": False,
        "redacted": False,
        **fields,
        "ion": source.data,
    }
    hour = f"{instant or source.arrived:%Y-%m-%d-%H}"
    return Document(to_json(shown), {"ledger": record.ledger, "table": fields["table"], "hour": hour})


def _of_revision(record: RevisionDetails) -> dict[str, Any]:
    revision = record.revision
    return {
        "recordType": "REVISION_DETAILS",
        "table": record.table_name,
        "documentId": revision.metadata.id,
        "version": revision.metadata.version,
        "transactionId": revision.metadata.tx_id,
        "blockAddress": revision.address.to_ion(),
        "hash": revision.hash,
        "deleted": revision.is_deletion,
        "redacted": revision.data_hash is not None,
        "data": revision.data,
    }


def _of_block(record: BlockSummary) -> dict[str, Any]:
    return {
        "recordType": "BLOCK_SUMMARY",
        "table": BLOCKS,
        "transactionId": record.transaction_id,
        "blockAddress": record.address.to_ion(),
        "hash": record.hash,
        "data": record.payload,
    }


_transformation = Transformation("archive", line, most_documents=MOST_IN_AN_AGGREGATE)
