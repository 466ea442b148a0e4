"""Whatever stands in the table, the archive or the auditor's own file: a report comes out of it, and says so."""

import copy
import json
import random
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from ledger import ion
from ledger.audit import budget as budgets
from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.audit.files import FolderAuditFiles, state_key
from ledger.catalog import CATALOG_KEY, Catalog
from ledger.documents import read_current, write_current
from ledger.indexes import Head
from ledger.journal.cell import read_block, write_stored
from ledger.journal.revision import revision_hash
from ledger.notary.archive import digest_key
from ledger.notary.signing import LocalSigner
from ledger.record import pack, unpack
from ledger.settings import SETTINGS_KEY
from ledger.store import Cell, Key
from ledger.store.base import Corrupt
from ledger.verification.notarised import Notarised
from tests.depth import examples
from tests.evidence.conftest import NEW_ONLY
from tests.ledger.test_audit import cells, overwrite

_JUNK = [None, True, -1, 0, 2**70, 1.5, "", "x" * 22, "\ud800", "2020-01-01T00:00:00.000Z", [], [1], {}, {"a": 1}]


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def replaced(value, path, junk):
    if not path:
        return junk
    changed = copy.deepcopy(value)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = junk
    return changed


def damaged(rng, data):
    """Other bytes than these: other ones here and there, fewer, or anything anywhere in the header."""
    kind = rng.randrange(4)
    if kind == 0 and data:
        changed = bytearray(data)
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(changed)
    if kind == 1:
        return data[: rng.randrange(len(data) + 1)] if data else b"x"
    try:
        header, payloads = unpack(data)
        path = rng.choice(list(places(header)))
        text = json.dumps(replaced(header, path, rng.choice(_JUNK))).encode()
    except Corrupt:
        return b"x"
    return b"".join((b"\x01", len(text).to_bytes(4, "big"), text, pack(0, payloads)[6:]))


def says_something(key, data):
    """Not so the head of a value without entries: it may as well not be there."""
    return not (key.partition.startswith("index/") and not key.sort and Head.from_cell(Cell(1, data)) == Head())


@pytest.mark.parametrize("seed", range(examples(15)))
def test_any_damage_of_any_cell_is_found_and_keeps_no_audit_from_its_end(watched, tmp_path, seed):
    rng = random.Random(seed)
    key = rng.choice(
        [key for key in cells(watched.client, "") if says_something(key, watched.store.get([key])[key].data)]
    )
    before = watched.store.get([key])[key].data
    changed = rng.choice([damaged(rng, before), None])
    if changed == before:
        return
    overwrite(watched.client, key, changed)
    assert watched.audit().finding_count
    others = FolderAuditFiles(tmp_path / "others", "demo")
    assert Auditor(watched.store, "demo", watched.archive, watched.keys, others).run().finding_count, "read anew"
    overwrite(watched.client, key, before)
    assert watched.said() == [], "put back, within one audit"


class Unreadable:
    """A store with an item that is none of the ledger's."""

    def __init__(self, store, key) -> None:
        self._store, self._key = store, key

    def __getattr__(self, name):
        return getattr(self._store, name)

    def get(self, keys):
        found = self._store.get(keys)
        if self._key in found:
            raise Corrupt(f"{self._key}: its item is none that this store writes")
        return found

    def scan(self, *arguments, **options):
        for key, cell in self._store.scan(*arguments, **options):
            if key == self._key:
                raise Corrupt(f"{self._key}: its item is none that this store writes")
            yield key, cell


@pytest.mark.parametrize("prefix", ["block/", "document/", "history/", "index/", "catalog", "ledger"])
def test_an_item_that_the_store_cannot_read_is_a_finding_that_names_it(watched, prefix):
    key = cells(watched.client, prefix)[-1]
    store = Unreadable(watched.store, key)
    report = Auditor(store, "demo", watched.archive, watched.keys, watched.files).run(Budget())
    assert any(key.partition in finding["what"] for finding in report.findings)
    # The pass that met it goes on to its end first.
    watched.audit()
    assert watched.said() == []


# What the auditor keeps


def in_state(tmp_path, statement, *parameters):
    with closing(sqlite3.connect(tmp_path / state_key("demo"))) as database, database:
        assert database.execute(statement, parameters).rowcount > 0


def test_a_file_that_is_damaged_in_its_middle_is_learned_again(watched, tmp_path):
    state = tmp_path / state_key("demo")
    data = bytearray(state.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    state.write_bytes(data)
    assert watched.audit().findings == ()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE document SET digest = x'00'", "on document"),
        ("DELETE FROM value", "on indexed values of document"),
        ("INSERT INTO revision VALUES ('x', 0, 's', 0, '', 0, x'', NULL, NULL)", "revisions, but the journal has"),
    ],
)
def test_notes_that_somebody_changed_are_found_and_learned_again(watched, tmp_path, statement, said):
    in_state(tmp_path, statement)
    assert any(text.startswith("the auditor's notes: ") and said in text for text in watched.said())
    assert watched.said() == []


def test_notes_of_a_block_that_was_missing_when_it_was_first_read_are_learned_once_it_is_put_back(watched):
    watched.add(3)
    key = cells(watched.client, f"block/{watched.ledger.settings.strands[0]}")[2]
    before = watched.store.get([key])[key].data
    overwrite(watched.client, key, None)
    assert watched.audit(anew=True).finding_count
    overwrite(watched.client, key, before)
    for _ in range(3):
        said = watched.said()
    assert said == []


# Settings, the catalog and its indexes


@pytest.mark.parametrize("field", ["shards", "created"])
def test_settings_that_were_changed_are_found_at_once(watched, field):
    header, _ = unpack(watched.store.get([SETTINGS_KEY])[SETTINGS_KEY].data)
    changed = {"shards": header["shards"] + 1, "created": "2020-01-01T00:00:00.000Z"}[field]
    overwrite(watched.client, SETTINGS_KEY, pack({**header, field: changed}))
    assert any(text.startswith("settings: are not those that block 0 of strand") for text in watched.said(NEW_ONLY))


def statuses(watched, status):
    catalog = Catalog.from_cell(watched.store.get([CATALOG_KEY])[CATALOG_KEY])
    table = catalog.tables[0]
    indexes = tuple(replace(index, status=status) for index in table.indexes)
    overwrite(watched.client, CATALOG_KEY, catalog.with_table(replace(table, indexes=indexes)).to_cell())


@pytest.mark.parametrize("status", ["BUILDING", "FAILED"])
def test_an_index_that_was_complete_cannot_be_said_to_lack_entries(watched, status):
    statuses(watched, status)
    assert watched.said(NEW_ONLY) == ["catalog: its cell is not what the ledger writes"]


def test_nor_can_one_that_was_seen_complete_after_it_was_built(watched):
    watched.client.run("CREATE INDEX ON T (n)")
    assert watched.said() == []
    statuses(watched, "BUILDING")
    assert watched.said(NEW_ONLY) == ["catalog: its cell is not what the ledger writes"]


def test_an_index_that_is_being_built_is_no_finding_whatever_its_head_says(watched, monkeypatch):
    """Its entries come step by step, without a block, and are not all read at one moment."""
    monkeypatch.setattr("ledger.ledger.build_index", lambda *_: None)
    watched.client.run("CREATE INDEX ON T (n)")
    index = Catalog.from_cell(watched.store.get([CATALOG_KEY])[CATALOG_KEY]).tables[0].indexes[1]
    watched.client.run("UPDATE T SET n = 50 WHERE k = 'a'")
    [head] = [key for key in cells(watched.client, f"index/{index.id}/") if not key.sort]
    overwrite(watched.client, head, Head(7, 7).to_cell())
    assert watched.said() == []
    monkeypatch.undo()
    overwrite(
        watched.client,
        head,
        Head.of(each.sort for each in cells(watched.client, head.partition) if each.sort).to_cell(),
    )
    watched.ledger.complete_indexes()
    assert watched.said() == []


def test_a_finding_about_an_index_that_was_dropped_since_is_reported_all_the_same(watched, monkeypatch):
    index = Catalog.from_cell(watched.store.get([CATALOG_KEY])[CATALOG_KEY]).tables[0].indexes[0]
    [head, *_] = [key for key in cells(watched.client, f"index/{index.id}/") if not key.sort]
    overwrite(watched.client, head, Head(7, 7).to_cell())
    assert watched.audit().finding_count == 1
    watched.client.run(f'DROP INDEX "{index.id}" ON T WITH (purge = true)')
    [finding] = watched.audit(NEW_ONLY).findings
    assert (finding["kind"], finding["indexId"]) == ("index", index.id)
    assert watched.said() == []


def test_documents_in_a_block_that_no_statement_changed_are_found(watched):
    """No hash covers them: nothing else could tell."""
    key, stored = next(
        (key, stored)
        for key in cells(watched.client, "block/")
        if not (stored := read_block(watched.store.get([key])[key].data)).block.statements
    )
    changed = replace(stored.block, documents={"x": ("T", "x", [0])})
    overwrite(watched.client, key, write_stored(stored._replace(block=changed)))
    assert any("lists documents that no statement changed" in text for text in watched.said())


@pytest.mark.parametrize("number", ["99999999999999999999", "09007199254740993"])
def test_a_block_with_a_number_that_none_can_have_is_no_block_and_hides_none(watched, number):
    partition = f"block/{watched.ledger.settings.strands[0]}"
    watched.store.commit({Key(partition, number): b"{}"}, {Key(partition, number): None})
    assert any("that is no block" in text for text in watched.said())
    overwrite(watched.client, Key(partition, number), None)
    watched.add(3)
    assert watched.said() == []


# Since when


def test_a_finding_keeps_its_day_though_the_document_changes(watched):
    pointer = cells(watched.client, "history/")[0]
    overwrite(watched.client, pointer, None)
    [first] = watched.audit().findings
    watched.client.run("UPDATE T AS t BY id SET n = 7 WHERE id = ?", pointer.partition[8:])
    watched.notarise()
    watched.audit()
    [again] = watched.audit().findings
    assert again == first


def test_a_ledger_that_is_gone_is_dated_by_what_is_known_of_it(watched):
    overwrite(watched.client, SETTINGS_KEY, None)
    [finding] = watched.audit().findings
    assert finding["since"]["number"] == 1


# Notarised digests


def test_a_gap_that_was_met_in_a_run_that_ran_out_of_time_is_not_forgotten(watched, tmp_path, monkeypatch):
    """The digest before a gap is proven by nothing that follows: the journal must be held against it."""
    for _ in range(4):
        watched.add(5)
        watched.notarise()
    lying = Notarised.read((tmp_path / digest_key("demo", 2)).read_bytes())
    roots = tuple(bytes(32) for _ in lying.statement.roots)
    # Its signer had the key: it is sound by itself, but no journal has it.
    statement = lying.statement._replace(roots=roots)
    forged = lying._replace(statement=statement, signature=watched.signer.sign(statement.text.encode()))
    (tmp_path / digest_key("demo", 1)).unlink()
    (tmp_path / digest_key("demo", 0)).unlink()
    (tmp_path / digest_key("demo", 2)).write_text(forged.to_json())
    real = budgets.Stopwatch.progress

    def progress(watch, what, done, total):
        if what == "blocks":
            raise budgets.OutOfTimeError
        real(watch, what, done, total)

    with monkeypatch.context() as late:
        late.setattr(budgets.Stopwatch, "progress", progress)
        assert not watched.audit(anew=True).finished
    said = watched.said()
    assert any("is not the one of digest 2" in text for text in said)


def test_digests_that_reached_their_age_while_they_were_read_again_are_no_finding(watched, tmp_path, monkeypatch):
    for _ in range(4):
        watched.add()
        watched.notarise()
    watched.audit()
    real, met = budgets.Stopwatch.progress, []

    def progress(watch, what, done, total):
        met.append(what)
        if what == "digests" and met.count("digests") == 2:
            raise budgets.OutOfTimeError
        real(watch, what, done, total)

    with monkeypatch.context() as interrupted:
        interrupted.setattr(budgets.Stopwatch, "progress", progress)
        watched.audit()
    for number in range(3):
        (tmp_path / digest_key("demo", number)).unlink()
    assert watched.said() == []


def test_a_digest_far_ahead_is_found_and_hides_none_of_those_that_come(watched, tmp_path):
    forged = Notarised.read((tmp_path / digest_key("demo", 1)).read_bytes())
    statement = forged.statement._replace(number=999_999)
    signature = LocalSigner(watched.signer.key_id).sign(statement.text.encode())
    path = tmp_path / digest_key("demo", 999_999)
    path.parent.mkdir()
    path.write_text(Notarised(statement, signature, forged.proofs).to_json())
    said = watched.said()
    assert any(text.startswith("digest 999999: is not sound") for text in said)
    path.unlink()
    watched.add()
    watched.notarise()
    report = watched.audit()
    assert (report.finding_count, report.newest_digest.number) == (0, 2)


# What is carried on


def test_what_was_changed_and_then_built_upon_is_found_by_what_the_next_revision_says_of_it(watched):
    watched.client.run("INSERT INTO T ?", {"k": "x", "before": 0, "now": 5})
    carrying = Auditor(watched.store, "demo", watched.archive, watched.keys, watched.files, carried={"before": "now"})
    assert carrying.run(anew=True).findings == ()
    [key] = [key for key in cells(watched.client, "document/") if b"before" in watched.store.get([key])[key].data]
    genuine = read_current(watched.store.get([key])[key].data)
    data = ion.dumps({"k": "x", "before": 0, "now": 1000})
    forged = replace(genuine, data=data, hash=revision_hash(genuine.metadata, ion.digest(ion.loads(data))))
    overwrite(watched.client, key, write_current(forged))
    watched.client.run("UPDATE T SET before = now, now = now - 1 WHERE k = 'x'")
    what = "its revision 1 goes on from something else than its revision 0 left"
    assert [(finding["documentId"], finding["what"]) for finding in carrying.run(NEW_ONLY).findings] == [
        (key.sort, what)
    ]
    watched.client.run("UPDATE T SET before = now, now = now - 1.00 WHERE k = 'x'")
    watched.client.run("UPDATE T SET before = 998.0, now = 1 WHERE k = 'x'")
    assert len(carrying.run().findings) == 1, "998 and 998.0 are one amount"
