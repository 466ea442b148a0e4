"""Manipulations of what is derived from the journal: documents, history, indexes, the catalog; and of the settings."""

from dataclasses import replace
from datetime import timedelta

from drill.life import pay_out
from drill.manipulation import Attempt, Manipulation
from drill.scene import Scene, rehashed, richer
from ledger import ion
from ledger.catalog import CATALOG_KEY
from ledger.documents import history_key, read_pointer, write_current, write_pointer
from ledger.ids import new_id
from ledger.indexes import ENTRY, Head, head_key
from ledger.record import pack, unpack
from ledger.settings import SETTINGS_KEY
from ledger.store import Cell, Key

_NOT_NEWEST = "its current revision is not the newest"


def change_balance(scene: Scene) -> Attempt:
    """Change the balance that everybody reads, with its hash."""
    key = scene.accounts()[0]
    return Attempt(_document(key, _NOT_NEWEST), {key: write_current(rehashed(richer(scene.current(key))))})


def spend_changed_balance(scene: Scene) -> Attempt:
    """Change a balance, and have the wallet pay out of it before the audit: the next revision is a genuine one."""
    changed = change_balance(scene)
    [key] = changed.writes
    version = scene.current(key).metadata.version
    named = _document(key, f"its revision {version + 1} goes on from something else than its revision {version} left")
    email = str(ion.loads(scene.current(key).data or b"")["email"])
    return Attempt(named, changed.writes, lambda ground: pay_out(ground, email))


def change_metadata(scene: Scene) -> Attempt:
    """Change when the balance was last changed, and nothing else."""
    key = scene.accounts()[0]
    revision = scene.current(key)
    earlier = replace(revision.metadata, tx_time=revision.metadata.tx_time - timedelta(days=1))
    return Attempt(_document(key, _NOT_NEWEST), {key: write_current(replace(revision, metadata=earlier))})


def swap_documents(scene: Scene) -> Attempt:
    """Put each of two accounts' current revisions in the place of the other."""
    one, other = scene.accounts()[:2]
    return Attempt(_document(one, _NOT_NEWEST), {one: scene.cells[other], other: scene.cells[one]})


def roll_account_back(scene: Scene) -> Attempt:
    """Put the revision before the newest in its place, and delete the pointer to the newest."""
    key = scene.accounts()[0]
    newest = scene.current(key).metadata.version
    place = read_pointer(scene.cells[history_key(key.sort, newest - 1)])
    before = next(
        each
        for each in scene.block(place).block.revisions
        if (each.metadata.id, each.metadata.version) == (key.sort, newest - 1)
    )
    return Attempt(_document(key, _NOT_NEWEST), {key: write_current(before), history_key(key.sort, newest): None})


def delete_document(scene: Scene) -> Attempt:
    """Delete an account's current revision."""
    key = scene.accounts()[0]
    return Attempt(_document(key, _NOT_NEWEST), {key: None})


def invent_document(scene: Scene) -> Attempt:
    """Add an account with a billion in it: its revision, its pointer, its entry in the index; but no block."""
    key, made = scene.accounts()[0], new_id()
    revision = scene.current(key)
    invented = rehashed(richer(replace(revision, metadata=replace(revision.metadata, id=made, version=0))))
    partition = _entry(scene, key.sort).partition
    head = Head.from_cell(Cell(1, scene.cells[head_key(partition)])).changed(added=[made])
    place = Key(key.partition, made)
    writes = {place: write_current(invented), history_key(made, 0): write_pointer(revision.address)}
    writes |= {Key(partition, made): ENTRY, head_key(partition): head.to_cell()}
    return Attempt(_document(place, "has a current revision in"), writes)


def delete_history_pointer(scene: Scene) -> Attempt:
    """Delete what leads to an old revision."""
    key = scene.accounts()[0]
    pointer = history_key(key.sort, 1)
    return Attempt(_document(key, f"its history pointer {pointer.sort} is wrong"), {pointer: None})


def bend_history_pointer(scene: Scene) -> Attempt:
    """Let what leads to an old revision lead to another block."""
    key = scene.accounts()[0]
    pointer, other = history_key(key.sort, 1), history_key(key.sort, 2)
    named = _document(key, f"its history pointer {pointer.sort} is wrong")
    return Attempt(named, {pointer: scene.cells[other]})


def invent_history_pointer(scene: Scene) -> Attempt:
    """Add a pointer to a revision that there never was."""
    key = scene.accounts()[0]
    pointer = history_key(key.sort, scene.current(key).metadata.version + 1)
    named = _document(key, f"its history pointer {pointer.sort} is wrong")
    return Attempt(named, {pointer: scene.cells[history_key(key.sort, 0)]})


def delete_index_entry(scene: Scene) -> Attempt:
    """Delete an entry of an index, and make the head fit, so that an account cannot be found."""
    entry = _entry(scene, scene.accounts()[0].sort)
    head = Head.from_cell(Cell(1, scene.cells[head_key(entry.partition)])).changed(removed=[entry.sort])
    named = _index(f"lacks the entry of document {entry.sort}")
    return Attempt(named, {entry: None, head_key(entry.partition): head.to_cell()})


def invent_index_entry(scene: Scene) -> Attempt:
    """Enter an account under another one's e-mail, and make the head fit."""
    one, other = scene.accounts()[:2]
    partition = _entry(scene, one.sort).partition
    head = Head.from_cell(Cell(1, scene.cells[head_key(partition)])).changed(added=[other.sort])
    named = _index(f"has an entry of document {other.sort}, which does not have the value")
    return Attempt(named, {Key(partition, other.sort): ENTRY, head_key(partition): head.to_cell()})


def change_index_head(scene: Scene) -> Attempt:
    """Let the head of an indexed value say that there are no entries."""
    partition = _entry(scene, scene.accounts()[0].sort).partition
    return Attempt(_index("its head does not sum up its 1 entries"), {head_key(partition): Head().to_cell()})


def drop_table(scene: Scene) -> Attempt:
    """Take the table of the accounts out of the catalog."""
    left = tuple(table for table in scene.catalog.tables if table != scene.table)
    named = {"kind": "catalog", "text": "is missing from the catalog"}
    return Attempt(named, {CATALOG_KEY: replace(scene.catalog, tables=left).to_cell()})


def disable_index(scene: Scene) -> Attempt:
    """Let the catalog say that an index is still being built, so that nobody uses it or misses an entry."""
    indexes = tuple(replace(index, status="BUILDING") for index in scene.table.indexes)
    changed = scene.catalog.with_table(replace(scene.table, indexes=indexes))
    return Attempt({"kind": "catalog", "text": "is not what the ledger writes"}, {CATALOG_KEY: changed.to_cell()})


def change_settings(scene: Scene) -> Attempt:
    """Let the settings say that documents are spread otherwise, so that none is found."""
    header, _ = unpack(scene.cells[SETTINGS_KEY])
    named = {"kind": "settings", "text": "are not those that block 0 of strand"}
    return Attempt(named, {SETTINGS_KEY: pack({**header, "shards": header["shards"] * 2})})


def _document(key: Key, text: str) -> dict[str, str]:
    return {"kind": "document", "table": "wallettable", "documentId": key.sort, "text": text}


def _index(text: str) -> dict[str, str]:
    return {"kind": "index", "table": "wallettable", "field": "email", "text": text}


def _entry(scene: Scene, document_id: str) -> Key:
    return next(key for key in scene.cells if key.partition.startswith("index/") and key.sort == document_id)


DERIVED = (
    Manipulation("change a balance", change_balance),
    Manipulation("change a balance, and spend it before the audit", spend_changed_balance, is_taken_in=True),
    Manipulation("change the time of a balance, nothing else", change_metadata),
    Manipulation("swap the balances of two accounts", swap_documents),
    Manipulation("roll one account back by a revision", roll_account_back),
    Manipulation("delete an account", delete_document),
    Manipulation("invent an account", invent_document),
    Manipulation("delete a history pointer", delete_history_pointer),
    Manipulation("bend a history pointer", bend_history_pointer),
    Manipulation("invent a history pointer", invent_history_pointer),
    Manipulation("delete an index entry", delete_index_entry),
    Manipulation("invent an index entry", invent_index_entry),
    Manipulation("change the head of an indexed value", change_index_head),
    Manipulation("take a table out of the catalog", drop_table),
    Manipulation("switch an index off in the catalog", disable_index),
    Manipulation("change the settings", change_settings),
)
