"""What the last line of the screen says of an open transaction."""

import math

import pytest

from ledger.cli.shell.prompt import state_of


@pytest.mark.parametrize(
    ("age", "limit", "expected"),
    [(12, 30, "18 s left"), (31, 30, "expired, most likely"), (4000, math.inf, "open for 4000 s")],
)
def test_the_age_of_a_transaction_is_told_by_what_is_left_of_it(client, monkeypatch, age, limit, expected):
    transaction = client.begin()
    monkeypatch.setattr("ledger.cli.shell.prompt.time.monotonic", lambda: transaction.started + age)
    assert state_of(transaction, limit) == f" transaction {transaction.id}: {expected}; commit or abort"
