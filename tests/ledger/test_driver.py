"""The official driver, in process: what programs written for QLDB do with it."""

from datetime import UTC, datetime

import pytest
from amazon.ion.simple_types import IonPyText
from botocore.exceptions import ClientError
from pyqldb.config.retry_config import RetryConfig
from pyqldb.errors import DriverClosedError, LambdaAbortedError, is_occ_conflict_exception

from ledger import ion, settings
from ledger.driver import connect, driver_of
from ledger.settings import LedgerNotFoundError
from ledger.store import SQLiteStore


def run(driver, statement, *parameters):
    return list(driver.execute_lambda(lambda txn: txn.execute_statement(statement, *parameters)))


def test_create_list_insert_and_read_as_the_drivers_own_tests_do(driver):
    assert len(run(driver, "CREATE TABLE Person")) == 1
    assert len(run(driver, "CREATE INDEX ON Person (Name)")) == 1
    assert [str(name) for name in driver.list_tables()] == ["Person"]
    expression = run(
        driver,
        "SELECT VALUE indexes[0] FROM information_schema.user_tables WHERE status = 'ACTIVE' AND name = 'Person'",
    )
    assert expression[0]["expr"] == "[Name]"
    assert len(run(driver, "INSERT INTO Person ?", {"Name": "Ann"})) == 1
    assert [str(name) for name in run(driver, "SELECT VALUE Name FROM Person WHERE Name = ?", "Ann")] == ["Ann"]
    assert run(driver, "SELECT COUNT(*) FROM Person")[0]["_1"] == 1


ION_LITERALS = """
null true 5 5.5 2.5e0 2016-12-20T05:23:43Z abc "text" {{"clob"}} {{aGVsbG8=}} (1 2) [1,2] {a:1}
null.bool null.int null.decimal null.float null.timestamp null.symbol null.string null.clob null.blob null.sexp
null.list null.struct tag::5 tag::null.int tag::{a:b::1}
""".split()


@pytest.mark.parametrize("literal", ["(1 2)", *[each for each in ION_LITERALS if each not in {"(1", "2)"}]])
def test_every_ion_type_goes_in_and_comes_back_unchanged(driver, literal):
    value = ion.parse(literal)
    run(driver, "CREATE TABLE T")
    run(driver, "INSERT INTO T ?", ion.struct([("v", value)]))
    if ion.is_null(value):
        [found] = run(driver, "SELECT VALUE v FROM T WHERE v IS NULL")
    else:
        [found] = run(driver, "SELECT VALUE v FROM T WHERE v = ?", value)
    assert ion.text(found) == ion.text(value)
    assert ion.type_of(found) is ion.type_of(value)


def test_conflict_is_retried_by_the_driver_and_raised_when_retries_end(driver):
    run(driver, "CREATE TABLE T")
    run(driver, "INSERT INTO T ?", {"n": 0})
    attempts = []

    def conflicting(txn):
        attempts.append(1)
        list(txn.execute_statement("SELECT * FROM T"))
        run(driver, "UPDATE T SET n = n + 1")
        txn.execute_statement("UPDATE T SET n = 100")

    with pytest.raises(ClientError) as raised:
        driver.execute_lambda(conflicting, RetryConfig(retry_limit=2, base=1))
    assert is_occ_conflict_exception(raised.value)
    assert len(attempts) == 3
    assert run(driver, "SELECT VALUE n FROM T") == [3]


def test_abort_leaves_nothing(driver):
    run(driver, "CREATE TABLE T")

    def aborting(txn):
        txn.execute_statement("INSERT INTO T ?", {"n": 1})
        txn.abort()

    with pytest.raises(LambdaAbortedError):
        driver.execute_lambda(aborting)
    assert run(driver, "SELECT * FROM T") == []


def test_a_statement_error_carries_qldbs_code_and_text(driver):
    with pytest.raises(ClientError) as raised:
        run(driver, "SELECT * FROM Nope")
    assert raised.value.response["Error"]["Code"] == "BadRequestException"
    assert raised.value.response["Code"] == "432"
    assert "No such variable named 'Nope'" in str(raised.value)


def test_a_closed_driver_refuses(local_ledger):
    driver = driver_of(local_ledger)
    driver.close()
    with pytest.raises(DriverClosedError):
        run(driver, "SELECT * FROM T")


def test_more_rows_than_a_page_are_read_through(driver):
    run(driver, "CREATE TABLE T")
    for start in range(0, 250, 40):
        run(driver, "INSERT INTO T ?", [{"n": number} for number in range(start, min(start + 40, 250))])
    assert sorted(run(driver, "SELECT VALUE n FROM T")) == list(range(250))


@pytest.mark.filterwarnings("ignore:setDaemon:DeprecationWarning")  # pyqldb calls it
def test_read_ahead_gives_the_same_rows(local_ledger):
    with driver_of(local_ledger, read_ahead=2) as driver:
        run(driver, "CREATE TABLE T")
        run(driver, "INSERT INTO T ?", [{"n": number} for number in range(40)])
        rows = driver.execute_lambda(
            lambda txn: list(txn.execute_statement("SELECT a.n FROM T AS a, T AS b WHERE b.n < 10"))
        )
        assert len(rows) == 400


def test_committed_view_has_times_in_utc_to_the_millisecond(driver):
    run(driver, "CREATE TABLE T")
    run(driver, "INSERT INTO T ?", {"n": 1})
    [row] = run(driver, "SELECT * FROM _ql_committed_T")
    assert list(row["metadata"].keys()) == ["id", "version", "txTime", "txId"]
    assert isinstance(row["metadata"]["id"], IonPyText)
    written = ion.text(row["metadata"]["txTime"])
    assert datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) <= datetime.now(UTC)
    assert len(written) == len("2019-12-11T07:20:51.245Z")


def test_connecting_to_a_store_without_the_ledger_says_so(tmp_path):
    store = SQLiteStore(tmp_path / "ledger.db")
    with pytest.raises(LedgerNotFoundError, match="no ledger 'demo' here: create it first"):
        connect("demo", store)
    settings.create(store, "other")
    with pytest.raises(LedgerNotFoundError, match="no ledger 'demo' here: this store holds 'other'"):
        connect("demo", store)
    store.close()


def test_creating_a_ledger_again_leaves_it_as_it_is(local_ledger):
    again = settings.create(local_ledger.store, "demo", strands=7)
    assert again == local_ledger.settings


def test_a_ledger_opened_again_is_the_same(tmp_path):
    store = SQLiteStore(tmp_path / "ledger.db")
    settings.create(store, "demo")
    with connect("demo", store) as driver:
        run(driver, "CREATE TABLE T")
        run(driver, "INSERT INTO T ?", {"n": 1})
    store.close()
    reopened = SQLiteStore(tmp_path / "ledger.db")
    with connect("demo", reopened) as driver:
        assert run(driver, "SELECT VALUE n FROM T") == [1]
    reopened.close()


def test_an_index_is_built_when_its_commit_returns_so_that_the_store_can_be_closed(tmp_path, caplog):
    store = SQLiteStore(tmp_path / "ledger.db")
    settings.create(store, "demo")
    with connect("demo", store) as driver:
        run(driver, "CREATE TABLE T")
        for first in range(0, 200, 40):
            run(driver, "INSERT INTO T ?", [{"n": number} for number in range(first, first + 40)])
        run(driver, "CREATE INDEX ON T (n)")
    store.close()
    reopened = SQLiteStore(tmp_path / "ledger.db")
    with connect("demo", reopened) as driver:
        assert run(driver, "SELECT VALUE t.indexes[0].status FROM information_schema.user_tables AS t") == ["ONLINE"]
    reopened.close()
    assert not caplog.records
