"""A check that is interrupted goes on where it was; one of a ledger that is written to meanwhile is not misled."""

import tracemalloc
from contextlib import closing

import pytest

from ledger.audit import Check, audit, checkpoint
from ledger.audit.checkpoint import CheckpointError
from ledger.catalog import CATALOG_KEY, Catalog
from ledger.indexes import Head, head_key, value_partition
from ledger.journal.revision import BlockAddress
from ledger.record import pack, unpack
from ledger.store import sqlite
from ledger.strand import block_key
from tests.ledger.test_audit import cells, overwrite


class Interrupted(Exception):
    pass


@pytest.fixture
def filled(local_client, monkeypatch):
    """A ledger with twenty documents and thirty revisions."""
    monkeypatch.setattr(checkpoint, "_SAVE_SECONDS", -1.0)
    for number in range(20):
        local_client.run("INSERT INTO T ?", {"k": number % 7})
    for number in range(10):
        local_client.run("UPDATE T SET n = 1 WHERE k = ?", number % 3)
    return local_client


def interrupted(client, file, after):
    """Check up to the `after`-th step, and return what was done by then; None if the check came to its end."""
    seen = []

    def progress(what, done, total):
        seen.append((what, done))
        if len(seen) == after:
            raise Interrupted

    with closing(Check(client.ledger.store, "demo", checkpoint=file, progress=progress)) as check:
        try:
            list(check.run())
        except Interrupted:
            return seen
    return None


def finish(client, file):
    seen = []
    report = lambda what, done, total: seen.append((what, done))  # noqa: E731
    with closing(Check(client.ledger.store, "demo", checkpoint=file, progress=report)) as check:
        return [*check.run()], seen


@pytest.mark.parametrize("after", [1, 7, 30, 38, 45, 60])
def test_an_interrupted_check_does_not_read_again_what_it_had_read(filled, tmp_path, after):
    before = interrupted(filled, tmp_path / "check", after)
    findings, seen = finish(filled, tmp_path / "check")
    assert findings == []
    blocks = [done for what, done in before + seen if what == "blocks"]
    # The step that was interrupted may not have been saved.
    assert len(blocks) - len(set(blocks)) <= 1


def test_findings_from_before_an_interruption_are_given_by_the_check_that_goes_on(filled, tmp_path):
    first = block_key(BlockAddress(filled.ledger.settings.strands[0], 1))
    header, payloads = unpack(filled.ledger.store.get([first])[first].data)
    overwrite(filled, first, pack({**header, "transaction": "x" * 22}, payloads))
    whole = list(audit(filled.ledger.store, "demo"))
    interrupted(filled, tmp_path / "check", 20)
    assert whole
    assert finish(filled, tmp_path / "check")[0] == whole


def test_a_ledger_that_grew_during_an_interruption_is_checked_to_its_new_end(filled, tmp_path):
    assert interrupted(filled, tmp_path / "check", 40)
    filled.run("UPDATE T SET n = 2")
    filled.run("INSERT INTO T ?", {"k": 99})
    filled.run("CREATE INDEX ON T (n)")
    filled.run("DELETE FROM T WHERE k = 1")
    findings, seen = finish(filled, tmp_path / "check")
    assert findings == []
    assert max(done for what, done in seen if what == "blocks") == len(cells(filled, "block/"))


def test_a_block_rewritten_during_an_interruption_is_found_if_the_chain_after_it_fits(filled, tmp_path):
    """Whoever rewrites the journal from some block on cannot hide it from a check that had read that block."""
    assert interrupted(filled, tmp_path / "check", 45)
    for strand_id in filled.ledger.settings.strands:
        [*_, last] = cells(filled, f"block/{strand_id}")
        overwrite(filled, last, None)
    findings, _ = finish(filled, tmp_path / "check")
    assert any(what == "is not the one that was read there before" for _, what in findings)


def test_a_checkpoint_of_another_ledger_is_refused(filled, tmp_path):
    (tmp_path / "check").write_bytes(b"something else, and long enough to be no database at all" * 9)
    with pytest.raises(CheckpointError, match="is not a checkpoint of a check"):
        Check(filled.ledger.store, "demo", checkpoint=tmp_path / "check")
    with closing(checkpoint.Checkpoint("another", tmp_path / "other")), pytest.raises(CheckpointError, match="remove"):
        Check(filled.ledger.store, "demo", checkpoint=tmp_path / "other")


STATEMENTS = [
    "INSERT INTO T {'k': 1, 'n': 1}",
    "UPDATE T SET k = k + 1 WHERE n = 1",
    "DELETE FROM T WHERE k = 4",
    "INSERT INTO T {'k': 4}",
    "UPDATE T SET k = 0 WHERE k = 5",
]


def writing(client, every):
    steps = iter(range(10_000))

    def progress(what, done, total):
        step = next(steps)
        if step % every == 0 and step < 200:
            client.run(STATEMENTS[step // every % len(STATEMENTS)])
        if step == 41:
            client.run("CREATE INDEX ON T (n)")

    return progress


@pytest.mark.parametrize("every", [1, 5])
def test_a_ledger_that_is_written_to_while_it_is_checked_has_no_findings(filled, every):
    with closing(Check(filled.ledger.store, "demo", progress=writing(filled, every))) as check:
        assert list(check.run()) == []


def test_what_is_wrong_is_found_while_the_ledger_is_written_to(filled):
    filled.run("INSERT INTO T {'k': 'left alone'}")
    [table] = Catalog.from_cell(filled.ledger.store.get([CATALOG_KEY])[CATALOG_KEY]).tables
    overwrite(filled, head_key(value_partition(table.indexes[0], "left alone")), Head().to_cell())
    overwrite(filled, cells(filled, "history/")[3], None)
    with closing(Check(filled.ledger.store, "demo", progress=writing(filled, 3))) as check:
        wrong = [what for _, what in check.run()]
    assert [what.split(" ")[1] for what in sorted(wrong)] == ["head", "history"]


def test_memory_does_not_grow_with_the_ledger(local_client, monkeypatch):
    """A dict of all documents, or of all revisions, would make the second peak eight times the first."""
    monkeypatch.setattr(sqlite, "_PAGE_CELLS", 8)
    peaks = []
    for blocks in (20, 140):
        for _ in range(blocks):
            local_client.run("INSERT INTO T ?", [{"k": number, "text": "x" * 500} for number in range(10)])
        tracemalloc.start()
        assert local_client.findings() == []
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]
