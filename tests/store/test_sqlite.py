"""The SQLite store: its file, its durability, other processes."""

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.store import Cell, Conflict, Corrupt, Key, OutcomeUnknown, SQLiteStore, StoreError, Throttled, Unusable

A = Key("p", "a")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def run(code, *arguments, **options):
    """Start a Python process that knows the store."""
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], text=True, **options)


def test_cells_are_there_after_reopening(path):
    store = SQLiteStore(path)
    store.commit({A: b"1"}, {A: None})
    store.close()
    store = SQLiteStore(str(path))
    assert store.get([A]) == {A: Cell(1, b"1")}
    store.close()
    assert [file.name for file in path.parent.iterdir()] == ["ledger.db"]


def test_each_commit_is_synced_to_a_write_ahead_log(path):
    store = SQLiteStore(path)
    with store._pool.connection() as connection:
        settings = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]
    store.close()


def test_closed_store_says_so(path):
    store = SQLiteStore(path)
    store.close()
    with pytest.raises(Unusable, match="closed"):
        store.get([A])


def test_scan_holds_no_read_transaction_between_pages_so_that_the_log_can_be_checkpointed(path):
    store = SQLiteStore(path)
    keys = [Key("p", f"{number:04}") for number in range(600)]
    store.commit(dict.fromkeys(keys, b"x"), dict.fromkeys(keys))
    scan = store.scan("p")
    next(scan)
    store.commit({A: b"1"}, {A: None})
    with store._pool.connection() as connection:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy == 0
    assert sum(1 for _ in scan) == 600
    store.close()


@pytest.mark.parametrize("setting", ["application_id = 7", "user_version = 1"])
def test_file_of_another_application_is_refused_and_left_as_it_is(path, setting):
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA {setting}")
    other.close()
    before = path.read_bytes()
    with pytest.raises(Unusable, match="another application"):
        SQLiteStore(path)
    assert path.read_bytes() == before


def test_file_with_tables_of_another_application_is_refused_and_left_as_it_is(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE cell (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(Unusable, match="another application"):
        SQLiteStore(path)
    assert path.read_bytes() == before


def test_file_of_a_newer_version_is_refused(path):
    SQLiteStore(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 2")
    newer.close()
    with pytest.raises(Unusable, match="schema version 2, this program knows 1"):
        SQLiteStore(path)


def test_file_that_is_not_sqlite_is_refused(path):
    path.write_text("accounts, balances\n" * 100)
    with pytest.raises(Unusable, match="not an SQLite file"):
        SQLiteStore(path)


def test_path_in_a_folder_that_does_not_exist_is_refused(path):
    with pytest.raises(Unusable, match="unable to open"):
        SQLiteStore(path / "deeper")


def test_damaged_file_is_corrupt_and_not_a_retryable_error(path):
    store = SQLiteStore(path)
    keys = [Key("p", f"{number:04}") for number in range(300)]
    store.commit(dict.fromkeys(keys, b"x" * 1000), dict.fromkeys(keys))
    store.close()
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(random.Random(1).randbytes(40 * 4096))
    store = SQLiteStore(path)
    with pytest.raises(Corrupt, match=r"ledger\.db"):
        list(store.scan("p"))
    store.close()


def test_commit_on_a_full_disk_is_unusable_and_writes_nothing(path):
    store = SQLiteStore(path)
    store.commit({A: b"1"}, {A: None})
    with store._pool.connection() as connection:
        connection.execute("PRAGMA max_page_count = 5")
    with pytest.raises(Unusable, match="full"):
        store.commit({A: b"2", Key("p", "b"): bytes(100_000)}, {A: 1, Key("p", "b"): None})
    assert list(store.scan("p")) == [(A, Cell(1, b"1"))]
    store.commit({A: b"2"}, {A: 1})
    store.close()


FAILING_WRITES = """
import resource, signal, sys
from ledger.store import Key, OutcomeUnknown, SQLiteStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store, key = SQLiteStore(sys.argv[1]), Key("p", "a")
store.commit({key: b"1"}, {key: None})
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
try:
    store.commit({key: bytes(100_000)}, {key: 1})
except OutcomeUnknown as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert store.get([key])[key] == (1, b"1"), "half a commit"
store.commit({key: b"2"}, {key: 1})
store.close()
"""


def test_commit_whose_write_fails_is_an_unknown_outcome_and_the_store_goes_on(path):
    process = run(FAILING_WRITES, path, stdout=subprocess.PIPE)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "disk I/O error at commit" in said
    store = SQLiteStore(path)
    assert store.get([A]) == {A: Cell(2, b"2")}
    store.close()


def test_commit_while_another_process_holds_the_file_is_throttled_after_the_busy_timeout(path):
    store = SQLiteStore(path, busy_timeout_seconds=0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Throttled):
        store.commit({A: b"1"}, {A: None})
    assert store.get([A]) == {}
    other.execute("ROLLBACK")
    store.commit({A: b"1"}, {A: None})
    other.close()
    store.close()


def test_versions_are_checked_under_the_write_lock_so_that_no_other_process_can_write_in_between(path):
    store = SQLiteStore(path)
    other = sqlite3.connect(path, isolation_level=None, timeout=0)

    class Expected(dict):
        """Tries to write from outside whenever the store goes through the expected versions."""

        locked = 0

        def items(self):
            try:
                other.execute("INSERT OR REPLACE INTO cell VALUES ('p', 'other', 1, x'')")
            except sqlite3.OperationalError:
                self.locked += 1
            return super().items()

    expected = Expected({A: None})
    store.commit({A: b"1"}, expected)
    assert expected.locked == 1
    other.close()
    store.close()


def test_failed_fsync_at_commit_is_an_unknown_outcome(path):
    class FailingConnection:
        def execute(self, _):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error

    store = SQLiteStore(path)
    with pytest.raises(OutcomeUnknown, match="look before you retry"):
        store._make_durable(FailingConnection())
    store.close()


FORK = """
import os, sys
from ledger.store import Key, SQLiteStore, Unusable
store = SQLiteStore(sys.argv[1])
child = os.fork()
if not child:
    try:
        store.get([Key("p", "a")])
    except Unusable as error:
        os._exit(42 if "after a fork" in str(error) else 1)
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_store_used_in_a_forked_child_says_to_open_it_again(path):
    assert run(FORK, path).wait(60) == 42


def test_users_of_sqlite_do_not_pay_for_importing_boto3():
    assert run("import sys; from ledger.store import SQLiteStore; sys.exit('boto3' in sys.modules)").wait(60) == 0


INCREMENT = """
import sys
from ledger.store import Conflict, Key, SQLiteStore, Throttled
store, key, done = SQLiteStore(sys.argv[1]), Key("p", "a"), 0
while done < 100:
    cell = store.get([key]).get(key)
    try:
        store.commit({key: b"%d" % (int(cell.data) + 1 if cell else 1)}, {key: cell.version if cell else None})
        done += 1
    except (Conflict, Throttled):
        pass
store.close()
"""


def test_two_processes_that_create_the_file_and_increment_at_once_lose_nothing(path):
    processes = [run(INCREMENT, path) for _ in range(2)]
    assert [process.wait(300) for process in processes] == [0, 0]
    store = SQLiteStore(path)
    assert store.get([A]) == {A: Cell(200, b"200")}
    store.close()


# Each commit moves one amount between two cells and appends a cell; its number is printed once it is acknowledged.
COMMITS = """
import sys
from ledger.store import Key, SQLiteStore
store, left, right = SQLiteStore(sys.argv[1]), Key("p", "left"), Key("p", "right")
cells = store.get([left, right])
number = cells[left].version if cells else 0
while True:
    before = number or None
    writes = {left: b"%d" % -number, right: b"%d" % number, Key("log", f"{number:08}"): bytes(3000)}
    store.commit(writes, {left: before, right: before, Key("log", f"{number:08}"): None})
    number += 1
    print(number, flush=True)
"""


def test_process_killed_during_commits_loses_no_acknowledged_commit_and_leaves_no_half_one(path):
    dice = random.Random()
    for _ in range(10):
        process = run(COMMITS, path, stdout=subprocess.PIPE)
        acknowledged = int(process.stdout.readline())
        time.sleep(dice.uniform(0, 0.05))
        process.kill()
        acknowledged = max([acknowledged, *map(int, process.stdout.read().splitlines())])
        process.stdout.close()
        process.wait()
        store = SQLiteStore(path)
        cells = {key.sort: cell for key, cell in store.scan("p")}
        number = cells["left"].version
        assert acknowledged <= number <= acknowledged + 1
        assert cells["right"].version == number
        assert int(cells["left"].data) + int(cells["right"].data) == 0
        assert [key.sort for key, _ in store.scan("log")] == [f"{index:08}" for index in range(number)]
        store.close()


def test_in_memory_stores_are_apart_and_the_errors_are_the_same():
    one, other = SQLiteStore(":memory:"), SQLiteStore(":memory:")
    one.commit({A: b"1"}, {A: None})
    other.commit({A: b"2"}, {A: None})
    with pytest.raises(Conflict):
        one.commit({A: b"3"}, {A: None})
    assert one.get([A]) == {A: Cell(1, b"1")}
    one.close()
    other.close()
    assert not Path(":memory:").exists()


def test_data_that_is_not_bytes_is_refused(path):
    store = SQLiteStore(path)
    with pytest.raises((StoreError, TypeError)):
        store.commit({A: object()}, {A: None})
    assert store.get([A]) == {}
    store.close()


def test_cells_of_the_size_of_a_block_do_not_take_a_page_each(tmp_path):
    path = tmp_path / "ledger.db"
    store = SQLiteStore(path)
    for number in range(500):
        key = Key("block/s", f"{number:020d}")
        store.commit({key: bytes(1200)}, {key: None})
    store.close()
    assert path.stat().st_size < 500 * 2000
