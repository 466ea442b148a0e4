"""A digest is notarised only if it continues the newest one in the archive; what does not fit is named."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger import settings
from ledger.catalog import CATALOG_KEY
from ledger.control.digest import get_digest
from ledger.journal import proof
from ledger.journal.cell import read_block, write_block
from ledger.journal.revision import BlockAddress
from ledger.notary.errors import ArchiveDamagedError, HistoryRewrittenError
from ledger.notary.notary import Notary, newest
from ledger.notary.signing import LocalSigner
from ledger.record import pack
from ledger.settings import SETTINGS_KEY, LedgerNotFoundError
from ledger.store import SQLiteStore
from ledger.store.base import Corrupt
from ledger.strand import block_key, tip
from ledger.verification.notarised import Notarised, check_continuation, check_signature
from tests.ledger.test_audit import cells, overwrite


def chain_of(notarising):
    """All notarised digests, each checked to be signed and to continue the one before."""
    found = []
    for entry in notarising.archive.entries(0):
        notarised = Notarised.read(notarising.archive.read(entry))
        check_signature(notarised, notarising.keys)
        if found:
            assert list(check_continuation(found[-1].statement, notarised))
        found.append(notarised)
    return found


def test_first_digest_is_that_of_the_ledger_and_its_key_is_published(notarising, tmp_path):
    made = notarising.notary.notarise()
    digest = get_digest(notarising.client.ledger)
    assert made.statement.digest == digest.digest
    assert made.statement.number == 0
    [key] = (tmp_path / "archive/demo/keys").iterdir()
    assert key.read_text() == notarising.signer.public_key.to_pem()
    assert (tmp_path / "archive/demo/digests/000000/000000000.json").read_text() == made.to_json()


def test_every_digest_of_a_growing_ledger_continues_the_one_before(notarising):
    for count in (0, 1, 2, 3, 5, 8, 1, 13):
        notarising.add(count)
        notarising.notary.notarise()
    chain = chain_of(notarising)
    assert [made.statement.number for made in chain] == list(range(8))
    assert chain[-1].statement.digest == get_digest(notarising.client.ledger).digest


def test_unless_a_tip_has_moved_nothing_is_written(notarising):
    notarising.notary.notarise()
    assert notarising.notary.notarise() is None
    assert len(chain_of(notarising)) == 1


def test_of_two_notaries_at_once_one_writes_the_number(notarising):
    def notarise(_):
        store = notarising.client.ledger.store
        return Notary(store, "demo", notarising.archive, notarising.signer).notarise()

    for _ in range(5):
        notarising.add()
        with ThreadPoolExecutor(3) as pool:
            made = [each for each in pool.map(notarise, range(3)) if each]
        assert made, "nobody did"
    chain = chain_of(notarising)
    assert chain[-1].statement.digest == get_digest(notarising.client.ledger).digest


def test_ledger_that_is_not_there_was_never_notarised(notarising):
    notary = Notary(notarising.client.ledger.store, "another", notarising.archive, notarising.signer)
    with pytest.raises(LedgerNotFoundError):
        notary.notarise()


def refused(notarising):
    """What the notary says does not fit; nothing may be written."""
    before = len(list(notarising.archive.entries(0)))
    with pytest.raises(HistoryRewrittenError) as raised:
        notarising.notary.notarise()
    assert len(list(notarising.archive.entries(0))) == before
    return raised.value.problems


def replace_last(notarising, strand_id):
    """Write another block in place of a strand's last one, with all hashes and nodes right."""
    store = notarising.client.ledger.store
    last = tip(store, strand_id).address
    keys = [block_key(BlockAddress(strand_id, number)) for number in (last.sequence_no - 1, last.sequence_no)]
    before, stored = (read_block(store.get([key])[key].data) for key in keys)
    block = replace(stored.block, timestamp=stored.block.timestamp + timedelta(seconds=1))
    overwrite(notarising.client, keys[1], write_block(block, before.growth.peaks))
    return last


def test_history_that_was_cut_off_is_refused_and_the_strand_and_its_size_are_named(notarising):
    notarising.add(9)
    made = notarising.notary.notarise()
    strands = notarising.client.ledger.settings.strands
    last = tip(notarising.client.ledger.store, strands[0]).address
    overwrite(notarising.client, block_key(last), None)
    [problem] = refused(notarising)
    end = last.sequence_no - 1
    assert problem == (
        f"strand {strands[0]} ends with block {end}, but {made.statement.name} covers it up to block {end + 1}"
    )


def test_history_whose_last_block_was_replaced_is_refused(notarising):
    notarising.add(9)
    made = notarising.notary.notarise()
    strand_id = notarising.client.ledger.settings.strands[-1]
    last = replace_last(notarising, strand_id)
    [problem] = refused(notarising)
    assert problem.startswith(f"strand {strand_id}: its blocks up to {last.sequence_no} of {last.sequence_no} are not")
    assert made.statement.name in problem


def test_older_copy_of_the_ledger_is_refused_although_it_fits_together(notarising, tmp_path):
    store = notarising.client.ledger.store
    notarising.add(5)
    notarising.notary.notarise()
    copy = SQLiteStore(tmp_path / "copy.db")
    for key in cells(notarising.client, ""):
        copy.commit({key: store.get([key])[key].data}, {key: None})
    notarising.add(20)
    notarising.notary.notarise()
    older = Notary(copy, "demo", notarising.archive, notarising.signer)
    with pytest.raises(HistoryRewrittenError, match="ends with block"):
        older.notarise()
    copy.close()


def test_another_ledger_of_the_same_name_is_refused(notarising, tmp_path):
    notarising.notary.notarise()
    with closing(SQLiteStore(tmp_path / "other.db")) as other:
        settings.create(other, "demo", strands=len(notarising.client.ledger.settings.strands))
        with pytest.raises(HistoryRewrittenError, match="its strands are not those of before"):
            Notary(other, "demo", notarising.archive, notarising.signer).notarise()


def test_ledger_that_is_gone_is_refused(notarising):
    made = notarising.notary.notarise()
    overwrite(notarising.client, SETTINGS_KEY, None)
    assert refused(notarising) == (f"{made.statement.name} covers it, and it is not there",)


@pytest.mark.parametrize("data", [b"", b"no block", pack({}), pack([1]), pack({"address": "x"})])
def test_damaged_tip_is_refused_and_its_strand_named(notarising, data):
    notarising.notary.notarise()
    strand_id = notarising.client.ledger.settings.strands[0]
    last = tip(notarising.client.ledger.store, strand_id).address
    overwrite(notarising.client, block_key(last), data)
    [problem] = refused(notarising)
    assert problem.startswith(f"strand {strand_id} cannot be read: ")


def test_missing_block_that_the_proof_needs_is_named(notarising):
    store, strand_id = notarising.client.ledger.store, notarising.client.ledger.settings.strands[0]
    notarising.notary.notarise()
    old = tip(store, strand_id).address.sequence_no + 1
    while (new := tip(store, strand_id).address.sequence_no + 1) < 2 * old + 3:
        notarising.add()
    needed = min(proof.holders(proof.extension(old, new), new))
    key = block_key(BlockAddress(strand_id, needed))
    data = store.get([key])[key].data
    overwrite(notarising.client, key, None)
    assert refused(notarising) == (
        f"strand {strand_id} cannot be read: block {needed} of strand {strand_id} is missing",
    )
    overwrite(notarising.client, key, data)
    assert notarising.notary.notarise()


def test_forged_newest_digest_stops_the_notary(notarising):
    made = notarising.notary.notarise()
    forged = made._replace(statement=made.statement._replace(number=1, previous=made.statement.hash))
    assert notarising.archive.write(1, forged.to_json().encode())
    notarising.add()
    with pytest.raises(ArchiveDamagedError, match="number 1 in the archive of ledger demo is no digest that a notary"):
        notarising.notary.notarise()


def test_digest_signed_by_a_key_that_is_not_trusted_stops_the_notary(notarising):
    Notary(notarising.client.ledger.store, "demo", notarising.archive, LocalSigner("a stranger's")).notarise()
    notarising.add()
    with pytest.raises(ArchiveDamagedError, match="not one of those that are trusted"):
        notarising.notary.notarise()


def test_older_digest_under_a_newer_number_stops_the_notary(notarising):
    made = notarising.notary.notarise()
    notarising.archive.write(1, made.to_json().encode())
    with pytest.raises(ArchiveDamagedError, match="number 1 in the archive of ledger demo is digest 0"):
        notarising.notary.notarise()


def test_new_key_goes_on_after_the_former_one_and_is_published(notarising, tmp_path):
    notarising.notary.notarise()
    notarising.add()
    fresh, store = LocalSigner("the next key"), notarising.client.ledger.store
    made = Notary(store, "demo", notarising.archive, fresh, former=notarising.keys).notarise()
    assert (made.statement.number, made.statement.key_id) == (1, "the next key")
    assert len(list((tmp_path / "archive/demo/keys").iterdir())) == 2
    both = {**notarising.keys, fresh.key_id: fresh.public_key}
    assert newest(notarising.archive, "demo", both) == made


def test_few_cells_are_read_however_long_the_journal_is(notarising):
    store = notarising.client.ledger.store
    notarising.add(40)
    notarising.notary.notarise()
    notarising.add(40)
    before = store.reads
    notarising.notary.notarise()
    assert store.reads - before <= 1 + 10 * len(notarising.client.ledger.settings.strands)


def test_catalog_and_documents_play_no_part(notarising):
    notarising.notary.notarise()
    overwrite(notarising.client, CATALOG_KEY, b"nonsense")
    assert notarising.notary.notarise() is None
    with pytest.raises(Corrupt):
        notarising.client.run("INSERT INTO T ?", {"k": 1})
