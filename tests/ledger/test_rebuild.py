"""Whatever is lost or damaged of what the journal implies, a rebuild brings it back; it never touches the journal."""

import itertools
import uuid
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ledger import rebuild, settings
from ledger.audit import audit, checkpoint
from ledger.audit.check import Check
from ledger.catalog import CATALOG_KEY
from ledger.cli.main import main
from ledger.documents import document_partitions
from ledger.indexes import value_partition
from ledger.ledger import Ledger
from ledger.rebuild import JournalDamagedError, LedgerInUseError, Rebuild
from ledger.record import pack, unpack
from ledger.store import SQLiteStore
from ledger.store.base import Corrupt, Key
from tests.depth import examples
from tests.ledger.support import Client
from tests.ledger.test_audit import cells, overwrite

DERIVED = ("document/", "history/", "index/", "catalog")
QUESTIONS = [
    "SELECT * FROM _ql_committed_T",
    "SELECT * FROM history(T)",
    "SELECT * FROM T WHERE k = 1",
    "SELECT * FROM T WHERE m = 'x'",
    "SELECT * FROM Gone2",
    "SELECT * FROM information_schema.user_tables",
]


def fill(client):
    """Tables with history, indexes old and new, deleted documents, a dropped table and a renamed use of its name."""
    for number in range(6):
        client.run("INSERT INTO T ?", {"k": number % 2, "m": "x"})
    client.run("CREATE INDEX ON T (m)")
    client.run("UPDATE T SET m = 'y', k = 7 WHERE k = 0")
    client.run("UPDATE T SET m = null WHERE k = 7")
    client.run("CREATE TABLE Gone")
    client.run("INSERT INTO Gone ?", {"k": 1})
    client.run("DROP TABLE Gone")
    client.run("CREATE TABLE Gone2")
    client.run("CREATE INDEX ON Gone2 (k)")
    client.run("INSERT INTO Gone2 << ?, ? >>", {"k": 1}, {"k": 2})
    client.run("DELETE FROM Gone2 WHERE k = 1")


def answers(client):
    """What a fresh process is answered."""
    again = Client(Ledger(client.ledger.store, "demo"))
    return [sorted(again.run(question)) for question in QUESTIONS]


def rebuilt(client, **options):
    with closing(Rebuild(client.ledger.store, "demo", **options)) as made:
        made.run()
        return made.written


@pytest.fixture
def filled(local_client):
    fill(local_client)
    return local_client


def everything(client):
    return {key: client.ledger.store.get([key])[key] for key in cells(client, "")}


def test_a_sound_ledger_is_left_as_it_is(filled):
    before = everything(filled)
    assert rebuilt(filled) == 0
    assert everything(filled) == before


@pytest.mark.parametrize("prefix", DERIVED)
@pytest.mark.parametrize("how", ["deleted", "damaged"])
def test_all_cells_of_one_kind_lost_or_damaged_come_back(filled, prefix, how):
    before = answers(filled)
    lost = cells(filled, prefix)
    for key in lost:
        overwrite(filled, key, None if how == "deleted" else b"damaged")
    assert list(audit(filled.ledger.store, "demo"))
    assert rebuilt(filled) >= len(lost) - (prefix == "index/") * len(lost)
    assert list(audit(filled.ledger.store, "demo")) == []
    assert answers(filled) == before
    assert rebuilt(filled) == 0


def test_cells_that_should_not_be_there_go(filled):
    before = everything(filled)
    stray = "0007KbqoyqAIch6XRbQ4iA"
    document, pointer = cells(filled, "document/")[0], cells(filled, "history/")[-1]
    head = next(key for key in cells(filled, "index/") if not key.sort)
    overwrite(filled, Key(document.partition, stray), before[document].data)
    overwrite(filled, Key(pointer.partition, "0000000099"), before[pointer].data)
    overwrite(filled, Key(head.partition, stray), b"")
    assert rebuilt(filled) == 3
    assert {key: cell.data for key, cell in everything(filled).items()} == {
        key: cell.data for key, cell in before.items()
    }


@pytest.mark.parametrize("status", ["BUILDING", "FAILED"])
def test_an_index_that_was_not_complete_is_complete_and_online(filled, monkeypatch, status):
    monkeypatch.setattr("ledger.ledger.build_index", lambda *_: None)
    filled.run("CREATE INDEX ON T (n)")
    filled.run("UPDATE T SET n = 3 WHERE k = 1")
    header, _ = unpack(filled.ledger.store.get([CATALOG_KEY])[CATALOG_KEY].data)
    header["tables"][0]["indexes"][2]["status"] = status
    overwrite(filled, CATALOG_KEY, pack(header))
    assert list(audit(filled.ledger.store, "demo")) == []
    rebuilt(filled)
    assert list(audit(filled.ledger.store, "demo")) == []
    again = Client(Ledger(filled.ledger.store, "demo"))
    assert '"ONLINE"' in again.run("SELECT VALUE indexes[2].status FROM information_schema.user_tables")
    assert len(again.run("SELECT * FROM T WHERE n = 3")) == 3


def test_a_catalog_that_gives_an_index_another_field_misleads_neither_check_nor_rebuild(filled):
    before = answers(filled)
    header, _ = unpack(filled.ledger.store.get([CATALOG_KEY])[CATALOG_KEY].data)
    header["tables"][0]["indexes"][0]["field"] = "m"
    overwrite(filled, CATALOG_KEY, pack(header))
    [finding] = audit(filled.ledger.store, "demo")
    assert finding.what == "is not defined in the catalog as it is in the journal"
    assert rebuilt(filled) == 1
    assert list(audit(filled.ledger.store, "demo")) == []
    assert answers(filled) == before


def test_a_block_damaged_after_it_was_checked_is_not_copied_from(filled, tmp_path):
    [document, *_] = cells(filled, "document/")
    overwrite(filled, document, None)

    def damage(what, done, total):
        if what == "documents":
            return
        for key in cells(filled, "block/") if done == total else ():
            data = filled.ledger.store.get([key])[key].data
            overwrite(filled, key, data.replace(b'"version":', b'"version":1'))

    with pytest.raises(Corrupt):
        rebuilt(filled, progress=damage)
    assert document not in filled.ledger.store.get([document])


def test_a_damaged_journal_is_named_and_nothing_is_written(filled):
    block, document = cells(filled, "block/")[3], cells(filled, "document/")[0]
    overwrite(filled, block, b"damaged")
    overwrite(filled, document, None)
    before = everything(filled)
    with pytest.raises(JournalDamagedError, match=f"block {int(block.sort)} of strand {block.partition[6:]}"):
        rebuilt(filled)
    assert everything(filled) == before


def test_a_journal_that_lacks_revisions_is_refused(filled):
    """The end of a strand cut off: its chain is whole, but other strands' blocks or their own say there was more."""
    for strand_id in filled.ledger.settings.strands:
        for key in cells(filled, f"block/{strand_id}")[2:4]:
            overwrite(filled, key, None)
    with pytest.raises(JournalDamagedError):
        rebuilt(filled)


@pytest.mark.parametrize("step", ["documents", "indexed values"])
def test_a_writer_that_was_overlooked_stops_the_rebuild_and_loses_nothing(filled, step):
    for key in cells(filled, "history/"):
        overwrite(filled, key, None)
    for key in cells(filled, "index/"):
        overwrite(filled, key, None)
    wrote = []

    def write(what, done, total):
        if what == step and done == 2 and not wrote:
            wrote.append(filled.run("INSERT INTO T ?", {"k": "late"}))

    with pytest.raises(LedgerInUseError):
        rebuilt(filled, progress=write)
    rebuilt(filled)
    assert list(audit(filled.ledger.store, "demo")) == []
    assert len(filled.run("SELECT * FROM T WHERE k = 'late'")) == 1


def test_a_writer_that_came_after_the_last_cell_was_written_is_told_of(filled, monkeypatch):
    real, calls = Check.read_journal, itertools.count(1)

    def read_journal(check):
        if next(calls) == 2:
            filled.run("INSERT INTO T ?", {"k": "late"})
        return real(check)

    monkeypatch.setattr(Check, "read_journal", read_journal)
    with pytest.raises(LedgerInUseError):
        rebuilt(filled)


@pytest.mark.parametrize("after", [1, 10, 25, 40])
def test_a_rebuild_that_was_interrupted_goes_on(filled, tmp_path, monkeypatch, after):
    monkeypatch.setattr(checkpoint, "_SAVE_SECONDS", -1.0)
    monkeypatch.setattr(rebuild, "_CELLS_AT_ONCE", 3)
    before = answers(filled)
    for prefix in DERIVED:
        for key in cells(filled, prefix):
            overwrite(filled, key, None)
    steps = []

    def interrupt(what, done, total):
        steps.append(what)
        if len(steps) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuilt(filled, checkpoint=tmp_path / "check", progress=interrupt)
    rebuilt(filled, checkpoint=tmp_path / "check")
    assert list(audit(filled.ledger.store, "demo")) == []
    assert answers(filled) == before


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A filled ledger, the cells of which are copied for each example."""
    folder = tmp_path_factory.mktemp("sample")
    store = SQLiteStore(folder / "ledger.db")
    settings.create(store, "demo", strands=2)
    client = Client(Ledger(store, "demo", work_in_background=False))
    client.run("CREATE TABLE T")
    client.run("CREATE INDEX ON T (k)")
    fill(client)
    yield folder, everything(client), answers(client)
    store.close()


DAMAGE = st.one_of(st.none(), st.binary(max_size=40), st.integers(0, 10_000))


@hypothesis_settings(max_examples=examples(40), deadline=None)
@given(damages=st.dictionaries(st.integers(0, 10_000), DAMAGE, min_size=1, max_size=60))
def test_any_mix_of_damage_is_put_right(sample, damages):
    folder, whole, expected_answers = sample
    store = SQLiteStore(folder / f"{uuid.uuid4()}.db")
    with closing(store):
        store.commit({key: cell.data for key, cell in whole.items()}, dict.fromkeys(whole))
        client = Client(Ledger(store, "demo"))
        derived = [key for key in whole if key.partition.startswith(DERIVED)]
        for choice, damage in damages.items():
            key = derived[choice % len(derived)]
            overwrite(client, key, damaged(whole[key].data, damage))
        rebuilt(client)
        assert list(audit(store, "demo")) == []
        assert answers(client) == expected_answers


def damaged(data, damage):
    """None deletes, bytes replace, a number flips a bit."""
    if not isinstance(damage, int) or not data:
        return damage if isinstance(damage, bytes) else None
    changed = bytearray(data)
    changed[damage % len(data)] ^= 1 << damage % 8
    return bytes(changed)


def test_the_command_says_what_it_did_and_refuses_a_damaged_journal(tmp_path, capsys):
    store = SQLiteStore(tmp_path / "demo.db")
    with closing(store):
        settings.create(store, "demo")
        client = Client(Ledger(store, "demo"))
        client.run("CREATE TABLE T")
        client.run("INSERT INTO T ?", {"k": 1})
        overwrite(client, CATALOG_KEY, None)
        assert main(["rebuild", "demo", "--data", str(tmp_path), "--json"]) == 0
        assert capsys.readouterr().out == '{"ledger": "demo", "blocks": 3, "documents": 1, "written": 1}\n'
        overwrite(client, cells(client, "block/")[1], b"")
        assert main(["rebuild", "demo", "--data", str(tmp_path)]) == 1
        assert "error: the journal is damaged, block 1 of strand" in capsys.readouterr().err


def test_each_store_gets_back_all_that_it_lost(client):
    """Also DynamoDB, with its hundred items a commit."""
    fill(client)
    before, lost = answers(client), [CATALOG_KEY]
    catalog = client.ledger.load_catalog(fresh=True).catalog
    store, shards = client.ledger.store, client.ledger.settings.shards
    for table in catalog.tables:
        for partition in document_partitions(table.id, shards):
            for document, _ in list(store.scan(partition)):
                lost += [document, *(key for key, _ in store.scan(f"history/{document.sort}"))]
        for index in table.indexes:
            for value in (0, 1, 2, 7, "x", "y"):
                lost += [key for key, _ in store.scan(value_partition(index, value))]
    for start in range(0, len(lost), 50):
        some = store.get(lost[start : start + 50])
        store.commit(dict.fromkeys(some), {key: cell.version for key, cell in some.items()})
    assert len(list(audit(store, "demo"))) > 30
    rebuilt(client)
    assert list(audit(store, "demo")) == []
    assert answers(client) == before
