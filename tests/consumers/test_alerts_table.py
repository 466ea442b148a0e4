"""Thresholds, and the notes that let each crossing be sent once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lambdas.stream.alerts_table import LEASE, AlertsTable, Crossing
from lambdas.stream.errors import CrossingHeldError, InvalidThresholdError

NOW = datetime(2026, 3, 1, 12, 30, 0, 500_000, UTC)
CROSSING = Crossing("wallet-1", 7)
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
def alerts(dynamodb, new_table):
    return AlertsTable(dynamodb, new_table(wallet="S", item="S"), timedelta(days=90))


def put(alerts, **item):
    alerts._client.put_item(TableName=alerts._table_name, Item=item)


def item_of(alerts, crossing=CROSSING):
    key = {"wallet": {"S": crossing.wallet}, "item": {"S": f"crossing#{crossing.version}"}}
    return alerts._client.get_item(TableName=alerts._table_name, Key=key).get("Item")


def test_threshold_is_what_was_put_for_the_wallet_exactly(alerts):
    put(alerts, wallet={"S": "wallet-1"}, item={"S": "threshold"}, amount={"N": "99.95"})
    assert alerts.threshold("wallet-1") == Decimal("99.95")
    assert alerts.threshold("wallet-2") is None


@pytest.mark.parametrize("item", [{}, {"amount": {"S": "much"}}, {"amount": {"NULL": True}}], ids=str)
def test_threshold_that_is_no_amount_is_refused(alerts, item):
    put(alerts, wallet={"S": "wallet-1"}, item={"S": "threshold"}, **item)
    with pytest.raises(InvalidThresholdError, match="wallet-1"):
        alerts.threshold("wallet-1")


def test_crossing_that_was_sent_cannot_be_claimed_however_late(alerts):
    assert alerts.claim(CROSSING, NOW)
    alerts.confirm(CROSSING)
    assert not alerts.claim(CROSSING, NOW)
    assert not alerts.claim(CROSSING, NOW + timedelta(days=80))


def test_crossing_that_is_pending_is_held_until_its_lease_is_over(alerts):
    alerts.claim(CROSSING, NOW)
    with pytest.raises(CrossingHeldError):
        alerts.claim(CROSSING, NOW + LEASE - MOMENT)
    assert alerts.claim(CROSSING, NOW + LEASE)
    with pytest.raises(CrossingHeldError):
        alerts.claim(CROSSING, NOW + LEASE)


def test_crossing_that_was_released_can_be_claimed_at_once(alerts):
    alerts.claim(CROSSING, NOW)
    alerts.release(CROSSING)
    assert alerts.claim(CROSSING, NOW)


def test_crossing_that_was_sent_cannot_be_released(alerts):
    alerts.claim(CROSSING, NOW)
    alerts.confirm(CROSSING)
    with pytest.raises(alerts._client.exceptions.ConditionalCheckFailedException):
        alerts.release(CROSSING)
    assert not alerts.claim(CROSSING, NOW)


def test_crossings_are_apart_by_wallet_and_by_version(alerts):
    assert alerts.claim(CROSSING, NOW)
    assert alerts.claim(Crossing("wallet-1", 8), NOW)
    assert alerts.claim(Crossing("wallet-2", 7), NOW)


def test_crossing_is_forgotten_ninety_days_after_it_was_noted(alerts):
    alerts.claim(CROSSING, NOW)
    forgotten = datetime(2026, 5, 30, 12, 30, 0, tzinfo=UTC)
    assert item_of(alerts)["ttl"] == {"N": str(int(forgotten.timestamp()))}
    alerts.confirm(CROSSING)
    assert item_of(alerts)["ttl"] == {"N": str(int(forgotten.timestamp()))}


def test_of_many_claims_at_once_one_succeeds(alerts):
    def claim(_):
        try:
            return alerts.claim(CROSSING, NOW)
        except CrossingHeldError:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(16)), key=str) == [None] * 15 + [True]
