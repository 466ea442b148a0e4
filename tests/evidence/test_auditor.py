"""The auditor goes on where it stopped, and names what was changed behind the ledger's back, and since when."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger import clock, ion, settings
from ledger.audit import budget as budgets
from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.catalog import CATALOG_KEY, Catalog
from ledger.documents import history_key, read_current, write_current
from ledger.indexes import ENTRY, document_partition, entry_key, head_key
from ledger.journal.cell import write_stored
from ledger.notary.notary import Notary
from ledger.record import pack
from ledger.settings import SETTINGS_KEY
from ledger.store import SQLiteStore
from ledger.strand import block_key, tip
from tests.evidence.conftest import NEW_ONLY, blocks_with_revisions
from tests.ledger.test_audit import cells, overwrite


def table_of(watched):
    return Catalog.from_cell(watched.store.get([CATALOG_KEY])[CATALOG_KEY]).tables[0]


def with_data(revision, **fields):
    data = ion.struct([*ion.fields(ion.loads(revision.data)), *fields.items()])
    return replace(revision, data=ion.dumps(data))


# Going on


def test_a_sound_ledger_has_no_findings_and_the_report_says_what_was_done(watched, tmp_path):
    report = watched.audit()
    assert (report.finished, report.finding_count, report.newest_digest.number) == (True, 0, 1)
    assert (report.audit_age, report.digest_age) == (0, 0)
    [*_, newest] = sorted((tmp_path / "demo/audits").glob("*/*/*/*.json"))
    kept = json.loads(newest.read_text())
    assert (kept["blocks"], kept["findingCount"], kept["newestDigest"]["number"]) == (report.blocks, 0, 1)
    assert kept["fullAudit"]["number"] == 3, "a pass was completed by each run"


def test_only_what_is_new_is_read_if_there_is_no_time_for_more(watched):
    watched.add(7)
    assert watched.audit(NEW_ONLY).blocks <= 8
    assert watched.audit(NEW_ONLY).blocks <= 1


def test_everything_is_read_again_if_there_is_time(watched):
    total = len(cells(watched.client, "block/"))
    assert watched.audit().blocks == total


@pytest.mark.parametrize("limit", [2, 7, 23])
def test_runs_that_are_too_short_go_on_until_all_is_done(watched, steps, limit):
    watched.add(30)
    reports = [watched.audit(Budget(seconds=limit), anew=True)]
    while not reports[-1].finished:
        reports.append(watched.audit(Budget(seconds=limit)))
        assert len(reports) < 200
    assert len(reports) > 2
    assert sum(report.blocks for report in reports) <= len(cells(watched.client, "block/")) + len(reports)
    assert not any(report.finding_count for report in reports)


def test_what_was_changed_long_ago_is_found_within_one_whole_pass_of_short_runs(watched, steps):
    watched.add(20)
    watched.audit(Budget())
    key, stored = blocks_with_revisions(watched)[3]
    [revision] = stored.block.revisions[:1]
    changed = [with_data(each, x=1) if each is revision else each for each in stored.block.revisions]
    overwrite(watched.client, key, write_stored(stored._replace(block=replace(stored.block, revisions=changed))))
    first = watched.audit(Budget(rolling_seconds=5))
    number, reports = first.full_audit["number"], [first]
    while reports[-1].full_audit["number"] == number:
        reports.append(watched.audit(Budget(rolling_seconds=5)))
        assert len(reports) < 100
    assert len(reports) > 3
    assert any("does not have its hash" in finding["what"] for finding in reports[-1].findings)


def test_an_interrupted_look_for_the_values_of_a_new_index_goes_on(watched, steps):
    watched.add(30)
    watched.audit()
    watched.client.run("CREATE INDEX ON T (n)")
    reports = [watched.audit(Budget(seconds=25))]
    while not reports[-1].finished:
        reports.append(watched.audit(Budget(seconds=25)))
        assert len(reports) < 50
    assert len(reports) > 1
    assert watched.said() == []


def test_a_ledger_that_is_written_to_while_it_is_audited_has_no_findings(watched, monkeypatch):
    statements = itertools.cycle(
        ["UPDATE T SET n = n + 1 WHERE k = 'a'", "INSERT INTO T {'k': 5}", "DELETE FROM T WHERE k = 5"]
    )
    real, count = budgets.Stopwatch.progress, itertools.count()

    def progress(watch, *done):
        if next(count) % 7 == 0:
            watched.client.run(next(statements))
            watched.notarise()
        real(watch, *done)

    watched.add(10)
    monkeypatch.setattr(budgets.Stopwatch, "progress", progress)
    for _ in range(3):
        assert watched.said() == []


def test_a_digest_that_was_taken_before_the_end_of_the_last_audit_is_no_finding(watched):
    """Notary and auditor run side by side, so an auditor may have read on beyond the tips of the next digest."""
    watched.add(5)
    late = []
    archive = watched.archive
    slow = replaced_write(archive, late)
    Notary(watched.store, "demo", slow, watched.signer).notarise()
    watched.add(5)
    assert watched.said() == []
    archive.write(*late[0])
    assert watched.said() == []
    assert watched.audit().newest_digest.number == 2


def replaced_write(archive, late):
    class Slow:
        def __getattr__(self, name):
            return getattr(archive, name)

        def write(self, number, data):
            late.append((number, data))
            return True

    return Slow()


@pytest.mark.parametrize("damage", ["other version", "no database", "cut"])
def test_state_that_cannot_be_used_is_learned_again(watched, tmp_path, damage):
    state = tmp_path / "demo/audits/state.db"
    if damage == "other version":
        state.write_bytes(state.read_bytes().replace(b'format"4"', b'format"1"'))
    else:
        state.write_bytes(b"no database, " * 100 if damage == "no database" else state.read_bytes()[:5000])
    report = watched.audit(NEW_ONLY)
    assert (report.finished, report.finding_count) == (True, 0)
    assert report.blocks == len(cells(watched.client, "block/"))


def test_begun_anew_all_is_read(watched):
    assert watched.audit(NEW_ONLY, anew=True).blocks == len(cells(watched.client, "block/"))


def test_ages_grow_while_nothing_is_audited_or_notarised(watched):
    watched.add()
    now = clock.now()
    report = watched.audit(Budget(seconds=0), now=lambda: now + timedelta(hours=2))
    assert not report.finished
    assert 7200 <= report.digest_age <= report.audit_age < 10_000
    watched.notarise()
    assert watched.audit(now=lambda: now + timedelta(hours=3)).digest_age == 0


# What is new is compared at once


def test_wrong_cells_of_new_revisions_are_found_without_a_whole_pass(watched):
    watched.client.run("INSERT INTO T ?", {"k": "new", "n": 1})
    watched.client.run("UPDATE T SET k = 'moved' WHERE k = 'c'")
    table = table_of(watched)
    current = next(
        key for key in cells(watched.client, "document/") if b"\x83new" in watched.store.get([key])[key].data
    )
    revision = read_current(watched.store.get([current])[current].data)
    overwrite(watched.client, current, write_current(with_data(revision, n=5)))
    overwrite(watched.client, history_key(current.sort, 0), None)
    moved = document_partition(table.indexes[0], {"k": "moved"})
    old = document_partition(table.indexes[0], {"k": "c"})
    [entry] = [key for key in cells(watched.client, moved) if key.sort]
    overwrite(watched.client, entry, None)
    overwrite(watched.client, entry_key(old, entry.sort), ENTRY)
    said = watched.said(NEW_ONLY)
    assert f"document {current.sort}: its current revision is not the newest of the journal" in said
    assert f"document {current.sort}: its history pointer 0000000000 is wrong" in said
    assert any(f"lacks the entry of document {entry.sort} at {moved}" in text for text in said)
    assert any(
        f"has an entry of document {entry.sort}, which does not have the value at {old}" in text for text in said
    )


def test_an_entry_that_a_deletion_left_behind_is_found_without_a_whole_pass(watched):
    partition = document_partition(table_of(watched).indexes[0], {"k": "c"})
    [entry] = [key for key in cells(watched.client, partition) if key.sort]
    head = watched.store.get([head_key(partition)])[head_key(partition)].data
    watched.client.run("DELETE FROM T WHERE k = 'c'")
    overwrite(watched.client, entry, ENTRY)
    overwrite(watched.client, head_key(partition), head)
    assert any(f"has an entry of document {entry.sort}" in text for text in watched.said(NEW_ONLY))


def test_a_lost_history_pointer_of_an_old_revision_is_left_to_the_whole_pass(watched):
    """Else each audit would read the whole history of every account that had a transaction."""
    document_id = next(key.sort for key in cells(watched.client, "document/"))
    pointer = cells(watched.client, f"history/{document_id}")[0]
    overwrite(watched.client, pointer, None)
    watched.client.run("UPDATE T SET n = 9")
    assert watched.said(NEW_ONLY) == []
    assert watched.said() == [f"document {document_id}: its history pointer {pointer.sort} is wrong"]


# Findings come and go


def test_a_finding_stays_until_a_whole_pass_has_not_seen_it_again(watched, steps):
    pointer = cells(watched.client, "history/")[0]
    data = watched.store.get([pointer])[pointer].data
    overwrite(watched.client, pointer, None)
    [finding] = watched.audit().findings
    overwrite(watched.client, pointer, data)
    [still] = watched.audit(Budget(rolling_seconds=3)).findings
    assert still == finding
    assert watched.audit().finding_count == 0


def test_a_finding_keeps_the_day_on_which_it_was_found(watched):
    overwrite(watched.client, cells(watched.client, "history/")[0], None)
    [first] = watched.audit().findings
    watched.add()
    watched.notarise()
    assert watched.audit().findings == (first,)
    assert first["since"]["number"] == 1


def test_since_is_the_newest_digest_when_the_last_whole_pass_began(watched):
    for _ in range(2):
        watched.add()
        watched.notarise()
        watched.audit()
    watched.add()
    watched.notarise()
    overwrite(watched.client, cells(watched.client, "history/")[0], None)
    [finding] = watched.audit().findings
    assert finding["since"]["number"] == 3
    assert finding["found"] > finding["since"]["date"]


def test_there_is_no_since_for_what_was_wrong_from_the_first_audit_on(watched):
    overwrite(watched.client, cells(watched.client, "history/")[0], None)
    [finding] = watched.audit(anew=True).findings
    assert finding["since"] is None


def test_many_findings_are_counted_and_the_first_thousand_shown_those_of_the_journal_first(watched, monkeypatch):
    monkeypatch.setattr("ledger.audit.report._MOST", 3)
    for key in cells(watched.client, "history/")[:5]:
        overwrite(watched.client, key, None)
    last = tip(watched.store, watched.ledger.settings.strands[0]).address
    overwrite(watched.client, block_key(last), None)
    report = watched.audit()
    assert report.finding_count > 5
    assert report.findings[0]["kind"] == "block"
    assert len(report.findings) == 3


# The ledger as a whole


def test_a_ledger_that_is_gone_is_a_finding(watched):
    overwrite(watched.client, SETTINGS_KEY, None)
    report = watched.audit()
    assert (report.finished, report.finding_count, report.digest_age) == (False, 1, None)
    assert report.findings[0]["what"].startswith("it is not there: ")


@pytest.mark.parametrize("data", [b"", b"nonsense", pack({}), pack([]), pack({"name": "demo"})])
def test_settings_that_cannot_be_read_are_a_finding(watched, data):
    overwrite(watched.client, SETTINGS_KEY, data)
    report = watched.audit()
    assert (report.finished, report.finding_count, report.findings[0]["kind"]) == (False, 1, "settings")


def test_another_ledger_in_its_place_is_a_finding(watched, tmp_path):
    other = SQLiteStore(tmp_path / "other.db")
    settings.create(other, "demo", strands=2)
    report = Auditor(other, "demo", watched.archive, watched.keys, watched.files).run()
    other.close()
    assert report.findings[0]["what"] == "its strands are not those that were audited before: it is another ledger"
    assert watched.said() == [], "what was known of the ledger is still known"


def test_a_catalog_that_is_not_the_journals_is_found_at_once(watched):
    cell = watched.store.get([CATALOG_KEY])[CATALOG_KEY]
    catalog = Catalog.from_cell(cell)
    overwrite(watched.client, CATALOG_KEY, replace(catalog, tables=()).to_cell())
    assert any("is missing from the catalog" in text for text in watched.said(NEW_ONLY))


# Costs


def test_few_cells_are_read_for_a_block(watched):
    blocks = 40
    watched.add(blocks)
    before = watched.store.reads
    watched.audit(NEW_ONLY)
    # The block, its pointer, its current revision, the value's head and entry; looked at together for each value.
    assert watched.store.reads - before <= 6 * blocks + 60
