"""A block as it is kept in its cell, with what its leaf adds to the strand's Merkle tree."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from ledger import clock, ion
from ledger.journal import tree
from ledger.journal.block import Block, DocumentEntry, Redaction, Statement
from ledger.journal.revision import BlockAddress, Revision, has_data
from ledger.record import decode_bytes, encode_bytes, pack, unpack
from ledger.store.base import Corrupt


class Tip(NamedTuple):
    """The end of a strand, all that the next block needs to know of it.

    Attributes:
        catalog_version: the version of the catalog that was in force when the tip was written.
        peaks: of the Merkle tree over the strand's blocks up to and including this one.
    """

    address: BlockAddress
    transaction_id: str
    timestamp: datetime
    hash: bytes
    peaks: tuple[bytes, ...]
    catalog_version: int
    table_ids: frozenset[str]

    @property
    def next_address(self) -> BlockAddress:
        """Return where the next block goes."""
        return BlockAddress(self.address.strand_id, self.address.sequence_no + 1)

    @property
    def digest(self) -> bytes:
        """Return the root over all blocks of the strand up to this one."""
        return tree.root(self.peaks)


class Leaf(NamedTuple):
    """What a block is to its strand's Merkle tree."""

    sequence_no: int
    hash: bytes
    growth: tree.Growth


class StoredBlock(NamedTuple):
    """A block with the hash and the tree nodes that were stored beside it."""

    block: Block
    hash: bytes
    growth: tree.Growth

    def to_ion(self) -> ion.Value:
        """Return the block as it leaves the ledger as evidence, where it must at least agree with itself.

        Raises:
            Corrupt: the block does not have its hash.
        """
        shown = self.block.to_ion()
        if shown["blockHash"] != self.hash:
            strand_id, sequence_no = self.block.address
            raise Corrupt(f"block {sequence_no} of strand {strand_id} does not have its hash")
        return shown


def write_block(block: Block, peaks: tuple[bytes, ...] = ()) -> bytes:
    """Return the cell bytes of `block`, which goes behind a tree with these `peaks`."""
    block_hash = block.computed_hash()
    return write_stored(StoredBlock(block, block_hash, tree.append(block.address.sequence_no, peaks, block_hash)))


def write_stored(stored: StoredBlock) -> bytes:
    """Return the cell bytes of a block with the hash and the nodes that it is said to have."""
    block = stored.block
    header: dict[str, Any] = {
        "address": block.address,
        "transaction": block.transaction_id,
        "timestamp": clock.write(block.timestamp),
        "hash": encode_bytes(stored.hash),
        "previous": encode_bytes(block.previous_hash),
        "nodes": [encode_bytes(node) for node in stored.growth.completed],
        "peaks": [encode_bytes(peak) for peak in stored.growth.peaks],
        "system": block.system,
        "statements": [(text, clock.write(start), encode_bytes(digest)) for text, start, digest in block.statements],
        "documents": block.documents,
        "revisions": [revision.to_header() for revision in block.revisions],
    }
    if block.redactions:
        header["redactions"] = block.redactions
    return pack(header, [revision.data for revision in block.revisions if revision.data is not None])


def read_tip(data: bytes) -> Tip:
    """Return what the next block needs to know of the block in this cell, without reading its documents."""
    header, _ = unpack(data)
    return Tip(
        address=BlockAddress(*header["address"]),
        transaction_id=header["transaction"],
        timestamp=clock.read(header["timestamp"]),
        hash=decode_bytes(header["hash"]),
        peaks=tuple(map(decode_bytes, header["peaks"])),
        catalog_version=header["system"]["catalogVersion"],
        table_ids=frozenset(DocumentEntry(*entry).table_id for entry in header["documents"].values()),
    )


def read_leaf(data: bytes) -> Leaf:
    """Return what the block in this cell is to the tree, without reading its documents.

    Raises:
        Corrupt: the bytes are not a block.
    """
    header, _ = unpack(data)
    try:
        return Leaf(header["address"][1], decode_bytes(header["hash"]), _growth(header))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Corrupt(f"the cell is not a block: {error!r}") from error


def read_block(data: bytes) -> StoredBlock:
    """Return the block in this cell.

    Raises:
        Corrupt: the bytes are not a block.
    """
    header, payloads = unpack(data)
    try:
        return _stored_block(header, payloads)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise Corrupt(f"the cell is not a block: {error!r}") from error


def _stored_block(header: dict[str, Any], payloads: list[bytes]) -> StoredBlock:
    address = BlockAddress(*header["address"])
    documents = {document_id: DocumentEntry(*entry) for document_id, entry in header["documents"].items()}
    rest = iter(payloads)
    block = Block(
        address=address,
        transaction_id=header["transaction"],
        timestamp=clock.read(header["timestamp"]),
        previous_hash=decode_bytes(header["previous"]),
        system=header["system"],
        statements=[Statement(text, clock.read(start), decode_bytes(d)) for text, start, d in header["statements"]],
        documents=documents,
        revisions=[_revision(address, documents, revision, rest) for revision in header["revisions"]],
        redactions=[Redaction(BlockAddress(*place), *rest) for place, *rest in header.get("redactions", ())],
    )
    return StoredBlock(block, decode_bytes(header["hash"]), _growth(header))


def _growth(header: dict[str, Any]) -> tree.Growth:
    return tree.Growth(tuple(map(decode_bytes, header["nodes"])), tuple(map(decode_bytes, header["peaks"])))


def _revision(
    address: BlockAddress, documents: dict[str, DocumentEntry], header: dict[str, Any], payloads: Iterator[bytes]
) -> Revision:
    entry = documents.get(header["id"])
    data = next(payloads) if has_data(header) else None
    return Revision.from_header(address, header, entry.table_id if entry else None, data)
