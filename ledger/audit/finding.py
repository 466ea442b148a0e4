"""What a check can say: a finding for people, and a difference that can be put right."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from ledger.store.base import Cell, Key

Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told, often, what is being done, how much of it is done, and how much there is."""


class Finding(NamedTuple):
    """Something that is not as the journal says it must be."""

    where: str
    what: str


class Kind(StrEnum):
    """What is compared as a whole."""

    DOCUMENT = "document"
    VALUE = "value"
    REDACTION = "redaction"
    CATALOG = "catalog"
    BLOCK = "block"
    DIGEST = "digest"
    SETTINGS = "settings"
    CELL = "cell"
    NOTES = "notes"

    @property
    def is_derived(self) -> bool:
        """Tell whether it is derived from the journal: then a block may change what is expected of it."""
        return self in {Kind.DOCUMENT, Kind.VALUE, Kind.REDACTION, Kind.CATALOG}


class Item(NamedTuple):
    """One thing that is checked, and compared with the journal if it is derived from it.

    Attributes:
        partition: of a document, where its current revision is kept; of an indexed value, where its entries are; of a
            block, the id of its strand.
        name: a document's id, the name of the note of a redaction, the number of a block or a notarised digest; empty
            for the others.
    """

    kind: Kind
    partition: str = ""
    name: str = ""


class Difference(NamedTuple):
    """A cell that is not as the journal says.

    Attributes:
        found: the cell as it is, `None` if there is none.
        wanted: gives the bytes that it must have, `None` if there must be none.
    """

    item: Item
    finding: Finding
    key: Key
    found: Cell | None
    wanted: Callable[[], bytes | None]


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""
