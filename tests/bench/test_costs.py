import json
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from bench.costs import __main__ as command
from bench.costs.meter import READ_UNITS, WRITE_UNITS, Meter, size
from bench.costs.model import Prices, PricesError, monthly
from bench.costs.page import tables
from bench.costs.usage import usage
from local import paths

COUNTED = json.loads(command.USAGE.read_text())
PAGE = paths.ROOT / "docs" / "costs.md"


@pytest.fixture
def client(cloud):
    """A client with a table for it; what the table's making and removing uses is not the client's."""
    maker, client = (boto3.client("dynamodb", **cloud.client_options()) for _ in range(2))
    maker.create_table(
        TableName="metered",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    yield client
    maker.delete_table(TableName="metered")
    for each in (maker, client):
        each.close()


def _item(sort, data):
    return {"pk": {"S": "a"}, "sk": {"S": sort}, "d": {"B": data}}


@pytest.fixture
def prices(tmp_path):
    """Give a function that writes a file of prices with some of its assumptions replaced."""

    def write(**assumptions):
        found = json.loads(command.PRICES.read_text())
        found["assumptions"] |= assumptions
        path = tmp_path / "prices.json"
        path.write_text(json.dumps(found))
        return path

    return write


def test_calls_use_what_the_page_says(cloud):
    counted = usage(cloud.client_options())
    assert counted.keys() == COUNTED.keys()
    for call, used in counted.items():
        # A block's size varies with its number in the tree, and with it now and then a unit.
        assert used == pytest.approx(COUNTED[call], rel=0.1), f"{call}: run `python -m bench.costs --count`"


def test_the_page_shows_the_tables_of_the_checked_in_figures():
    for table in tables(COUNTED, Prices.read(command.PRICES, COUNTED)).split("\n\n"):
        assert table in PAGE.read_text()


def _put(client, *items):
    actions = [{"Put": {"TableName": "metered", "Item": item}} for item in items]
    answer = client.transact_write_items(TransactItems=actions, ReturnConsumedCapacity="TOTAL")
    return sum(each["CapacityUnits"] for each in answer["ConsumedCapacity"])


def test_the_meter_counts_the_write_units_that_a_cloud_says_it_charges(client):
    meter = Meter(client)
    charged = _put(client, *(_item(str(number), bytes(number * 700)) for number in range(1, 9)))
    charged += _put(client, _item("8", b""))
    assert meter.counts[WRITE_UNITS] == charged == 2 * (1 + 2 + 3 + 3 + 4 + 5 + 5 + 6) + 2 * 6


def test_a_read_is_charged_by_4_kb_and_half_if_it_may_be_stale_and_a_query_by_its_sum(client):
    meter = Meter(client)
    _put(client, _item("1", bytes(5000)), _item("2", bytes(100)))
    key = {"pk": {"S": "a"}, "sk": {"S": "1"}}
    client.get_item(TableName="metered", Key=key, ConsistentRead=True)
    client.get_item(TableName="metered", Key=key)
    query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "a"}}}
    client.query(TableName="metered", ConsistentRead=True, **query)
    client.transact_get_items(TransactItems=[{"Get": {"TableName": "metered", "Key": key}}])
    assert meter.counts[READ_UNITS] == 2 + 1 + 2 + 4


def test_the_size_of_an_item_is_that_of_its_names_and_values():
    assert size({"pk": {"S": "é"}, "v": {"N": "-12345"}, "d": {"B": b"12345"}}) == (2 + 2) + (1 + 4) + (1 + 5)


def test_a_request_that_fails_while_it_is_counted_is_not_counted_silently(client):
    Meter(client)
    with pytest.raises(RuntimeError, match="GetItem failed while it was counted"):
        client.get_item(TableName="nowhere", Key={"pk": {"S": "a"}, "sk": {"S": "a"}})


def test_twice_the_writes_cost_twice_the_write_units(prices):
    given = Prices.read(prices(), COUNTED)
    once, twice = (monthly(COUNTED, given, rate) for rate in (500, 1000))
    assert twice["DynamoDB writes"] == pytest.approx(2 * once["DynamoDB writes"])
    assert twice["API Gateway"] < 2 * once["API Gateway"]


@pytest.mark.parametrize(
    ("mix", "said"),
    [
        ({"checkfunds": 0.9}, "add up to 0.9; they must add up to 1"),
        ({"addmoney": 1}, "mix has 'addmoney'; give some of"),
    ],
)
def test_a_mix_that_cannot_be_used_is_named(prices, mix, said):
    with pytest.raises(PricesError, match=said):
        Prices.read(prices(mix=mix), COUNTED)


@pytest.mark.parametrize("table", ["prices", "assumptions"])
def test_whatever_is_missing_in_a_file_of_prices_is_named(tmp_path, table):
    whole = json.loads(command.PRICES.read_text())
    for name in whole[table]:
        path = tmp_path / "prices.json"
        path.write_text(
            json.dumps({**whole, table: {key: value for key, value in whole[table].items() if key != name}})
        )
        with pytest.raises(PricesError, match=f"{table} has no '{name}'"):
            Prices.read(path, COUNTED)


def test_each_block_is_audited_and_the_notary_costs_the_same_however_many_calls_there_are(prices):
    given = Prices.read(prices(), COUNTED)
    none, once, twice = (monthly(COUNTED, given, rate)["Notary and auditor"] for rate in (0, 500, 1000))
    assert twice - once == pytest.approx(once - none)
    assert once > none > 0


def test_a_file_that_is_not_of_prices_is_one_line_and_exit_code_1(tmp_path):
    path = tmp_path / "prices.json"
    path.write_text("{}")
    words = [sys.executable, "-m", "bench.costs", "--prices", path]
    done = subprocess.run(words, capture_output=True, text=True, cwd=Path(paths.ROOT), check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "is not a file of prices" in done.stderr
