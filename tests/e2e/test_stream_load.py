"""The deployed journal stream under load: nothing is lost on its way, and how its lag grows is measured."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import count
from typing import NamedTuple
from uuid import uuid4

import boto3
import pytest

from lambdas.wallet.connection import retries
from lambdas.wallet.requests import AddFunds, CreateAccount
from lambdas.wallet.wallet import Wallet
from ledger.driver import connect
from tests.depth import DEEP
from tests.e2e.journal_stream import (
    LEDGER,
    PATIENCE_SECONDS,
    Consumer,
    journal_of,
    store_of,
    view_of,
    wait_until,
    wallet_revisions,
)

ACCOUNTS, THREADS = 64, 8


class Load(NamedTuple):
    """So many transactions, each begun when it is due; `rate` of them a second, or as fast as they go."""

    rate: int | None
    transactions: int


LOADS = (
    (Load(10, 300), Load(25, 750), Load(50, 1500), Load(None, 7450)) if DEEP else (Load(10, 30), Load(None, 60))
)  # ten thousand in all, in `make deep`


@pytest.fixture(scope="module")
def wallet(deployed):
    store = store_of(deployed)
    with connect(LEDGER, store, retry_config=retries()) as driver:
        yield Wallet(driver)
    store.close()


@pytest.mark.timeout(3600)
def test_all_transactions_arrive_in_the_stream_and_the_view_and_the_lag_under_each_load_is_measured(
    deployed, wallet, record_property
):
    emails = [f"load-{uuid4().hex}@example.com" for _ in range(ACCOUNTS)]
    for email in emails:
        wallet.create_account(CreateAccount(email, "Load"))
    begun, consumer = journal_of(deployed).keys(), Consumer(deployed)
    consumer.wait_for(set(begun))
    loaded = [_put(load, wallet, emails, deployed, consumer) for load in LOADS]
    journal, arrivals = journal_of(deployed), consumer.blocks()
    assert sum(map(len, loaded)) == sum(load.transactions for load in LOADS)
    for address, stored in journal.items():
        assert arrivals[address].payload["blockHash"] == stored.hash
    for load, addresses in zip(LOADS, loaded, strict=True):
        rate = "as fast as they go" if load.rate is None else f"{load.rate} a second"
        lags = sorted(arrivals[each].arrived - journal[each].block.timestamp.timestamp() for each in addresses)
        half, most = lags[len(lags) // 2], lags[len(lags) * 99 // 100]
        record_property(f"lag of {len(lags)} transactions, {rate}", f"p50 {half:.2f} s, p99 {most:.2f} s")
    _check_view(deployed, wallet_revisions(journal))


def _put(load, wallet, emails, deployed, consumer):
    """Put a load on the ledger; return the addresses of its blocks, once they are in the stream."""
    before, numbers, begun = set(journal_of(deployed)), count(), time.monotonic()

    def add_funds(_):
        if load.rate is not None:
            time.sleep(max(0.0, begun + next(numbers) / load.rate - time.monotonic()))
        wallet.add_funds(AddFunds(random.choice(emails), Decimal(1)))

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(list(pool.map(add_funds, range(load.transactions)))) == load.transactions
    added = journal_of(deployed).keys() - before
    consumer.wait_for(added, patience_seconds=PATIENCE_SECONDS + load.transactions / 10)
    return added


def _check_view(deployed, expected):
    client = boto3.client("dynamodb", **deployed.cloud.client_options())
    table = deployed.outputs["captable1-stream"]["TransactionViewTable"]
    wait_until(
        lambda: view_of(client, table).keys() >= expected.keys(),
        lambda: f"not in the view: {len(expected.keys() - view_of(client, table).keys())}",
        patience_seconds=PATIENCE_SECONDS + len(expected) / 10,
    )
    found = view_of(client, table)
    for key, (revision, data) in expected.items():
        assert Decimal(found[key]["currentBalance"]["N"]) == data["CurrentBalance"]
        assert found[key]["hash"]["B"] == revision.hash
