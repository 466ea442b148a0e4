"""What a transaction has read, and so relies on: nobody may have changed it when the transaction commits."""

from collections.abc import Iterable, Iterator

from ledger import strand
from ledger.documents import document_partitions
from ledger.errors import OccConflictException
from ledger.indexes import HEAD, Head, head_key
from ledger.journal.cell import Tip
from ledger.store.base import Cell, Key, Store

_TORN_READS = 5


class Reads:
    """The reads of one transaction.

    A cell read by key is relied on by its version. A table read as a whole is relied on by the journal: from the tips
    that were current before its first cell was read, no block may have changed the table.

    Attributes:
        relied: the version of every cell relied on, `None` where there was none.
        scanned: ids of the tables relied on as a whole.
        snapshot: the tips before the first table was scanned, by strand; empty if none was.
    """

    def __init__(self, store: Store, strands: Iterable[str]) -> None:
        self._store = store
        self._strands = tuple(strands)
        self._cells: dict[Key, Cell | None] = {}
        self.relied: dict[Key, int | None] = {}
        self.scanned: set[str] = set()
        self.snapshot: dict[str, Tip] = {}

    def get(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        """Read cells and rely on them, absent ones too; what was read before is given again as it was."""
        keys = list(keys)
        wanted = [key for key in keys if key not in self._cells]
        if wanted:
            found = self._store.get(wanted)
            for key in wanted:
                self._cells[key] = found.get(key)
                self.rely(key, found.get(key))
        return {key: cell for key in keys if (cell := self._cells[key]) is not None}

    def rely(self, key: Key, cell: Cell | None) -> None:
        """Rely on a cell as it was read."""
        self.relied[key] = None if cell is None else cell.version

    def peek(self, keys: Iterable[Key]) -> dict[Key, Cell]:
        """Read cells that need no relying on: they never change, or the table was relied on as a whole."""
        return self._store.get(keys)

    def rely_on_table(self, table_id: str) -> None:
        """Rely on a whole table; MUST be called before its first cell is read."""
        if not self.snapshot:
            self.snapshot = {strand_id: strand.tip(self._store, strand_id) for strand_id in self._strands}
        self.scanned.add(table_id)

    def documents(self, table_id: str, shards: int) -> Iterator[tuple[Key, Cell]]:
        """Give the cells of all documents of a table, deleted ones too, relying on the table as a whole."""
        self.rely_on_table(table_id)
        for partition in document_partitions(table_id, shards):
            yield from self._store.scan(partition)

    def entries(self, partition: str) -> list[str]:
        """Return the ids of the documents with one indexed value, relying on its head.

        Raises:
            OccConflictException: the value's entries kept changing while they were read.
        """
        for _ in range(_TORN_READS):
            cells = {key.sort: cell for key, cell in self._store.scan(partition)}
            head = cells.pop(HEAD, None)
            if Head.from_cell(head) == Head.of(cells):
                self._rely_on_head(head_key(partition), head)
                return list(cells)
        raise OccConflictException

    def _rely_on_head(self, key: Key, head: Cell | None) -> None:
        version = None if head is None else head.version
        if self.relied.setdefault(key, version) != version:
            raise OccConflictException
