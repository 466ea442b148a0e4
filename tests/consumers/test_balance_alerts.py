"""The function of balance alerts, from its environment to a queue behind the event bus."""

import uuid

import pytest

from lambdas.stream import balance_alerts
from ledger.stream import Record
from tests.consumers.deliveries import Context, event, failed_numbers
from tests.consumers.journals import TABLE, WalletJournal
from tests.wallet.ledgers import open_account, withdraw


@pytest.fixture
def bus(events, sqs):
    """A bus, and a queue that takes the alerts on it."""
    name = f"bus-{uuid.uuid4().hex}"
    events.create_event_bus(Name=name)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = '{"source": ["wallet.balance-alerts"], "detail-type": ["Balance below threshold"]}'
    events.put_rule(Name="alerts", EventBusName=name, EventPattern=pattern)
    events.put_targets(Rule="alerts", EventBusName=name, Targets=[{"Id": "queue", "Arn": arn}])
    return name, url


@pytest.fixture
def environment(on_cloud, bus, queue, new_table, monkeypatch):
    values = {
        "ALERTS_TABLE": new_table(wallet="S", item="S"),
        "EVENT_BUS_NAME": bus[0],
        "DEFAULT_THRESHOLD": "50",
        "DEAD_LETTER_QUEUE_URL": queue.url,
        "JOURNAL_TABLE_NAME": TABLE,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    balance_alerts.consumer.cache_clear()
    yield
    balance_alerts.consumer.cache_clear()


def test_alert_arrives_behind_the_bus_once_and_poison_in_the_dead_letter_queue(
    environment, journal: WalletJournal, bus, queue, sqs
):
    open_account(journal.wallet, "dan@example.com", "100.00")
    withdraw(journal.wallet, "dan@example.com", "60.00")
    wallet = journal.wallet_id("dan@example.com")
    records = [record for record in journal.records() if record.partition_key == wallet]
    for _ in range(2):
        answer = balance_alerts.handler(event([Record("p", b"no Ion"), *records]), Context())
        assert failed_numbers(answer) == []
    [alert] = type(queue)(sqs, bus[1]).receive()
    assert (alert["source"], alert["detail-type"]) == ("wallet.balance-alerts", "Balance below threshold")
    assert alert["detail"]["id"] == f"{wallet}#2"
    assert (alert["detail"]["balance"], alert["detail"]["previousBalance"], alert["detail"]["threshold"]) == (
        40,
        100,
        50,
    )
    assert [message["consumer"] for message in queue.receive()] == ["balance-alerts"] * 2
