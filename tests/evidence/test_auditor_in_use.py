"""No audit of a sound ledger ever says anything, whoever writes to it meanwhile, however short its runs are."""

import itertools
import random
import threading
from contextlib import contextmanager

import pytest

from ledger import ion
from ledger.audit import auditor as auditors
from ledger.audit import budget as budgets
from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.errors import QldbError
from ledger.ledger import Ledger
from ledger.store import Key, StoreError
from ledger.strand import tip
from tests.depth import DEEP, examples
from tests.ledger.support import Client
from tests.ledger.test_audit import cells, overwrite

_KEYS = "abcdefgh"


def statement(rng):
    """Any change that a client can make, the tables' definitions included."""
    return rng.choice(
        [
            lambda: ("INSERT INTO T ?", {"k": rng.choice(_KEYS), "n": rng.randrange(3)}),
            lambda: ("UPDATE T SET n = ? WHERE k = ?", rng.randrange(3), rng.choice(_KEYS)),
            lambda: ("UPDATE T SET k = ? WHERE k = ?", rng.choice(_KEYS), rng.choice(_KEYS)),
            lambda: ("UPDATE T SET n = ?", rng.randrange(3)),
            lambda: ("DELETE FROM T WHERE k = ?", rng.choice(_KEYS)),
        ]
    )()


def structure(rng, client):
    """Any change of a definition, and redactions."""
    rows = client.run("SELECT VALUE i.indexId FROM information_schema.user_tables AS t, t.indexes AS i")
    ids = [row.strip('"') for row in rows]
    choice = rng.randrange(5)
    if choice == 0:
        client.run(f"CREATE INDEX ON T ({rng.choice(['n', 'm', 'o'])})")
    elif choice == 1 and ids:
        client.run(f'DROP INDEX "{rng.choice(ids)}" ON T WITH (purge = true)')
    elif choice == 2:
        client.run(f"CREATE TABLE U{rng.randrange(10**6)}")
    else:
        redact(rng, client)


def redact(rng, client):
    old = client.run(
        "SELECT VALUE {'a': h.blockAddress, 't': t.tableId, 'd': h.metadata.id} FROM history(T) AS h,"
        " information_schema.user_tables AS t WHERE t.name = 'T' AND h.metadata.version = 0 AND h.data IS NOT MISSING"
    )
    if old:
        row = ion.loads(rng.choice(old))
        address = ion.text(row["a"])
        client.run(f"EXEC REDACT_REVISION `{address}`, '{row['t']}', '{row['d']}'")


def anything(rng, client):
    try:
        if rng.random() < 0.1:
            structure(rng, client)
        else:
            client.run(*statement(rng))
    except (QldbError, StoreError):
        pass  # a conflict with somebody else, or an index that is there already


@pytest.mark.parametrize("seed", range(examples(1)))
def test_a_ledger_in_which_anything_happens_between_two_steps_of_short_runs_has_no_findings(watched, monkeypatch, seed):
    rng = random.Random(seed)
    real = budgets.Stopwatch.progress

    def progress(watch, *done):
        if rng.random() < 0.3:
            anything(rng, watched.client)
        if rng.random() < 0.05:
            watched.notarise()
        if rng.random() < 0.05:
            raise budgets.OutOfTimeError
        real(watch, *done)

    monkeypatch.setattr(budgets.Stopwatch, "progress", progress)
    for _ in range(6):
        assert watched.said() == []
    monkeypatch.undo()
    assert watched.said() == []
    assert watched.said() == []
    assert watched.client.findings() == []


@contextmanager
def busy(watched, seed):
    """Three writers and a notary at once, each with a ledger of its own on the store."""
    stop = threading.Event()

    def write(number):
        rng = random.Random(f"{seed}/{number}")
        client = Client(Ledger(watched.store, "demo", work_in_background=False))
        while not stop.wait(0.02):
            anything(rng, client)

    def notarise():
        while not stop.wait(0.05):
            watched.notarise()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    threads.append(threading.Thread(target=notarise))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("seed", range(examples(1)))
def test_audits_in_slices_beside_busy_writers_have_no_findings(watched, seed):
    with busy(watched, seed):
        for number in range(12 if DEEP else 4):
            budget = Budget(seconds=0.3) if number % 3 == 0 else Budget(rolling_seconds=0.2)
            assert watched.said(budget) == []
    assert watched.said() == []
    assert watched.said() == []


def test_a_change_while_a_finding_is_doubted_is_no_finding_though_the_journal_had_just_not_grown(watched, monkeypatch):
    """The run whose time is up has read the last block; the look after that finds none, and then there is another."""
    real, calls = auditors.RollingCheck.read_journal, itertools.count(1)

    def read_journal(check):
        real(check)
        call = next(calls)
        if call in {2, 4}:
            watched.client.run("UPDATE T SET n = n + 1 WHERE k = 'a'")
        if call == 3:
            raise budgets.OutOfTimeError

    monkeypatch.setattr(auditors.RollingCheck, "read_journal", read_journal)
    assert watched.said() == []
    assert next(calls) > 5


def test_a_revision_that_is_redacted_before_the_next_one_was_read_is_no_finding(watched, monkeypatch):
    real, calls = auditors.RollingCheck.read_journal, itertools.count(1)

    def read_journal(check):
        real(check)
        if next(calls) == 2:
            [newest] = map(ion.parse, watched.client.run("SELECT * FROM _ql_committed_T AS c WHERE c.data.k = 'a'"))
            watched.client.run("UPDATE T SET n = 77 WHERE k = 'a'")
            table_id = watched.ledger.load_catalog(fresh=True).catalog.tables[0].id
            place = ion.text(newest["blockAddress"])
            watched.client.run(f"EXEC REDACT_REVISION `{place}`, '{table_id}', '{newest['metadata']['id']}'")

    monkeypatch.setattr(auditors.RollingCheck, "read_journal", read_journal)
    assert watched.said() == []
    monkeypatch.undo()
    assert watched.said() == []


def test_a_document_that_is_never_left_in_peace_is_no_finding_and_is_compared_when_it_is(watched, monkeypatch):
    """Each time that it is compared somebody has just changed it."""
    document_id = next(iter(watched.store.scan(first_partition(watched))))[0].sort
    real = auditors.RollingCheck.read_journal

    def read_journal(check):
        real(check)
        watched.client.run("UPDATE T AS t BY id SET n = 7 WHERE id = ?", document_id)

    monkeypatch.setattr(auditors.RollingCheck, "read_journal", read_journal)
    for _ in range(3):
        assert watched.said() == []
    monkeypatch.undo()
    assert watched.said() == []


def first_partition(watched):
    connection = watched.store._pool
    with connection.connection() as opened:
        [partition] = opened.execute("SELECT min(partition) FROM cell WHERE partition LIKE 'document/%'").fetchone()
    return partition


class Delayed:
    """A store in which a block can be read a moment later than what its commit made of documents."""

    torn_seconds = 0.01

    def __init__(self, store) -> None:
        self._store = store
        self.hidden: Key | None = None

    def __getattr__(self, name):
        return getattr(self._store, name)

    def scan(self, *arguments, **options):
        return (pair for pair in self._store.scan(*arguments, **options) if pair[0] != self.hidden)

    def get(self, keys):
        found = self._store.get(keys)
        found.pop(self.hidden, None)
        return found


def test_a_document_that_is_seen_before_its_block_is_no_finding(watched, monkeypatch):
    store = Delayed(watched.store)
    before = {each.address for each in tips(watched)}
    watched.client.run("UPDATE T SET n = 100 WHERE k = 'a'")
    [new] = {each.address for each in tips(watched)} - before
    store.hidden = Key(f"block/{new.strand_id}", f"{new.sequence_no:020d}")
    monkeypatch.setattr("ledger.audit.check.time.sleep", lambda _: setattr(store, "hidden", None))
    report = Auditor(store, "demo", watched.archive, watched.keys, watched.files).run(Budget())
    assert report.findings == ()


def tips(watched):
    return [tip(watched.store, strand_id) for strand_id in watched.ledger.settings.strands]


class Skipping(Delayed):
    """A store whose scan missed a block that was written while it ran, but not the one that was written after it."""

    def get(self, keys):
        keys = list(keys)
        if self.hidden in keys:
            self.hidden = None
        return self._store.get(keys)


def test_a_block_that_a_scan_missed_is_no_finding(watched):
    watched.add(20)
    store = Skipping(watched.store)
    last = max(tips(watched), key=lambda each: each.address.sequence_no).address
    store.hidden = Key(f"block/{last.strand_id}", f"{last.sequence_no - 2:020d}")
    report = Auditor(store, "demo", watched.archive, watched.keys, watched.files).run(Budget())
    assert (report.findings, store.hidden) == ((), None)


def test_a_manipulation_is_found_in_the_run_that_comes_upon_it_although_its_time_is_up(watched, monkeypatch):
    watched.add(20)
    watched.audit()
    pointer = pointers(watched)[-1]
    overwrite(watched.client, pointer, None)
    real = budgets.Stopwatch.progress

    def progress(watch, what, done, total):
        if what == "indexed values":
            raise budgets.OutOfTimeError
        real(watch, what, done, total)

    monkeypatch.setattr(budgets.Stopwatch, "progress", progress)
    assert watched.said() == [f"document {pointer.partition[8:]}: its history pointer {pointer.sort} is wrong"]


def pointers(watched):
    return cells(watched.client, "history/")
