"""What must go before a block: those with the previous versions of its documents."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.documents import history_key, read_pointer
from ledger.journal.block import Block
from ledger.journal.revision import BlockAddress
from ledger.store.base import Corrupt, Store

MOST_REMEMBERED = 10_000


class _Version(NamedTuple):
    document_id: str
    number: int


class Causes:
    """Knows them for the blocks that were read and not given yet. A history pointer is read only where it must be."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._causes: dict[BlockAddress, list[BlockAddress]] = {}
        self._places: dict[_Version, BlockAddress] = {}
        self._given: dict[str, int] = {}

    def find(self, blocks: Sequence[Block]) -> None:
        """Find the causes of blocks that were just read, in one batch.

        Raises:
            Corrupt: a previous version is nowhere.
        """
        self._places |= {version: block.address for block in blocks for version in _versions(block)}
        needed = {block.address: list(self._needed(block)) for block in blocks}
        unknown = {version for versions in needed.values() for version in versions} - self._places.keys()
        places = self._places | self._read(unknown)
        self._causes |= {address: [places[version] for version in versions] for address, versions in needed.items()}

    def of(self, block: Block) -> Sequence[BlockAddress]:
        """Return where the causes of a block are; none that are known to be given."""
        return self._causes.get(block.address, ())

    def forget(self, block: Block) -> None:
        """Let go of a block that is given now."""
        if self._causes.pop(block.address, None) is None:
            return
        for version in _versions(block):
            del self._places[version]
            self._given.pop(version.document_id, None)
            self._given[version.document_id] = version.number
        while len(self._given) > MOST_REMEMBERED:
            del self._given[next(iter(self._given))]

    def _needed(self, block: Block) -> Iterator[_Version]:
        for document_id, number in _versions(block):
            if number > 0 and self._given.get(document_id, -1) < number - 1:
                yield _Version(document_id, number - 1)

    def _read(self, versions: set[_Version]) -> dict[_Version, BlockAddress]:
        keys = {version: history_key(*version) for version in versions}
        cells = self._store.get(keys.values()) if keys else {}
        for version, key in keys.items():
            if key not in cells:
                raise Corrupt(
                    f"revision {version.number} of document {version.document_id} is missing from the journal"
                )
        return {version: read_pointer(cells[key].data) for version, key in keys.items()}


def _versions(block: Block) -> Iterator[_Version]:
    """Give the versions of documents in a block; revisions of the catalog are not documents'."""
    for revision in block.revisions:
        if revision.table_id is not None:
            yield _Version(revision.metadata.id, revision.metadata.version)
