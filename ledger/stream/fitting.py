"""Records over Kinesis' limit of 1 MiB, which a block's summary can be by its statements' texts.

Such a summary goes without its `transactionInfo`, as those of the ledger's own blocks do. So no block is missing from
the stream, and its hashes still chain; what is left out is in the ledger, at the block's address. A revision over the
limit, which only a ledger with larger documents than QLDB's can have, is left out; the summary names its document.
"""

import logging
from typing import NamedTuple

from ledger import ion
from ledger.journal.cell import StoredBlock
from ledger.stream.entries import MOST_RECORD_BYTES, record_size
from ledger.stream.records import Record, block_records

_LOG = logging.getLogger(__name__)


class Fitting(NamedTuple):
    """A block's records that Kinesis takes.

    Attributes:
        is_whole: whether nothing was left out.
    """

    records: list[Record]
    is_whole: bool


def fitting_records(stream_arn: str, stored: StoredBlock) -> Fitting:
    """Return the records of a block without what is too large, which is logged as an error.

    Raises:
        Corrupt: the block does not have its hash.
    """
    summary, *details = block_records(stream_arn, stored)
    records = [record for record in (summary, *details) if _fits(record)]
    if len(records) == len(details) + 1:
        return Fitting(records, is_whole=True)
    strand_id, sequence_no = stored.block.address
    _LOG.error(
        "block %d of strand %s: %d of its records are over the %d bytes that Kinesis takes; stream %s has the block "
        "without its transactionInfo or without these revisions",
        *(sequence_no, strand_id, len(details) + 1 - len(records), MOST_RECORD_BYTES, stream_arn),
    )
    shortened = [] if _fits(summary) else [_without_transaction_info(summary)]
    return Fitting(list(filter(_fits, shortened)) + records, is_whole=False)


def _fits(record: Record) -> bool:
    return record_size(record) <= MOST_RECORD_BYTES


def _without_transaction_info(summary: Record) -> Record:
    value = ion.loads(summary.data)
    payload = ion.struct(field for field in ion.fields(value["payload"]) if field[0] != "transactionInfo")
    fields = ((name, payload if name == "payload" else field) for name, field in ion.fields(value))
    return Record(summary.partition_key, ion.dumps(ion.struct(fields)))
