"""Statements that take too long, are stopped, conflict, or are left with rows unfetched: none can harm the console."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import ion
from ledger.console.errors import (
    ReadOnlyException,
    ResultGoneException,
    StatementStoppedException,
    StatementTimeoutException,
)
from ledger.console.read_only import ReadOnlyStore
from ledger.console.runs import Runs
from ledger.console.statements import Execution
from ledger.errors import OccConflictException
from ledger.ledger import Ledger
from ledger.partiql import PartiQLError
from ledger.store import Key
from tests.ledger.support import Client

ENDLESS = "SELECT COUNT(*) FROM " + ", ".join(f"T AS t{number}" for number in range(16))
THREE = "SELECT VALUE t.k FROM T AS t"


@pytest.fixture
def ledger(small_ledger):
    return small_ledger


@pytest.fixture
def runs():
    return Runs(writable=True)


def fill(ledger, count):
    client = Client(ledger)
    for first in range(0, count, 40):
        client.run("INSERT INTO T ?", [{"k": 1000 + number} for number in range(first, min(first + 40, count))])


def test_a_statement_that_takes_too_long_is_given_up(ledger):
    runs = Runs(writable=True, seconds=0.2)
    with pytest.raises(StatementTimeoutException, match=r"after 0\.2 seconds"):
        runs.start("a", ledger, ENDLESS, [])
    with pytest.raises(ResultGoneException):
        runs.more("a")


def test_a_statement_that_finds_nothing_for_too_long_is_given_up_while_it_reads(ledger):
    fill(ledger, 80)
    Client(ledger).run("DELETE FROM T WHERE k IN (1000, 1001, 1002)")
    runs = Runs(writable=True, seconds=0)
    with pytest.raises(StatementTimeoutException):
        runs.start("a", ledger, THREE, [])


def test_a_statement_can_be_stopped_from_another_thread(ledger, runs):
    outcome = []

    def run():
        try:
            runs.start("a", ledger, ENDLESS, [])
        except StatementStoppedException as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and not outcome:
        runs.stop("a")  # until it has begun, there is nothing to stop
        thread.join(0.01)
    thread.join()
    assert len(outcome) == 1


def test_a_stop_that_overtakes_its_statement_is_not_lost(ledger, runs):
    runs.stop("a")
    with pytest.raises(StatementStoppedException):
        runs.start("a", ledger, "INSERT INTO T {'k': 9}", [])
    assert len(runs.start("b", ledger, THREE, []).rows) == 3


def test_after_all_were_stopped_none_begins(ledger, runs):
    runs.stop_all()
    with pytest.raises(StatementStoppedException):
        runs.start("a", ledger, THREE, [])


def test_rows_that_are_waited_for_while_a_statement_fails_are_gone(ledger, runs, monkeypatch):
    """Else whoever waits would go on with what was given up, and commit it."""
    asked = []

    def fail(execution):
        asked.append(pool.submit(runs.more, "a"))
        raise StatementTimeoutException(1)

    monkeypatch.setattr(Execution, "start", fail)
    with ThreadPoolExecutor(1) as pool, pytest.raises(StatementTimeoutException):
        runs.start("a", ledger, THREE, [])
    with pytest.raises(ResultGoneException):
        asked[0].result()


def test_a_statement_that_was_given_up_writes_nothing(ledger):
    many = ", ".join(f"<<0, 1, 2, 3, 4, 5, 6, 7, 8, 9>> AS b{number}" for number in range(9))
    with pytest.raises(StatementTimeoutException):
        Runs(writable=True, seconds=0.2).start("a", ledger, f"INSERT INTO T (SELECT b0 AS k FROM {many})", [])
    assert len(Runs(writable=True).start("b", ledger, THREE, []).rows) == 3


def test_only_as_many_documents_are_read_as_are_shown(ledger, runs):
    fill(ledger, 600)
    page = runs.start("a", ledger, THREE, [])
    assert (len(page.rows), page.is_last) == (200, False)
    assert page.read_ios < 300
    assert [runs.more("a").is_last for _ in range(3)] == [False, False, True]


def test_a_page_ends_when_its_rows_are_large(ledger, runs):
    for _ in range(20):
        Client(ledger).run("INSERT INTO T ?", {"k": 5, "text": "x" * 100_000})
    page = runs.start("a", ledger, "SELECT t.text FROM T AS t WHERE t.k = 5", [])
    assert 9 <= len(page.rows) <= 11
    assert not page.is_last


def test_rows_that_are_exactly_a_page_are_all(ledger, runs):
    fill(ledger, 197)
    page = runs.start("a", ledger, THREE, [])
    assert (len(page.rows), page.is_last) == (200, True)


def test_rows_of_more_than_one_moment_are_told_of_at_the_end(ledger, runs):
    fill(ledger, 250)
    runs.start("a", ledger, THREE, [])
    Client(ledger).run("INSERT INTO T {'k': 7}")
    with pytest.raises(OccConflictException):
        runs.more("a")


def test_a_statement_runs_again_after_a_conflict(ledger, runs, monkeypatch):
    commit, conflicts = Ledger.commit, [OccConflictException(), OccConflictException()]

    def conflicting(self, transaction):
        if conflicts:
            raise conflicts.pop()
        commit(self, transaction)

    monkeypatch.setattr(Ledger, "commit", conflicting)
    assert runs.start("a", ledger, "INSERT INTO T {'k': 8}", []).write_ios > 0
    assert len(runs.start("b", ledger, "SELECT * FROM T AS t WHERE t.k = 8", []).rows) == 1


def test_a_statement_that_conflicts_for_ever_fails(ledger, runs, monkeypatch):
    def conflicting(*_):
        raise OccConflictException

    monkeypatch.setattr(Ledger, "commit", conflicting)
    with pytest.raises(OccConflictException):
        runs.start("a", ledger, "INSERT INTO T {'k': 8}", [])


def test_the_rows_that_nobody_fetched_for_the_longest_are_forgotten_first(ledger, runs):
    fill(ledger, 80)
    for number in range(25):
        runs.start(str(number), ledger, "SELECT VALUE 1 FROM T AS a, T AS b WHERE a.k > 1000", [])
    with pytest.raises(ResultGoneException):
        runs.more("4")
    assert runs.more("5").rows


def test_parameters_are_ion_and_keep_their_types(ledger, runs):
    runs.start("a", ledger, "INSERT INTO T ?", ["{k: 50, price: 1.50, at: 2026-01-02T, name: ann}"])
    [row] = runs.start("b", ledger, "SELECT * FROM T AS t WHERE t.k = ?", ["50"]).rows
    assert ion.digest(ion.parse(row)) == ion.digest(ion.parse("{k: 50, price: 1.50, at: 2026-01-02T, name: ann}"))


def test_a_reading_console_refuses_what_writes_before_it_runs(ledger):
    runs = Runs(writable=False)
    with pytest.raises(ReadOnlyException):
        runs.start("a", ledger, "INSERT INTO T {'k': 9}", [])
    with pytest.raises(PartiQLError):
        runs.start("a", ledger, "INSERT INTO", [])
    assert len(runs.start("a", ledger, THREE, []).rows) == 3


def test_a_reading_console_cannot_write_even_if_a_statement_got_through(ledger):
    reading = Ledger(ReadOnlyStore(ledger.store), "small")
    with pytest.raises(ReadOnlyException):
        Runs(writable=True).start("a", reading, "INSERT INTO T {'k': 9}", [])
    for write in ({Key("a", "b"): b"x"}, {Key("a", "b"): None}):
        with pytest.raises(ReadOnlyException):
            reading.store.commit(write, {Key("a", "b"): None})
    with pytest.raises(ReadOnlyException):
        reading.store.scrub()
    assert reading.store.writes == 0
    assert len(Client(ledger).run(THREE)) == 3
