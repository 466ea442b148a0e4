"""The audit finds what was changed behind the ledger's back, whichever cell it was."""

import pytest

from ledger.audit import audit
from ledger.catalog import CATALOG_KEY
from ledger.indexes import Head
from ledger.record import pack, unpack
from ledger.store.base import Cell, Corrupt, Key


@pytest.fixture
def tampered(local_client):
    """A ledger with some history, and what its cells are."""
    local_client.run("INSERT INTO T << ?, ? >>", {"k": "a", "n": 1}, {"k": "b", "n": 1})
    for number in range(4):
        local_client.run("UPDATE T SET n = ? WHERE k = 'a'", number)
    local_client.run("DELETE FROM T WHERE k = 'b'")
    assert local_client.findings() == []
    return local_client


def cells(client, prefix):
    """Every cell of the ledger in partitions with this prefix."""
    connection = client.ledger.store._pool
    with connection.connection() as opened:
        rows = opened.execute("SELECT partition, sort FROM cell WHERE partition LIKE ?", (prefix + "%",)).fetchall()
    return [Key(*row) for row in rows]


def overwrite(client, key, data):
    store = client.ledger.store
    cell = store.get([key]).get(key)
    store.commit({key: data}, {key: cell.version if cell else None})


def findings(client):
    try:
        return [finding.what for finding in audit(client.ledger.store, "demo")]
    except Corrupt as corrupt:
        return [str(corrupt)]


@pytest.mark.parametrize("prefix", ["block/", "document/", "history/", "index/"])
def test_any_deleted_cell_is_found(tampered, prefix):
    for key in cells(tampered, prefix):
        cell = tampered.ledger.store.get([key])[key]
        if not _says_something(tampered, key, cell.data):
            continue
        overwrite(tampered, key, None)
        assert findings(tampered), f"deleting {key} went unnoticed"
        overwrite(tampered, key, cell.data)
        assert findings(tampered) == []


def _says_something(client, key, data):
    """Not so the head of a value without entries, and the last block if it has no revisions: its end can be cut off
    unnoticed by all but a digest that somebody kept."""
    if key.partition.startswith("index/") and not key.sort:
        return Head.from_cell(Cell(1, data)) != Head()
    is_last = key == cells(client, key.partition)[-1]
    return not (key.partition.startswith("block/") and is_last and not unpack(data)[0]["revisions"])


@pytest.mark.parametrize("prefix", ["block/", "document/", "history/"])
def test_a_flipped_bit_anywhere_is_found(tampered, prefix):
    for key in cells(tampered, prefix):
        cell = tampered.ledger.store.get([key])[key]
        for position in range(len(key.sort) % 7, len(cell.data), 41):
            for bit in (0, 5):
                flipped = bytearray(cell.data)
                flipped[position] ^= 1 << bit
                overwrite(tampered, key, bytes(flipped))
                assert _noticed(tampered), f"bit {bit} of byte {position} of {key}: {bytes(flipped)}"
        overwrite(tampered, key, cell.data)
    assert findings(tampered) == []


def _noticed(client):
    try:
        return bool(list(audit(client.ledger.store, "demo")))
    except (Corrupt, ValueError, KeyError, TypeError, IndexError):
        return True


def test_a_changed_balance_is_named(tampered):
    [key] = [key for key in cells(tampered, "document/") if b"\x0e" not in tampered.ledger.store.get([key])[key].data][
        :1
    ]
    header, payloads = unpack(tampered.ledger.store.get([key])[key].data)
    overwrite(tampered, key, pack({**header, "version": 99}, payloads))
    assert findings(tampered) == ["its current revision is not the newest of the journal"]


def test_a_block_changed_with_its_hash_breaks_the_chain(tampered):
    key = next(
        key for key in cells(tampered, "block/") if unpack(tampered.ledger.store.get([key])[key].data)[0]["revisions"]
    )
    header, payloads = unpack(tampered.ledger.store.get([key])[key].data)
    overwrite(tampered, key, pack({**header, "transaction": "x" * 22}, payloads))
    assert "its content does not have its hash" in findings(tampered)


def test_a_dropped_table_definition_is_found(tampered):
    header, _ = unpack(tampered.ledger.store.get([CATALOG_KEY])[CATALOG_KEY].data)
    overwrite(tampered, CATALOG_KEY, pack({**header, "tables": []}))
    assert "is missing from the catalog" in findings(tampered)


def test_an_entry_too_many_in_an_index_is_found(tampered):
    head = next(key for key in cells(tampered, "index/") if not key.sort)
    overwrite(tampered, Key(head.partition, "0007KbqoyqAIch6XRbQ4iA"), b"")
    assert any("entries where the journal has" in what for what in findings(tampered))
