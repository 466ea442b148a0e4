"""That the ledger's settings are those that it was created with, as the first block of each strand says."""

from collections.abc import Iterator
from contextlib import suppress

from ledger.audit.blocks import block_place, readable
from ledger.audit.finding import Finding
from ledger.journal.cell import read_block
from ledger.journal.revision import BlockAddress
from ledger.settings import SETTINGS_KEY, Settings, of_first_block, to_cell
from ledger.store.base import Cell, Corrupt, Store
from ledger.strand import block_key


def settings_findings(store: Store, settings: Settings) -> Iterator[Finding]:
    """Compare the settings, as they were read, with their cell and the first blocks."""
    places = [BlockAddress(strand_id, 0) for strand_id in settings.strands]
    cells = store.get([SETTINGS_KEY, *map(block_key, places)])
    if SETTINGS_KEY not in cells or cells[SETTINGS_KEY].data != to_cell(settings):
        yield Finding("settings", "their cell is not what the ledger writes")
    for place in places:
        cell = cells.get(block_key(place))
        said = _said(cell)
        if said not in {None, settings}:
            yield Finding("settings", f"are not those that {block_place(*place)} was made with")


def _said(first_block: Cell | None) -> Settings | None:
    # One that is missing or damaged is a finding about the block.
    with suppress(Corrupt):
        return None if first_block is None else readable(lambda: of_first_block(read_block(first_block.data).block))
    return None
