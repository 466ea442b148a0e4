"""What is refused, with QLDB's errors, and what damage to the journal looks like to who asks for proofs."""

from contextlib import suppress

import pytest

from ledger import ion
from ledger.control.addresses import tip_addresses, written
from ledger.control.block import get_block
from ledger.control.digest import get_digest
from ledger.control.revision import get_revision
from ledger.errors import InvalidParameterException
from ledger.journal.revision import BlockAddress
from ledger.store import Corrupt
from ledger.strand import block_key
from tests.verifier.verdicts import is_proven

NOWHERE = "{strandId:" + f'"{"0" * 22}"' + ",sequenceNo:0}"


@pytest.fixture
def digest(local_client):
    for number in range(12):
        local_client.run("INSERT INTO T ?", {"k": number, "balance": number})
    return get_digest(local_client.ledger)


@pytest.fixture
def block(local_client, digest):
    """A block with one document."""
    return next(block for block in local_client.blocks() if block.documents)


def asked(block):
    return written([block.address]), block.revisions[0].metadata.id


@pytest.mark.parametrize(
    "address",
    [
        "",
        "{",
        "7",
        "[]",
        "null",
        "null.struct",
        "{}",
        '{strandId:"x"}',
        "{sequenceNo:1}",
        '{strandId:"x",sequenceNo:-1}',
        '{strandId:"x",sequenceNo:true}',
        '{strandId:"x",sequenceNo:"1"}',
        '{strandId:"x",sequenceNo:1.0}',
        '{strandId:"x",sequenceNo:1,more:1}',
        '{strandId:"x",sequenceNo:1,sequenceNo:1}',
        '{strandId:"x",sequenceNo:99999999999999999999999}',
        "{strandId:null,sequenceNo:1}",
        '{strandId:"x",sequenceNo:1} {strandId:"x",sequenceNo:1}',
        NOWHERE,
    ],
)
def test_address_that_is_none_or_of_no_block_is_refused_naming_the_parameter(local_client, digest, block, address):
    ledger, (place, document_id) = local_client.ledger, asked(block)
    for ask in (
        lambda: get_block(ledger, address),
        lambda: get_revision(ledger, address, document_id),
        lambda: get_block(ledger, address, digest.tip_address),
    ):
        with pytest.raises(InvalidParameterException) as refused:
            ask()
        assert refused.value.parameter == "BlockAddress"
    with pytest.raises(InvalidParameterException) as refused:
        get_block(ledger, place, address)
    assert refused.value.parameter == "DigestTipAddress"


def test_long_nonsense_is_not_repeated_in_full(local_client):
    with pytest.raises(InvalidParameterException) as refused:
        get_block(local_client.ledger, '{a:"' + "x" * 9000 + '"}')
    assert len(refused.value.message) < 250


def test_block_and_tip_that_do_not_exist_yet_are_refused(local_client, digest, block):
    ledger, strands = local_client.ledger, local_client.ledger.settings.strands
    tips = tip_addresses(digest.tip_address, strands)
    later = [tips[0]._replace(sequence_no=tips[0].sequence_no + 1), *tips[1:]]
    with pytest.raises(
        InvalidParameterException, match=f"there is no block {later[0].sequence_no} on strand"
    ) as refused:
        get_block(ledger, written([later[0]]), written(later))
    assert refused.value.parameter == "BlockAddress"
    with pytest.raises(InvalidParameterException, match="there is no block") as refused:
        get_block(ledger, written([tips[0]]), written(later))
    assert refused.value.parameter == "DigestTipAddress"


def test_tip_of_too_few_or_doubled_or_strange_strands_is_refused_and_their_order_does_not_matter(local_client, block):
    ledger, strands = local_client.ledger, local_client.ledger.settings.strands
    digest = get_digest(ledger)
    tips = tip_addresses(digest.tip_address, strands)
    place, _ = asked(block)
    strange = BlockAddress("0" * 22, 1)
    for wrong in ([*tips, strange], [strange, *tips[1:]], [*tips, tips[0]], [*tips[:-1], strange]):
        with pytest.raises(InvalidParameterException, match="DigestTipAddress is"):
            get_block(ledger, place, written(wrong))
    if len(tips) > 1:
        with pytest.raises(InvalidParameterException, match="DigestTipAddress is"):
            get_block(ledger, place, written(tips[:-1]))
    assert get_block(ledger, place, written(tips[::-1])).digest == digest.digest


def test_document_that_is_not_in_the_block_is_refused(local_client, digest, block):
    ledger, (place, document_id) = local_client.ledger, asked(block)
    other = next(each for each in local_client.blocks() if each.documents and each != block)
    table_id = block.revisions[0].table_id
    for missing in (other.revisions[0].metadata.id, table_id, document_id[:-1], "", "x" * 500):
        with pytest.raises(InvalidParameterException, match="holds no revision of document") as refused:
            get_revision(ledger, place, missing, digest.tip_address)
        assert refused.value.parameter == "DocumentId"
        assert len(refused.value.message) < 200


def test_table_is_no_document(local_client):
    block = next(block for block in local_client.blocks() if block.revisions and not block.documents)
    with pytest.raises(InvalidParameterException, match="holds no revision"):
        get_revision(local_client.ledger, *asked(block))


def test_hidden_middle_of_the_journal_is_corrupt_to_a_proof_that_needs_it(local_client, digest, block):
    store, place = local_client.ledger.store, block.address
    needed = set(range(digest_tip(local_client, digest, place.strand_id).sequence_no)) - {place.sequence_no}
    missed = set()
    for sequence_no in needed:
        key = block_key(BlockAddress(place.strand_id, sequence_no))
        cell = store.get([key])[key]
        store.commit({key: None}, {key: cell.version})
        with suppress(Corrupt):
            get_block(local_client.ledger, written([place]), digest.tip_address)
            missed.add(sequence_no)
        store.commit({key: cell.data}, {key: None})
    assert missed < needed


def digest_tip(client, digest, strand_id):
    return next(
        tip for tip in tip_addresses(digest.tip_address, client.ledger.settings.strands) if tip.strand_id == strand_id
    )


def overwrite(store, address, change):
    key = block_key(address)
    cell = store.get([key])[key]
    store.commit({key: change(cell.data)}, {key: cell.version})


def test_value_edited_in_its_cell_behind_an_intact_hash_is_not_proven(local_client, digest):
    block = next(block for block in local_client.blocks() if b"balance" in (block.revisions[0].data or b""))
    shown = proven(local_client, block, digest)
    assert is_proven("revision", *shown)
    data = block.revisions[0].data
    edited = ion.dumps({**ion.loads(data), "balance": 77})
    overwrite(local_client.ledger.store, block.address, lambda cell: resized(cell, data, edited))
    assert not is_proven("revision", *proven(local_client, block, digest))


def resized(cell, data, edited):
    """The cell with its document replaced, its length before it."""
    old, new = (len(each).to_bytes(4, "big") + each for each in (data, edited))
    assert old in cell
    return cell.replace(old, new)


def proven(client, block, digest):
    answer = get_revision(client.ledger, *asked(block), digest.tip_address)
    return ion.loads(ion.dumps(answer.revision)), ion.loads(ion.dumps(answer.proof)), digest.digest
