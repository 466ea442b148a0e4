"""The journal's formulas against a block that Amazon QLDB wrote, and against plain restatements of the rules."""

import hashlib
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import clock, ids, ion
from ledger.journal import tree
from ledger.journal.block import Block, DocumentEntry, Statement
from ledger.journal.cell import read_block, read_tip, write_block
from ledger.journal.hashing import dot, merkle_root
from ledger.journal.revision import BlockAddress, Metadata, Revision, revision_hash
from ledger.store.base import Corrupt

REAL_METADATA = Metadata(
    "D35qd3e2prnJYmtKW6kok1", 0, datetime(2019, 12, 11, 7, 20, 51, 245000, UTC), "0007KbqoyqAIch6XRbQ4iA"
)
REAL_DATA = ion.dumps(
    ion.parse(
        '{FirstName:"Testing new 600",LastName:"Lewis",DOB:1963-08-19T,GovId:"LEWISR261LL",GovIdType:"Driver License",'
        'Address:"1719 University Street, Seattle, WA, 98109"}'
    )
)
REAL_ENTRIES = [
    b64decode(entry)
    for entry in (
        "LmcGQjLlfScQQxbzaoglEpXpeN9bp7I/QUk690ncEpk=",
        "vJFOcsNRM14gsIBSEnwPhMVgRAWf/4EUW5gPYbtmDv0=",
        "KXJrG8t/KePERHasyztlv4kZPol4Q2buhWmy7iJrsiY=",
        "Lz3XWBwtWyBA/Lhj+UoLhbajPQ8Mk9N4j0HJlrm2OTg=",
    )
]


def leaves(count):
    return [hashlib.sha256(bytes((i,))).digest() for i in range(count)]


def test_revision_hash_is_the_one_that_qldb_wrote():
    assert ion.digest(REAL_METADATA.to_ion()).hex().startswith("5b856ed3c20f9a6f")
    assert revision_hash(REAL_METADATA, ion.digest(ion.loads(REAL_DATA))) == REAL_ENTRIES[1]


def test_redacted_revision_keeps_the_hash_of_the_whole_one():
    data_hash = bytes.fromhex("beac0662149de1c57b1b8627c5a24993d09a616166f0b148bbdcc5365031cc7b")
    assert revision_hash(REAL_METADATA, data_hash) == REAL_ENTRIES[1]


def test_entries_and_block_hash_are_the_ones_that_qldb_wrote():
    assert merkle_root(REAL_ENTRIES) == b64decode("RNGQGcOKCGLCo5S+hs1eboanNrocIzRiqzzq1s99G/Q=")
    previous = b64decode("pV28aszpqJH9LOO9oMsACDmXfdzdEW7HYxzuQVIjSDU=")
    assert dot(merkle_root(REAL_ENTRIES), previous) == b64decode("lu425dAWsmvzxuNHTbn4ID4mLo0bWKkjLP2Uel4wrPQ=")


def test_merkle_root_of_five_leaves_matches_the_vector():
    assert merkle_root(leaves(5)).hex() == "b697128cde36c8e77b5697fa2d23b8671267909a9bea2dc0d34ce20dc6b447bd"


def test_dot_compares_signed_bytes_from_the_last_to_the_first():
    a, b = bytes(31) + b"\x80", bytes(31) + b"\x7f"
    assert dot(a, b).hex() == "7035948d9d59da9d6ad20d11b3bc4a1e4c386dbe686fcadb095afb6bb462e6e3"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_dot_does_not_depend_on_the_order_of_its_arguments(a, b):
    assert dot(a, b) == dot(b, a)
    assert dot(a, b"") == dot(b"", a) == a


@pytest.mark.parametrize("size", range(70))
def test_tree_grown_leaf_by_leaf_has_the_root_over_all_leaves(size):
    peaks = ()
    for count, leaf in enumerate(leaves(size)):
        completed, peaks = tree.append(count, peaks, leaf)
        assert len(completed) == len(bin(count)) - len(bin(count).rstrip("1"))
    assert tree.root(peaks) == merkle_root(leaves(size))


def test_tree_refuses_peaks_of_another_size():
    with pytest.raises(ValueError, match="3 leaves has 2 peaks, got 1"):
        tree.append(3, (bytes(32),), bytes(32))


def block(sequence_no=0, data=REAL_DATA, previous=b"", statements=True):
    address = BlockAddress("HbD9IggL584EPHmfwjmVz0", sequence_no)
    revision = Revision(
        address, REAL_METADATA, "T" * 22, data, revision_hash(REAL_METADATA, ion.digest(ion.loads(data)))
    )
    return Block(
        address=address,
        transaction_id=REAL_METADATA.tx_id,
        timestamp=REAL_METADATA.tx_time,
        previous_hash=previous,
        system={"catalogVersion": 3},
        statements=[Statement("INSERT INTO Person ?", REAL_METADATA.tx_time, bytes(32))] if statements else (),
        documents={REAL_METADATA.id: DocumentEntry("Person", "T" * 22, [0])},
        revisions=[revision],
    )


def test_block_read_back_is_the_block_that_was_written():
    stored = read_block(write_block(block()))
    assert stored.block.to_ion() == block().to_ion()
    assert stored.hash == stored.block.computed_hash() == block().computed_hash()


def test_block_shows_the_fields_of_qldb_in_order_and_chains_to_its_predecessor():
    shown = dict(ion.fields(block(previous=bytes(range(32))).to_ion()))
    assert (
        list(shown)
        == (
            "blockAddress transactionId blockTimestamp blockHash entriesHash previousBlockHash entriesHashList"
            " transactionInfo revisions"
        ).split()
    )
    assert merkle_root(shown["entriesHashList"]) == shown["entriesHash"]
    assert dot(shown["entriesHash"], shown["previousBlockHash"]) == shown["blockHash"]
    assert ion.digest(shown["transactionInfo"]) in shown["entriesHashList"]
    assert shown["revisions"][0]["hash"] in shown["entriesHashList"]


def test_system_block_has_no_transaction_info():
    assert "transactionInfo" not in dict(ion.fields(block(statements=False).to_ion()))


@pytest.mark.parametrize("length", [0, 1, 4, 40, 400])
def test_damaged_cell_is_reported_as_corrupt(length):
    with pytest.raises(Corrupt):
        read_block(write_block(block())[:length])


def test_tip_knows_what_the_next_block_needs():
    tip = read_tip(write_block(block()))
    assert tip.next_address == BlockAddress("HbD9IggL584EPHmfwjmVz0", 1)
    assert tip.hash == tip.digest == block().computed_hash()
    assert tip.catalog_version == 3
    assert tip.table_ids == {"T" * 22}


@given(st.binary(min_size=16, max_size=16))
def test_id_of_any_16_bytes_has_22_characters_and_decodes_to_them(data):
    assert len(ids.encode(data)) == 22
    assert ids.decode(ids.encode(data)) == data


def test_id_of_qldb_decodes_to_the_instant_it_was_made():
    ticks = int.from_bytes(ids.decode("0007KbqoyqAIch6XRbQ4iA")[2:8], "big")
    assert (
        datetime.fromtimestamp(ticks / 16384, UTC).isoformat(timespec="milliseconds") == "2019-12-11T07:20:51.908+00:00"
    )


@pytest.mark.parametrize("text", ["", "0007KbqoyqAIch6XRbQ4i", "0007KbqoyqAIch6XRbQ4i-", "z" * 22])
def test_text_that_is_no_id_is_refused(text):
    with pytest.raises(ValueError, match="not an id"):
        ids.decode(text)


def test_instants_are_kept_in_utc_to_the_millisecond():
    instant = clock.milliseconds(datetime(2019, 12, 11, 7, 20, 51, 245999, UTC))
    assert clock.write(instant) == "2019-12-11T07:20:51.245Z"
    assert clock.read(clock.write(instant)) == instant
    assert ion.text(clock.to_ion(instant)) == "2019-12-11T07:20:51.245Z"
