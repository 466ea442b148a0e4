"""The extensions of PartiQL are off unless whoever opens the ledger asks for them."""

import pytest
from botocore.exceptions import ClientError

from ledger import settings
from ledger.driver import connect
from ledger.errors import BadRequestException
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.ledger.support import Client

TOP = (
    "SELECT customer, SUM(total) AS t FROM Orders GROUP BY customer "
    "HAVING COUNT(*) > 1 ORDER BY t DESC LIMIT 1 OFFSET 1"
)


@pytest.fixture
def store(tmp_path):
    opened = SQLiteStore(tmp_path / "ledger.db")
    settings.create(opened, "demo")
    client = Client(Ledger(opened, "demo"))
    client.run("CREATE TABLE Orders")
    orders = [("a", 1), ("a", 2), ("b", 5), ("b", 6), ("c", 100)]
    client.run("INSERT INTO Orders ?", [{"customer": customer, "total": total} for customer, total in orders])
    yield opened
    opened.close()


def test_with_extensions_the_driver_gets_rows_in_order(store):
    with connect("demo", store, extensions=True) as driver:
        (row,) = driver.execute_lambda(lambda txn: list(txn.execute_statement(TOP)))
    assert row == {"customer": "a", "t": 3}


def test_without_extensions_the_driver_gets_the_rejection_of_qldb(store):
    with connect("demo", store) as driver, pytest.raises(ClientError, match="Unsupported PartiQL Statement"):
        driver.execute_lambda(lambda txn: list(txn.execute_statement(TOP)))


def test_two_ledgers_on_one_store_may_differ(store):
    ordered = "SELECT VALUE total FROM Orders ORDER BY total DESC LIMIT 2"
    for _ in range(2):
        assert Client(Ledger(store, "demo", extensions=True)).run(ordered) == ["100", "6"]
        with pytest.raises(BadRequestException, match=r"line 1, column 32"):
            Client(Ledger(store, "demo")).run(ordered)


def test_a_limit_without_an_order_reads_no_more_than_it_gives(store):
    client = Client(Ledger(store, "demo", extensions=True))
    for start in range(0, 1_000, 40):
        client.run("INSERT INTO Orders ?", [{"nr": start + number} for number in range(40)])
    reads = client.begin().execute("SELECT * FROM Orders LIMIT 3")["ConsumedIOs"]["ReadIOs"]
    assert reads < 1_000
