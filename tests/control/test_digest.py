"""Digests, and blocks and revisions with proofs, as QLDB's control plane gives them, on each kind of store."""

from itertools import product

import pytest

from ledger import ion
from ledger.control.addresses import tip_addresses, written
from ledger.control.block import get_block
from ledger.control.digest import get_digest
from ledger.control.revision import get_revision
from ledger.errors import InvalidParameterException
from ledger.journal.cell import read_block
from ledger.journal.hashing import merkle_root
from ledger.journal.proof import fold
from tests.blocks import block_cells


def with_digests(client, count=6):
    """Insert and update documents, taking a digest after each transaction."""
    digests = []
    for number in range(count):
        client.run("INSERT INTO T ?", {"k": number})
        client.run("UPDATE T SET v = ? WHERE k = ?", number, number // 2)
        digests.append(get_digest(client.ledger))
    return digests


def all_blocks(ledger):
    return {
        strand_id: [read_block(cell) for cell in block_cells(ledger.store, strand_id)]
        for strand_id in ledger.settings.strands
    }


def covers(ledger, digest, address):
    tips = tip_addresses(digest.tip_address, ledger.settings.strands)
    return any(tip.strand_id == address.strand_id and tip.sequence_no >= address.sequence_no for tip in tips)


def test_digest_is_the_root_over_all_blocks_of_each_strand_and_over_the_strands(client):
    digest = with_digests(client)[-1]
    blocks = all_blocks(client.ledger)
    roots = [merkle_root([stored.hash for stored in strand_blocks]) for strand_blocks in blocks.values()]
    assert digest.digest == merkle_root(roots)
    tips = [strand_blocks[-1].block.address for strand_blocks in blocks.values()]
    assert list(tip_addresses(digest.tip_address, client.ledger.settings.strands)) == tips


def test_tip_address_over_one_strand_is_that_of_a_block_as_in_qldb(local_client):
    tip = ion.parse(get_digest(local_client.ledger).tip_address)
    strands = local_client.ledger.settings.strands
    if len(strands) == 1:
        assert list(tip) == ["strandId", "sequenceNo"]
    else:
        assert [list(each) for each in tip] == [["strandId", "sequenceNo"]] * len(strands)


def test_every_block_and_revision_is_proven_against_every_digest_that_covers_it_and_refused_for_all_others(client):
    digests = with_digests(client)
    stored = [each for strand_blocks in all_blocks(client.ledger).values() for each in strand_blocks]
    proven = 0
    for digest, each in product(digests, stored):
        address = written([each.block.address])
        documents = [revision.metadata.id for revision in each.block.revisions if revision.table_id is not None]
        if not covers(client.ledger, digest, each.block.address):
            for ask in (get_block, *(lambda *a, i=i: get_revision(a[0], a[1], i, a[2]) for i in documents)):
                with pytest.raises(InvalidParameterException, match="DigestTipAddress is before the block"):
                    ask(client.ledger, address, digest.tip_address)
            continue
        block = get_block(client.ledger, address, digest.tip_address)
        assert fold(block.block["blockHash"], block.proof) == digest.digest == block.digest
        for document_id in documents:
            revision = get_revision(client.ledger, address, document_id, digest.tip_address)
            assert fold(revision.revision["hash"], revision.proof) == digest.digest == revision.digest
            assert revision.revision["metadata"]["id"] == document_id
            proven += 1
    assert proven > 30


def test_without_a_tip_there_is_no_proof(client):
    client.run("INSERT INTO T ?", {"k": 1})
    block = client.blocks()[-1]
    shown = get_block(client.ledger, written([block.address]))
    assert (shown.proof, shown.digest) == (None, None)
    assert ion.text(shown.block) == ion.text(block.to_ion())


def test_documents_of_one_transaction_are_each_proven(client):
    client.run("INSERT INTO T << {'k': 1}, {'k': 2}, {'k': 3}, {'k': 4}, {'k': 5} >>")
    [block] = [block for block in client.blocks() if len(block.revisions) == 5]
    digest = get_digest(client.ledger)
    for revision in block.revisions:
        shown = get_revision(client.ledger, written([block.address]), revision.metadata.id, digest.tip_address)
        assert fold(shown.revision["hash"], shown.proof) == digest.digest
