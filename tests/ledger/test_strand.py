"""Strands read from a time or a place on, without trusting their cells."""

from itertools import islice

import pytest

from ledger.journal.revision import BlockAddress
from ledger.record import pack, unpack
from ledger.store.base import Corrupt
from ledger.strand import block_key, blocks_from, first_sequence_no


@pytest.fixture
def filled(local_client):
    for number in range(12):
        local_client.run("INSERT INTO T ?", {"k": number})
    return local_client


def strands(client):
    store = client.ledger.store
    return {
        strand_id: list(blocks_from(store, BlockAddress(strand_id, 0))) for strand_id in client.ledger.settings.strands
    }


def rewrite(store, address, **changes):
    key = block_key(address)
    cell = store.get([key])[key]
    header, payloads = unpack(cell.data)
    store.commit({key: pack({**header, **changes}, payloads)}, {key: cell.version})


def test_the_first_block_of_a_time_is_found_without_reading_them_all(filled):
    store = filled.ledger.store
    for strand_id, stored in strands(filled).items():
        for each in stored:
            same = [one.block.address.sequence_no for one in stored if one.block.timestamp >= each.block.timestamp]
            before = store.reads
            assert first_sequence_no(store, strand_id, each.block.timestamp) == same[0]
            assert store.reads - before <= 1 + len(stored).bit_length()


def test_a_missing_block_is_corrupt_and_ends_the_reading_before_it(filled):
    strand_id = filled.ledger.settings.strands[0]
    key = block_key(BlockAddress(strand_id, 1))
    filled.ledger.store.commit({key: None}, {key: 1})
    reading = blocks_from(filled.ledger.store, BlockAddress(strand_id, 0))
    assert [each.block.address.sequence_no for each in islice(reading, 1)] == [0]
    with pytest.raises(Corrupt, match=f"block 1 of strand {strand_id} is missing"):
        next(reading)


def test_a_block_that_does_not_chain_is_corrupt(filled):
    address = BlockAddress(filled.ledger.settings.strands[0], 2)
    rewrite(filled.ledger.store, address, previous="AAAA")
    with pytest.raises(Corrupt, match=r"block 2 of strand .* does not chain to the block before it"):
        list(blocks_from(filled.ledger.store, BlockAddress(address.strand_id, 0)))


def test_a_block_that_does_not_have_its_hash_is_not_shown(filled):
    address = BlockAddress(filled.ledger.settings.strands[0], 2)
    rewrite(filled.ledger.store, address, transaction="x" * 22)
    stored = next(blocks_from(filled.ledger.store, address))
    with pytest.raises(Corrupt, match=r"block 2 of strand .* does not have its hash"):
        stored.to_ion()
