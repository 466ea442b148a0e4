"""The function that makes documents for OpenSearch of the revisions in the journal's stream.

A document is one revision, out of its envelope:

    revisionId                          "<documentId>/<version>", the same however often the revision comes
    ledger, table, documentId, version, transactionId, transactionTime, strandId, sequenceNo
    hash                                in base64
    deleted, redacted                   whether the revision is a deletion, or its data was erased
    data                                {<table>: the document as JSON}, left out if there is none

`data` is under the table's name, so that fields of two tables can have one name and different types.

Firehose cannot be told the id of a document: it makes one that stays the same when it tries a delivery again
(`DocumentIdOptions`: FIREHOSE_DEFAULT, on a domain; a serverless collection has no such option). So a revision that the
stream delivers twice is two documents of one `revisionId`: search with `collapse` on `revisionId.keyword`.
A revision that is redacted later stays in the index as it was: who redacts deletes it there, by `revisionId`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.stream.firehose import Document, Source, Transformation
from lambdas.stream.records import RevisionDetails, StreamRecord
from ledger import clock
from ledger.export.down_conversion import to_json


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Transform a batch of Firehose; see `Transformation`. What is no revision is dropped."""
    return _transformation(event, context)


def document(record: StreamRecord, _source: Source) -> Document | None:
    """Return the document of a revision, None for another record."""
    if not isinstance(record, RevisionDetails):
        return None
    revision, metadata = record.revision, record.revision.metadata
    shown = {
        "revisionId": f"{metadata.id}/{metadata.version}",
        "ledger": record.ledger,
        "table": record.table_name,
        "documentId": metadata.id,
        "version": metadata.version,
        "transactionId": metadata.tx_id,
        "transactionTime": clock.write(metadata.tx_time),
        "strandId": revision.address.strand_id,
        "sequenceNo": revision.address.sequence_no,
        "hash": revision.hash,
        "deleted": revision.is_deletion,
        "redacted": revision.data_hash is not None,
    }
    data = {} if revision.data is None else {"data": {record.table_name: revision.data}}
    return Document(to_json(shown | data), {})


_transformation = Transformation("search", document, most_documents=1)
