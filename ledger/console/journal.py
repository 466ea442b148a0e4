"""Blocks of the journal as a page lists them: the newest first, of one strand or of all."""

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import islice
from typing import Any

from ledger import clock
from ledger.journal.cell import StoredBlock, read_block
from ledger.journal.revision import BlockAddress
from ledger.ledger import Ledger
from ledger.record import encode_bytes
from ledger.strand import block_key

_SHOWN_CHARACTERS = 300
MOST_BLOCKS = 100

Bounds = Mapping[str, int]


def newest_blocks(ledger: Ledger, *, limit: int, before: Bounds, after: Bounds) -> list[dict[str, Any]]:
    """Return summaries of blocks, the newest first.

    Args:
        before, after: by strand, the sequence number that bounds the wanted blocks, itself not wanted. Without one, a
            strand is not bounded there; if there are any, strands that are in neither are left out.
    """
    named = before.keys() | after.keys()
    strands = [strand_id for strand_id in ledger.settings.strands if not named or strand_id in named]
    lists = [_newest_of_strand(ledger, strand_id, before.get(strand_id), after.get(strand_id)) for strand_id in strands]
    merged = merge(*lists, key=lambda stored: stored.block.timestamp, reverse=True)
    return [summary(stored) for stored in islice(merged, min(limit, MOST_BLOCKS))]


def _newest_of_strand(ledger: Ledger, strand_id: str, before: int | None, after: int | None) -> Iterator[StoredBlock]:
    start, stop = (
        None if number is None else block_key(BlockAddress(strand_id, number)).sort
        for number in (None if after is None else after + 1, before)
    )
    partition = block_key(BlockAddress(strand_id, 0)).partition
    cells = ledger.store.scan(partition, start=start, stop=stop, reverse=True)
    return (read_block(cell.data) for _, cell in cells)


def summary(stored: StoredBlock) -> dict[str, Any]:
    """Return what a list shows of a block; hashes are base64, and long statements are cut off."""
    block = stored.block
    return {
        "strandId": block.address.strand_id,
        "sequenceNo": block.address.sequence_no,
        "transactionId": block.transaction_id,
        "blockTimestamp": clock.write(block.timestamp),
        "blockHash": encode_bytes(stored.hash),
        "previousBlockHash": encode_bytes(block.previous_hash),
        "statements": [statement.text[:_SHOWN_CHARACTERS] for statement in block.statements],
        "documents": [
            {"documentId": document_id, "tableName": entry.table_name} for document_id, entry in block.documents.items()
        ],
        "revisions": len(block.revisions),
        "redactions": len(block.redactions),
    }
