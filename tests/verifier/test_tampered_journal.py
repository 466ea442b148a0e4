"""A whole journal whose blocks were dropped, swapped, inserted, cut off or made anew, against a digest kept before."""

from itertools import groupby

import pytest

from ledger import ion
from ledger.control.digest import get_digest
from ledger.journal.hashing import dot, merkle_root
from tests.ledger.support import Client
from tests.verifier.test_forgeries import changed
from tests.verifier.verdicts import is_whole


def strands_of(blocks):
    return [list(each) for _, each in groupby(blocks, key=lambda block: str(block["blockAddress"]["strandId"]))]


def longest(journal):
    """The blocks of the strand with the most, and those of the others."""
    strands = sorted(strands_of(journal.blocks()), key=len)
    return strands[-1], [block for strand in strands[:-1] for block in strand]


def chained(blocks):
    """The blocks with each chained anew to the one before it, as whoever rewrites a journal must do."""
    previous, made = b"", []
    for block in blocks:
        block_hash = dot(merkle_root(list(block["entriesHashList"])), previous)
        made.append(changed(block, previousBlockHash=previous, blockHash=block_hash))
        previous = block_hash
    return made


def test_the_whole_journal_is_that_of_its_digest(journal):
    assert is_whole(journal.blocks())
    assert is_whole(journal.blocks(), journal.digest)


def test_blocks_that_came_after_the_digest_do_not_matter(journal):
    for number in range(8):
        Client(journal.ledger).run("INSERT INTO T ?", {"k": number})
    assert is_whole(journal.blocks(), journal.digest)
    assert is_whole(journal.blocks(), get_digest(journal.ledger))


def test_part_of_a_strand_is_chained_but_is_not_the_journal_of_the_digest(journal):
    strand, others = longest(journal)
    assert is_whole([*strand[1:], *others])
    assert not is_whole([*strand[1:], *others], journal.digest)


def test_a_dropped_block_is_missed(journal):
    strand, others = longest(journal)
    for position in range(1, len(strand) - 1):
        blocks = [*strand[:position], *strand[position + 1 :]]
        assert not is_whole(blocks)
        assert not is_whole([*blocks, *others], journal.digest)


def test_truncated_strand_is_chained_but_ends_before_the_digest(journal):
    for strand in strands_of(journal.blocks()):
        rest = [
            block
            for block in journal.blocks()
            if block["blockAddress"]["strandId"] != strand[0]["blockAddress"]["strandId"]
        ]
        assert is_whole([*rest, *strand[:-1]])
        assert not is_whole([*rest, *strand[:-1]], journal.digest)


def test_swapped_blocks_are_out_of_order(journal):
    strand, others = longest(journal)
    for position in range(len(strand) - 1):
        swapped = [*strand[:position], strand[position + 1], strand[position], *strand[position + 2 :]]
        assert not is_whole([*swapped, *others])


def test_inserted_blocks_do_not_fit(journal):
    strand, others = longest(journal)
    for position in range(1, len(strand)):
        doubled = [*strand[: position + 1], *strand[position:]]
        assert not is_whole(doubled)
        shifted = chained([strand[0], strand[1], *strand[1:]])
        assert not is_whole([*shifted, *others], journal.digest)


def test_hidden_middle_of_the_chain_is_noticed_even_if_it_is_chained_and_numbered_anew(journal):
    strand, _ = longest(journal)
    hidden = [*strand[:1], *strand[2:]]
    numbered = [
        changed(block, blockAddress=changed(block["blockAddress"], sequenceNo=number))
        for number, block in enumerate(hidden)
    ]
    assert not is_whole(chained(hidden))
    assert not is_whole(chained(numbered))


def test_spliced_fork_is_chained_but_not_the_journal_of_the_digest(journal):
    """Who has the data can make a perfect other journal; only a digest that was kept tells the two apart."""
    strand, others = longest(journal)
    fork = chained([*strand[:-1], with_another_clock(strand[-1])])
    assert is_whole([*fork, *others])
    assert not is_whole([*fork, *others], journal.digest)


def with_another_clock(block):
    """The block as if it were of another moment, with the hashes that it then has."""
    later = ion.parse("2030-01-01T00:00:00.000Z")
    moved = changed(block, blockTimestamp=later)
    place = {name: moved[name] for name in ("blockAddress", "transactionId", "blockTimestamp")}
    entries = [ion.digest(place), *block["entriesHashList"][1:]]
    return changed(moved, entriesHashList=entries, entriesHash=merkle_root(entries))


@pytest.mark.parametrize("name", ["digest", "digestTipAddress"])
def test_a_journal_is_not_that_of_a_digest_with_another_hash_or_tip(journal, name):
    if name == "digest":
        other = journal.digest._replace(digest=bytes(32))
    else:
        tip = ion.parse(journal.digest.tip_address)
        first = tip[0] if isinstance(tip, list) else tip
        text = journal.digest.tip_address.replace(
            f"sequenceNo:{first['sequenceNo']}", f"sequenceNo:{first['sequenceNo'] - 1}", 1
        )
        other = journal.digest._replace(tip_address=text)
    assert not is_whole(journal.blocks(), other)
