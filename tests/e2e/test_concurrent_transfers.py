"""Transfers among ten accounts by eight threads at once, over HTTP."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

from tests.e2e.test_wallet_api import balance, open_account

ACCOUNTS, THREADS, TRANSFERS = 10, 8, 15


@pytest.fixture
def patient(deployed):
    """The function of transfers, not stopped however long the conflicts of eight calls at once take on this machine."""
    client = boto3.client("lambda", **deployed.cloud.client_options())
    functions = client.get_paginator("list_functions").paginate().search("Functions[].[FunctionName, Timeout]")
    [(name, seconds)] = [each for each in functions if each[0].startswith("captable1-wallet-FunctionsTransferFunds")]
    client.update_function_configuration(FunctionName=name, Timeout=900)
    yield
    client.update_function_configuration(FunctionName=name, Timeout=seconds)
    client.close()


def test_transfers_by_eight_threads_among_ten_accounts_lose_no_money(deployed, patient):
    emails = [open_account(deployed, 100, f"user{number}") for number in range(ACCOUNTS)]

    def transfer_at_random(seed):
        chance, statuses = random.Random(seed), Counter()
        for _ in range(TRANSFERS):
            sender, receiver = chance.sample(emails, 2)
            body = {"from": sender, "to": receiver, "TransferFunds": chance.randint(1, 6000) / 100}
            statuses[deployed.call("POST", "/transferfunds", body).status] += 1
        return statuses

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = sum(pool.map(transfer_at_random, range(THREADS)), Counter())

    assert set(statuses) <= {200, 409, 503}, statuses
    assert statuses[200] > THREADS * TRANSFERS / 2, statuses
    cents = [round(balance(deployed, email) * 100) for email in emails]
    assert sum(cents) == ACCOUNTS * 100 * 100
    assert min(cents) >= 0
    assert sum(transfers_in_history(deployed, email) for email in emails) == 2 * statuses[200]


def transfers_in_history(deployed, email):
    revisions = deployed.call("POST", "/history", {"email": email, "pageSize": 100}).json["revisions"]
    assert [revision["version"] for revision in revisions] == list(range(len(revisions)))[::-1]
    return sum(revision["kind"].startswith("transfer") for revision in revisions)
