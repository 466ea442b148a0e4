"""Checking one block: its hashes from its content, and its link to the block before it."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from ledger import clock, ion
from ledger.audit.finding import Finding
from ledger.ids import is_id
from ledger.journal import tree
from ledger.journal.cell import StoredBlock, read_block, write_stored
from ledger.journal.revision import BlockAddress, Revision, revision_hash
from ledger.record import decode_bytes, encode_bytes
from ledger.store.base import Corrupt

T = TypeVar("T")


class Link(NamedTuple):
    """What the next block of a strand must fit.

    Attributes:
        peaks: of the Merkle tree over the strand so far.
    """

    hash: bytes
    timestamp: str
    catalog_version: int
    peaks: tuple[bytes, ...]

    def to_json(self) -> Any:
        """Return the link for a checkpoint."""
        return [encode_bytes(self.hash), self.timestamp, self.catalog_version, [*map(encode_bytes, self.peaks)]]

    @staticmethod
    def from_json(value: Any) -> "Link":
        """Return the link that `to_json` wrote."""
        block_hash, timestamp, catalog_version, peaks = value
        return Link(decode_bytes(block_hash), timestamp, catalog_version, tuple(map(decode_bytes, peaks)))


MOST = 2**53
"""No strand has as many blocks, and no document as many versions."""

GENESIS = Link(b"", "", 0, ())


def link_of(stored: StoredBlock) -> Link:
    """Return what the block behind this one must fit."""
    catalog_version = readable(lambda: _number(stored.block.system["catalogVersion"]))
    return Link(stored.hash, clock.write(stored.block.timestamp), catalog_version, stored.growth.peaks)


def _number(value: Any) -> int:
    """Return a number that a version or a place can have.

    Raises:
        Corrupt: it is none.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise Corrupt(f"not readable: {str(value)[:40]!r} is no number of anything")
    return value


def _id(value: Any) -> None:
    if not (isinstance(value, str) and is_id(value)):
        raise Corrupt(f"not readable: {str(value)[:40]!r} is no id")


def block_place(strand_id: str, sequence_no: int) -> str:
    """Return how findings name a block."""
    return f"block {sequence_no} of strand {strand_id}"


def readable(read: Callable[[], T]) -> T:
    """Return what `read` makes of stored bytes.

    Raises:
        Corrupt: it cannot make anything of them. Damaged bytes can fail in any way, in JSON, dates, base64 or Ion.
    """
    try:
        return read()
    except Corrupt:
        raise
    except Exception as error:
        raise Corrupt(f"not readable: {type(error).__name__}: {error}") from error


class CheckedBlock(NamedTuple):
    """A block that could be read, the documents in it, and what is wrong with it.

    Attributes:
        address: where it was found, whatever it says itself.
        link: what the next block must fit.
        data: of each revision, its data; `None` if it has none or it cannot be read.
    """

    address: BlockAddress
    stored: StoredBlock
    link: Link
    data: tuple[ion.Value | None, ...]
    findings: tuple[Finding, ...]


def check_block(cell_data: bytes, strand_id: str, sequence_no: int, link: Link | None) -> CheckedBlock:
    """Check one block.

    Args:
        link: what it must fit; `None` if the block before it is not known.

    Raises:
        Corrupt: the cell is not a block.
    """
    stored = readable(lambda: read_block(cell_data))
    readable(lambda: _check_names(stored))
    where = block_place(strand_id, sequence_no)
    findings = [
        Finding(where, what)
        for what in readable(
            lambda: [*_link_errors(stored, strand_id, sequence_no, link), *_own_errors(stored, cell_data)]
        )
    ]
    data = []
    for revision in stored.block.revisions:
        content, errors = _check_revision(stored, revision)
        data.append(content)
        name = f"revision {revision.metadata.version} of document {revision.metadata.id}"
        findings += [Finding(where, f"{name} {what}") for what in errors]
    return CheckedBlock(BlockAddress(strand_id, sequence_no), stored, link_of(stored), tuple(data), tuple(findings))


def _link_errors(stored: StoredBlock, strand_id: str, sequence_no: int, link: Link | None) -> Iterator[str]:
    if stored.block.address != (strand_id, sequence_no):
        yield f"says that it is {block_place(*stored.block.address)}"
    if link is None:
        return
    if stored.block.previous_hash != link.hash:
        yield "does not chain to the block before it"
    if clock.write(stored.block.timestamp) < link.timestamp:
        yield "is older than the block before it"
    if stored.block.system["catalogVersion"] < link.catalog_version:
        yield "was made under an older catalog than the block before it"
    if len(link.peaks) == sequence_no.bit_count() and stored.growth != tree.append(
        sequence_no, link.peaks, stored.hash
    ):
        yield "its nodes of the Merkle tree are wrong"


def _check_names(stored: StoredBlock) -> None:
    """Check that ids and versions are some: what is noted of the block is filed under them."""
    for revision in stored.block.revisions:
        _id(revision.metadata.id)
        _number(revision.metadata.version)
        if revision.table_id is not None:
            _id(revision.table_id)
    for address, table_id, document_id, version in stored.block.redactions:
        for each in (address.strand_id, table_id, document_id):
            _id(each)
        for number in (address.sequence_no, version):
            _number(number)


def _own_errors(stored: StoredBlock, cell_data: bytes) -> Iterator[str]:
    if stored.block.documents and not stored.block.statements:
        yield "lists documents that no statement changed, which its hash does not cover"
    if stored.hash != stored.block.computed_hash():
        yield "its content does not have its hash"
    if write_stored(stored) != cell_data:
        yield "its cell is not what the ledger writes"


def _check_revision(stored: StoredBlock, revision: Revision) -> tuple[ion.Value | None, list[str]]:
    try:
        content = readable(lambda: content_of(revision))
        return content, readable(lambda: [*_revision_errors(stored, revision, content)])
    except Corrupt as corrupt:
        return None, [f"is {corrupt}"]


def content_of(revision: Revision) -> ion.Value | None:
    """Return the data of a revision, a struct."""
    if revision.data is None:
        return None
    content = ion.loads(revision.data)
    if ion.type_of(content) is not ion.IonType.STRUCT:
        raise Corrupt("not readable: not a struct")
    return content


def _revision_errors(stored: StoredBlock, revision: Revision, content: ion.Value | None) -> Iterator[str]:
    data_hash = revision.data_hash if revision.data is None else ion.digest(content)
    if revision.hash != revision_hash(revision.metadata, data_hash):
        yield "does not have its hash"
    if revision.metadata.tx_id != stored.block.transaction_id:
        yield "is of another transaction"
