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


@pytest.mark.parametrize("prefix", ["block/", "document/", "history/", "index/", "catalog"])
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
    assert any("has an entry of document 0007KbqoyqAIch6XRbQ4iA" in what for what in findings(tampered))


def test_a_lost_head_of_a_value_with_entries_is_found(tampered):
    [head] = [key for key in cells(tampered, "index/") if not key.sort and holds_entries(tampered, key)]
    overwrite(tampered, head, None)
    assert findings(tampered) == [f"its head does not sum up its 1 entries at {head.partition}"]


def holds_entries(client, key):
    return Head.from_cell(client.ledger.store.get([key])[key]) != Head()


def test_a_document_that_the_journal_does_not_have_is_found(tampered):
    [key, *_] = cells(tampered, "document/")
    data = tampered.ledger.store.get([key])[key].data
    overwrite(tampered, Key(key.partition, "0007KbqoyqAIch6XRbQ4iA"), data)
    assert findings(tampered) == [f"has a current revision in {key.partition}, but not in the journal"]


def test_a_missing_catalog_is_found_and_the_indexes_are_checked_all_the_same(tampered):
    overwrite(tampered, CATALOG_KEY, None)
    [head] = [key for key in cells(tampered, "index/") if not key.sort and holds_entries(tampered, key)]
    overwrite(tampered, head, None)
    assert findings(tampered) == ["is missing", f"its head does not sum up its 1 entries at {head.partition}"]


def test_a_damaged_block_is_named_and_the_others_are_checked_all_the_same(tampered):
    damaged, changed = (
        cells(tampered, "block/")[1:3]
        if len(tampered.ledger.settings.strands) == 1
        else (cells(tampered, f"block/{tampered.ledger.settings.strands[0]}")[1:3])
    )
    overwrite(tampered, damaged, b"no block")
    header, payloads = unpack(tampered.ledger.store.get([changed])[changed].data)
    overwrite(tampered, changed, pack({**header, "transaction": "x" * 22}, payloads))
    named = {finding.where: finding.what for finding in audit(tampered.ledger.store, "demo")}
    assert named[f"block 1 of strand {damaged.partition[6:]}"].startswith("unknown cell format")
    assert f"block 2 of strand {damaged.partition[6:]}" in named


def test_settings_that_differ_from_the_first_blocks_are_found(tampered):
    key = Key("ledger", "settings")
    header, _ = unpack(tampered.ledger.store.get([key])[key].data)
    overwrite(tampered, key, pack({**header, "created": "2019-01-01T00:00:00.000Z"}))
    assert "are not those that block 0 of strand" in findings(tampered)[0]


def test_dropped_tables_and_indexes_are_no_findings(local_client):
    local_client.run("INSERT INTO T ?", {"k": 1, "m": 2})
    local_client.run("CREATE INDEX ON T (m)")
    [index_id] = local_client.run("SELECT VALUE indexes[1].indexId FROM information_schema.user_tables")
    local_client.run(f"DROP INDEX {index_id} ON T WITH (purge = true)")
    local_client.run("INSERT INTO T ?", {"k": 2, "m": 2})
    assert local_client.findings() == []
    local_client.run("DROP TABLE T")
    assert local_client.findings() == []
