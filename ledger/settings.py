"""A ledger's settings, fixed when it is created: its name, its strands, how its documents are spread."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from ledger import clock
from ledger.catalog import CATALOG_KEY, Catalog
from ledger.ids import new_id
from ledger.journal.block import Block
from ledger.journal.cell import write_block
from ledger.journal.revision import BlockAddress
from ledger.record import pack, unpack
from ledger.store.base import Conflict, Key, Store
from ledger.strand import block_key

SETTINGS_KEY = Key("ledger", "settings")
MAX_STRANDS = 32


class LedgerNotFoundError(LookupError):
    """The store holds no ledger of that name."""


class Settings(NamedTuple):
    """What a ledger is.

    Attributes:
        strands: the ids of its strands; a transaction's block goes to any one of them.
        shards: over how many partitions a table's documents are spread.
    """

    name: str
    strands: tuple[str, ...]
    shards: int
    created: datetime


def create(store: Store, name: str, *, strands: int = 1) -> Settings:
    """Create a ledger in `store`, with a first block on each strand; if it is there already, leave it as it is.

    Args:
        strands: how many transactions can commit at the same moment. 1 is exactly QLDB's journal.

    Raises:
        ValueError: `strands` is out of range, or the store holds a ledger of another name.
    """
    if not 1 <= strands <= MAX_STRANDS:
        raise ValueError(f"strands is {strands}: give 1 to {MAX_STRANDS}")
    settings = Settings(name, tuple(new_id() for _ in range(strands)), strands, clock.now())
    writes = {SETTINGS_KEY: to_cell(settings), CATALOG_KEY: Catalog().to_cell(), **_first_blocks(settings)}
    with suppress(Conflict):
        store.commit(writes, dict.fromkeys(writes))
    return load(store, name)


def load(store: Store, name: str) -> Settings:
    """Return the settings of the ledger in `store`.

    Raises:
        LedgerNotFoundError: the store holds no ledger, or one of another name.
    """
    cell = store.get([SETTINGS_KEY]).get(SETTINGS_KEY)
    if cell is None:
        raise LedgerNotFoundError(f"no ledger {name!r} here: create it first")
    header, _ = unpack(cell.data)
    if header["name"] != name:
        raise LedgerNotFoundError(f"no ledger {name!r} here: this store holds {header['name']!r}")
    return Settings(header["name"], tuple(header["strands"]), header["shards"], clock.read(header["created"]))


def of_first_block(block: Block) -> Settings:
    """Return the settings of a ledger of which this is the first block of a strand.

    Raises:
        KeyError, TypeError: it is not.
    """
    strands = tuple(block.system["strands"])
    return Settings(block.system["ledgerName"], strands, len(strands), block.timestamp)


def to_cell(settings: Settings) -> bytes:
    """Return the bytes of the settings' cell."""
    return pack({**settings._asdict(), "created": clock.write(settings.created)})


def _first_blocks(settings: Settings) -> dict[Key, bytes]:
    system = {"catalogVersion": 0, "ledgerName": settings.name, "strands": list(settings.strands)}
    first = {}
    for strand_id in settings.strands:
        address = BlockAddress(strand_id, 0)
        first[block_key(address)] = write_block(Block(address, new_id(), settings.created, b"", system))
    return first
