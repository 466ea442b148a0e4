"""The auditor holds the journal against the notarised digests and against what it read before."""

import itertools
from dataclasses import replace
from datetime import timedelta

from ledger import ion
from ledger.journal import tree
from ledger.journal.cell import StoredBlock, read_block, write_stored
from ledger.journal.revision import BlockAddress
from ledger.redaction import PENDING
from ledger.store import Key
from ledger.strand import block_key, tip
from tests.evidence.conftest import NEW_ONLY, blocks_with_revisions
from tests.ledger.test_audit import cells, overwrite


def test_a_cut_off_journal_is_held_against_the_newest_digest(watched):
    before = watched.notary.newest().statement
    watched.add(9)
    made = watched.notarise()
    watched.audit()
    last = next(tip for tip in made.statement.tips if tip not in before.tips)
    strand_id = last.strand_id
    overwrite(watched.client, block_key(last), None)
    what = f"ends with block {last.sequence_no - 1}, but {made.statement.name} covers it up to {last.sequence_no}"
    assert any(text.startswith(f"strand {strand_id}: {what}; it fits up to digest 1 of") for text in watched.said())


def rewritten(watched, strand_id, number):
    """Write the strand anew from a block on, with another time in that block and all hashes right."""
    before = BlockAddress(strand_id, number - 1)
    link = read_block(watched.store.get([block_key(before)])[block_key(before)].data)
    address, first = BlockAddress(strand_id, number), True
    while cell := watched.store.get([block_key(address)]).get(block_key(address)):
        block = replace(read_block(cell.data).block, previous_hash=link.hash)
        if first:
            block = replace(block, timestamp=block.timestamp + timedelta(milliseconds=1))
        link = appended(link, block)
        overwrite(watched.client, block_key(address), write_stored(link))
        address, first = address._replace(sequence_no=address.sequence_no + 1), False


def appended(link, block):
    block_hash = block.computed_hash()
    return StoredBlock(block, block_hash, tree.append(block.address.sequence_no, link.growth.peaks, block_hash))


def test_a_journal_that_was_written_anew_is_held_against_the_digests_and_the_place_is_narrowed_down(watched):
    ends = []
    for _ in range(6):
        watched.add(9)
        ends.append(watched.notarise().statement)
    watched.audit()
    # One that has grown between the two digests, which chance may keep some from.
    strand_id = next(tip for tip in ends[3].tips if tip not in ends[2].tips).strand_id
    tips = [next(tip for tip in statement.tips if tip.strand_id == strand_id).sequence_no for statement in ends]
    rewritten(watched, strand_id, tips[2] + 1)
    assert any(
        text == f"strand {strand_id}: is not the one of {ends[3].name}: something in its blocks {tips[2] + 1} to "
        f"{tips[3]} was changed; it fits up to {ends[2].name}"
        for text in watched.said()
    )


def test_new_blocks_that_were_audited_but_not_notarised_yet_cannot_be_written_anew_either(watched):
    notarised = {each.strand_id: each.sequence_no for each in watched.notary.newest().statement.tips}
    watched.add(12)
    watched.audit()
    tips = [tip(watched.store, strand_id).address for strand_id in watched.ledger.settings.strands]
    last = max(tips, key=lambda each: each.sequence_no - notarised[each.strand_id])
    assert last.sequence_no - 1 > notarised[last.strand_id]
    rewritten(watched, last.strand_id, last.sequence_no - 1)
    where = f"block {last.sequence_no} of strand {last.strand_id}"
    assert f"{where}: is not the one that was read there before" in watched.said(NEW_ONLY)


def test_a_missing_block_in_the_middle_does_not_make_the_digests_doubtful(watched):
    watched.add(20)
    watched.notarise()
    watched.audit()
    pairs = itertools.pairwise(blocks_with_revisions(watched))
    key, stored = next(one for one, following in pairs if one[0].partition == following[0].partition)
    overwrite(watched.client, key, None)
    where = f"block {stored.block.address.sequence_no} of strand {stored.block.address.strand_id}"
    assert watched.said() == [f"{where}: is missing"]


def second_update(watched):
    """The place of the block of a document's revision 2, that block, and the revision."""
    for key, stored in blocks_with_revisions(watched):
        [revision, *_] = stored.block.revisions
        if revision.metadata.version == 2:
            return key, stored, revision
    raise AssertionError("no document has a revision 2")


def test_blocks_that_say_that_they_are_redacted_without_a_block_that_asks_for_it_are_found(watched):
    key, stored, revision = second_update(watched)
    redacted = replace(revision, data=None, data_hash=ion.digest(ion.loads(revision.data)))
    overwrite(watched.client, key, write_stored(stored._replace(block=replace(stored.block, revisions=[redacted]))))
    assert watched.said() == [
        f"document {revision.metadata.id}: its revision 2 is redacted, but no block asks for that"
    ]


def test_a_redaction_after_an_audit_is_no_finding(watched):
    _, stored, revision = second_update(watched)
    address = ion.text(stored.block.address.to_ion())
    watched.client.run(f"EXEC REDACT_REVISION `{address}`, '{revision.table_id}', '{revision.metadata.id}'")
    watched.ledger.complete_redactions()
    assert watched.said() == []
    assert watched.said() == []


def test_a_note_that_asks_for_a_redaction_nobody_committed_is_found(watched):
    document_id = next(key.sort for key in cells(watched.client, "document/"))
    watched.store.commit({Key(PENDING, f"{document_id}/0"): b"{}"}, {Key(PENDING, f"{document_id}/0"): None})
    assert watched.said() == [
        f"document {document_id}: its revision 0 is noted to be redacted, but no block asks for that"
    ]


def test_a_cell_that_is_no_block_is_found_even_behind_all_others(watched):
    strand_id = watched.ledger.settings.strands[0]
    watched.store.commit({Key(f"block/{strand_id}", "~"): b""}, {Key(f"block/{strand_id}", "~"): None})
    assert f"strand {strand_id}: has a cell '~' that is no block" in watched.said(NEW_ONLY)
