"""The official Python driver over HTTP, as its own integration tests use it; programs are told the endpoint only."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import boto3.session
import pytest
from amazon.ion.core import IonType
from amazon.ion.simple_types import IonPyBytes, IonPyNull
from amazon.ion.simpleion import loads
from botocore.config import Config
from botocore.exceptions import ClientError
from pyqldb.config.retry_config import RetryConfig
from pyqldb.errors import (
    DriverClosedError,
    LambdaAbortedError,
    SessionPoolEmptyError,
    is_bad_request_exception,
    is_occ_conflict_exception,
)

from ledger import ion


def run(driver, statement, *parameters):
    return list(driver.execute_lambda(lambda txn: txn.execute_statement(statement, *parameters)))


@pytest.fixture
def person(driver):
    """The driver, on a ledger with an empty table."""
    run(driver, "CREATE TABLE Person")
    return driver


def test_tables_are_created_and_listed(driver):
    assert list(driver.list_tables()) == []
    for name in ("Person", "Car"):
        assert len(run(driver, f"CREATE TABLE {name}")) == 1
    assert sorted(map(str, driver.list_tables())) == ["Car", "Person"]


def test_a_table_that_exists_is_a_bad_request_with_qldbs_text(person):
    with pytest.raises(ClientError, match=r"Table with name: USER\.Person already exists") as raised:
        run(person, "CREATE TABLE Person")
    assert is_bad_request_exception(raised.value)
    assert raised.value.response["Error"]["Code"] == "BadRequestException"
    assert raised.value.response["Code"] == "412"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_index_is_created_and_shown_in_the_catalog(person):
    assert len(run(person, "CREATE INDEX ON Person (Name)")) == 1
    query = "SELECT VALUE indexes[0] FROM information_schema.user_tables WHERE status = 'ACTIVE' AND name = 'Person'"
    [index] = run(person, query)
    assert index["expr"] == "[Name]"


def test_an_empty_table_has_no_rows(person):
    assert run(person, "SELECT * FROM Person") == []


def test_documents_are_inserted_counted_and_deleted(person):
    [inserted] = run(person, "INSERT INTO Person ?", {"Name": "Ann"})
    assert len(inserted["documentId"]) == 22
    assert len(run(person, "INSERT INTO Person << ?, ? >>", {"Name": "Bob"}, {"Name": "Cid"})) == 2
    assert [str(name) for name in run(person, "SELECT VALUE Name FROM Person WHERE Name = ?", "Ann")] == ["Ann"]
    assert run(person, "SELECT COUNT(*) FROM Person")[0]["_1"] == 3
    assert len(run(person, "DELETE FROM Person WHERE Name = ?", "Ann")) == 1
    assert run(person, "SELECT COUNT(*) FROM Person")[0]["_1"] == 2
    run(person, "DELETE FROM Person")
    assert run(person, "SELECT COUNT(*) FROM Person")[0]["_1"] == 0


def test_names_may_be_quoted(person):
    run(person, "INSERT INTO Person ?", {"Name": "Ann"})
    assert [str(name) for name in run(person, 'SELECT VALUE "Name" FROM "Person" WHERE "Name" = ?', "Ann")] == ["Ann"]


def test_deleting_from_a_table_that_is_not_there_has_qldbs_text(driver):
    with pytest.raises(ClientError, match="No such variable named 'Nope'") as raised:
        run(driver, "DELETE FROM Nope")
    assert raised.value.response["Code"] == "432"


LITERALS = """
null true 5 5.5 2.5e0 nan +inf 2016-12-20T05:23:43Z 2016T abc "text" "" {{"clob"}} {{aGVsbG8=}} [1,2] [] {a:1} {}
null.bool null.int null.decimal null.float null.timestamp null.symbol null.string null.clob null.blob null.sexp
null.list null.struct tag::5 tag::null.int tag::{a:b::1} 'with space' -0.0 123456789012345678901234567890
""".split()
LITERALS = [each for each in LITERALS if each not in {"'with", "space'"}] + ["(1 2)", "'with space'", "{a:[{b:(c)}]}"]


def document(key, value):
    return loads(ion.dumps(ion.struct([("k", key), ("v", value)])), single_value=True)


@pytest.mark.parametrize("literal", LITERALS)
def test_every_ion_type_goes_as_a_parameter_into_a_column_and_comes_back_unchanged(types, new_name, literal):
    value, key = loads(literal, single_value=True), new_name()
    run(types, "INSERT INTO Types ?", document(key, value))
    [found] = run(types, "SELECT VALUE v FROM Types WHERE k = ?", key)
    assert ion.text(found) == ion.text(value)
    assert found.ion_type is value.ion_type
    [echoed] = run(types, "SELECT VALUE ? FROM << 0 >>", value)
    assert ion.text(echoed) == ion.text(value)


@pytest.mark.parametrize("literal", LITERALS)
def test_a_column_is_updated_to_every_ion_type(types, new_name, literal):
    value, key = loads(literal, single_value=True), new_name()
    run(types, "INSERT INTO Types ?", {"k": key, "v": "before"})
    assert len(run(types, "UPDATE Types SET v = ? WHERE k = ?", value, key)) == 1
    [found] = run(types, "SELECT VALUE v FROM Types WHERE k = ?", key)
    assert ion.text(found) == ion.text(value)


@pytest.mark.parametrize("literal", [each for each in LITERALS if "null" not in each and each != "nan"])
def test_a_value_of_every_ion_type_is_found_by_equality(types, new_name, literal):
    value, key = loads(literal, single_value=True), new_name()
    run(types, "INSERT INTO Types ?", document(key, value))
    assert len(run(types, "SELECT * FROM Types WHERE k = ? AND v = ?", key, value)) == 1


@pytest.mark.parametrize(
    "value",
    [None, True, 7, 2.5, "text", b"bytes", [1, "a"], {"a": [1]}, datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)],
)
def test_plain_python_values_are_taken(types, new_name, value):
    key = new_name()
    run(types, "INSERT INTO Types ?", {"k": key, "v": value})
    [found] = run(types, "SELECT VALUE v FROM Types WHERE k = ?", key)
    assert ion.text(found) == ion.text(value)


def test_typed_nulls_are_found_by_is_null_and_keep_their_types(person):
    types = [each for each in IonType if each is not IonType.NULL]
    for each in types:
        run(person, "INSERT INTO Person ?", {"v": IonPyNull.from_value(each, None)})
    found = run(person, "SELECT VALUE v FROM Person WHERE v IS NULL")
    assert {value.ion_type for value in found} == set(types)


def test_blobs_and_clobs_stay_apart(person):
    for each in (IonType.BLOB, IonType.CLOB):
        run(person, "INSERT INTO Person ?", {"v": IonPyBytes.from_value(each, b"same")})
    assert {value.ion_type for value in run(person, "SELECT VALUE v FROM Person")} == {IonType.BLOB, IonType.CLOB}


def test_more_rows_than_pages_hold_are_read_by_every_cursor(person, new_driver):
    for start in (0, 2):
        run(person, "INSERT INTO Person << ?, ? >>", {"n": start}, {"n": start + 1})
    query = "SELECT a.n FROM Person AS a, Person AS b, Person AS c, Person AS d"
    streamed = person.execute_lambda(lambda txn: sum(1 for _ in txn.execute_statement(query)))
    buffered = person.execute_lambda(lambda txn: txn.execute_statement(query))
    assert streamed == len(list(buffered)) == 4**4


@pytest.mark.filterwarnings("ignore:setDaemon:DeprecationWarning")  # pyqldb calls it
def test_pages_read_ahead_do_not_disturb_the_next_statement(person, new_driver):
    run(person, "INSERT INTO Person ?", [{"n": number} for number in range(30)])

    def work(txn):
        first = txn.execute_statement("SELECT a.n FROM Person AS a, Person AS b")
        second = list(txn.execute_statement("SELECT * FROM Person"))
        return len(list(first)), len(second)

    assert new_driver(read_ahead=3).execute_lambda(work) == (900, 30)


def test_a_cursor_tells_io_usage_and_timings_of_all_its_pages(person):
    run(person, "INSERT INTO Person ?", [{"n": number} for number in range(25)])

    def work(txn):
        cursor = txn.execute_statement("SELECT a.n FROM Person AS a, Person AS b")
        first = cursor.get_consumed_ios()["ReadIOs"]
        assert len(list(cursor)) == 625
        return first, cursor.get_consumed_ios()["ReadIOs"], cursor.get_timing_information()

    first, last, timing = person.execute_lambda(work)
    assert 0 < first < last
    assert timing["ProcessingTimeMilliseconds"] >= 0


def test_a_conflict_is_retried_and_raised_when_retries_end(person):
    run(person, "INSERT INTO Person ?", {"n": 0})
    attempts = []

    def conflicting(txn):
        attempts.append(txn.transaction_id)
        list(txn.execute_statement("SELECT * FROM Person"))
        run(person, "UPDATE Person SET n = n + 1")
        txn.execute_statement("UPDATE Person SET n = 100")

    with pytest.raises(ClientError) as raised:
        person.execute_lambda(conflicting, RetryConfig(retry_limit=2, base=1))
    assert is_occ_conflict_exception(raised.value)
    assert len(set(attempts)) == 3
    assert run(person, "SELECT VALUE n FROM Person") == [3]


def test_transactions_at_once_lose_no_update(person):
    run(person, "INSERT INTO Person ?", {"n": 0})

    def increment(_):
        person.execute_lambda(
            lambda txn: txn.execute_statement("UPDATE Person SET n = n + 1"), RetryConfig(retry_limit=100, base=5)
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(increment, range(12)))
    assert run(person, "SELECT VALUE n FROM Person") == [12]


def test_an_abort_leaves_nothing(person):
    def aborting(txn):
        txn.execute_statement("INSERT INTO Person ?", {"n": 1})
        txn.abort()

    with pytest.raises(LambdaAbortedError):
        person.execute_lambda(aborting)
    assert run(person, "SELECT * FROM Person") == []


def test_an_error_of_the_program_leaves_nothing_and_the_session_serves_on(person):
    def failing(txn):
        txn.execute_statement("INSERT INTO Person ?", {"n": 1})
        raise KeyError("the program's own")

    with pytest.raises(KeyError):
        person.execute_lambda(failing)
    assert run(person, "SELECT * FROM Person") == []


def test_a_ledger_that_is_not_there_is_an_error(new_driver, new_name):
    with pytest.raises(ClientError, match="was not found") as raised:
        run(new_driver(new_name()), "SELECT 1 FROM << 0 >>")
    assert raised.value.response["Error"]["Code"] == "BadRequestException"


def test_a_pool_with_room_gives_a_second_session(person):
    def nested(txn):
        return [str(name) for name in person.list_tables()]

    assert person.execute_lambda(nested) == ["Person"]


def test_a_pool_that_is_used_up_refuses_until_a_session_comes_back(new_driver):
    driver = new_driver(config=Config(max_pool_connections=1))

    with pytest.raises(SessionPoolEmptyError):
        driver.execute_lambda(lambda txn: driver.list_tables())
    assert list(driver.list_tables()) == []


def test_a_closed_driver_refuses(driver):
    driver.close()
    with pytest.raises(DriverClosedError):
        driver.list_tables()


def test_a_parameter_over_the_limit_is_refused(person):
    with pytest.raises(ClientError, match="send at most 131072"):
        run(person, "INSERT INTO Person ?", {"v": "x" * 131_072})
    with pytest.raises(ClientError, match="documents in transaction exceeds"):
        run(person, "INSERT INTO Person ?", [{"n": number} for number in range(41)])


def test_the_sdks_own_clients_find_the_server_by_the_environment(found_by_environment, ledger_name):
    session = boto3.session.Session()
    control, data = session.client("qldb"), session.client("qldb-session")
    assert control.describe_ledger(Name=ledger_name)["State"] == "ACTIVE"
    assert data.send_command(StartSession={"LedgerName": ledger_name})["StartSession"]["SessionToken"]
    with pytest.raises(data.exceptions.InvalidSessionException, match="No such session"):
        data.send_command(SessionToken="abcd", StartTransaction={})
    control.close()
    data.close()
