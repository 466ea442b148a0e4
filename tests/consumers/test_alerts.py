"""Which revisions raise an alert, and that each does so once whatever happens on the way."""

import json
import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdas.stream.alerts import BalanceAlerts
from lambdas.stream.alerts_table import LEASE, AlertsTable
from lambdas.stream.consumer import Consumer
from lambdas.stream.errors import CrossingHeldError, EventRefusedError, InvalidThresholdError
from lambdas.stream.event_bus import EventBus
from lambdas.stream.records import decode
from ledger import clock
from ledger.stream import Record
from tests.consumers.deliveries import Context, Flaky, deliver, event, failed_numbers, refusal
from tests.consumers.journals import CLEO, TABLE
from tests.depth import examples
from tests.wallet.ledgers import ANA, add, open_account, withdraw

FIFTY = Decimal(50)


class Bus:
    """Keeps what is put; refuses, fails or loses its answer as often as it is told to."""

    def __init__(self) -> None:
        self.details, self.troubles = [], []

    def put_events(self, *, Entries):  # noqa: N803 - EventBridge's names
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble == "refused":
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
        if trouble is not None and trouble != "answer lost":
            raise trouble
        [entry] = Entries
        assert (entry["Source"], entry["DetailType"]) == ("wallet.balance-alerts", "Balance below threshold")
        assert entry["EventBusName"] == "bus"
        self.details.append(json.loads(entry["Detail"], parse_float=Decimal))
        if trouble == "answer lost":
            raise refusal("InternalServerError")
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    def ids(self) -> Counter[str]:
        return Counter(detail["id"] for detail in self.details)


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = clock.now()

    def __call__(self):
        return self.now

    def pass_by(self, time) -> None:
        self.now += time


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def new_alerts(dynamodb, new_table, time):
    """Makes alerts on a new table."""

    def make(bus, default=FIFTY, wrap=lambda client: client, table=None):
        name = table or new_table(wallet="S", item="S")
        return BalanceAlerts(
            AlertsTable(wrap(dynamodb), name, timedelta(days=90)),
            EventBus(bus, "bus"),
            journal_table=TABLE,
            default_threshold=default,
            maximum_age=timedelta(days=14),
            now=time,
        )

    return make


@pytest.fixture
def alerts(new_alerts, bus):
    """Alerts below 50 to the bus."""
    return new_alerts(bus)


def records_of(journal, email):
    """Give the revisions of one account, oldest first."""
    wallet = journal.wallet_id(email)
    found = [decode(record.data) for record in journal.records() if record.partition_key == wallet]
    return sorted(found, key=lambda record: record.revision.metadata.version)


def set_threshold(alerts, wallet, amount):
    item = {"wallet": {"S": wallet}, "item": {"S": "threshold"}, "amount": {"N": str(amount)}}
    alerts._table._client.put_item(TableName=alerts._table._table_name, Item=item)


@pytest.fixture
def falling(journal):
    """The revision that takes an account from 100 to 40."""
    withdraw(journal.wallet, ANA, "0.50")
    open_account(journal.wallet, "dan@example.com", "100.00")
    withdraw(journal.wallet, "dan@example.com", "60.00")
    return records_of(journal, "dan@example.com")[-1]


def test_alert_says_what_happened_and_holds_no_personal_data(alerts, bus, falling, journal):
    alerts.take(falling)
    wallet, metadata = journal.wallet_id("dan@example.com"), falling.revision.metadata
    assert bus.details == [
        {
            "id": f"{wallet}#2",
            "wallet": wallet,
            "version": 2,
            "balance": 40,
            "previousBalance": 100,
            "threshold": 50,
            "transactionId": metadata.tx_id,
            "transactionTime": clock.write(metadata.tx_time),
            "blockAddress": falling.revision.address.to_ion(),
        }
    ]


@pytest.mark.parametrize(
    ("threshold", "is_crossed"),
    [("40", False), ("40.01", True), ("100", True), ("100.01", False), ("0", False), ("1000000", False)],
)
def test_balance_that_falls_below_the_threshold_from_it_or_above_crosses_it(
    new_alerts, bus, falling, threshold, is_crossed
):
    new_alerts(bus, Decimal(threshold)).take(falling)
    assert bool(bus.details) == is_crossed


def test_balance_that_rises_raises_no_alert(alerts, bus, journal):
    for record in records_of(journal, CLEO):
        alerts.take(record)
    assert bus.details == []


def test_own_threshold_of_a_wallet_goes_before_the_default(new_alerts, bus, falling, journal):
    wallet = journal.wallet_id("dan@example.com")
    for default, own, is_crossed in ((FIFTY, 0, False), (FIFTY, 10, False), (Decimal(10), 45, True), (None, 45, True)):
        bus.details.clear()
        alerts = new_alerts(bus, default)
        set_threshold(alerts, wallet, own)
        alerts.take(falling)
        assert bool(bus.details) == is_crossed


def test_wallet_without_any_threshold_raises_no_alert(new_alerts, bus, falling):
    new_alerts(bus, None).take(falling)
    assert bus.details == []


def test_changed_threshold_raises_no_alert_by_itself(new_alerts, bus, falling, journal):
    alerts = new_alerts(bus, Decimal(10))
    alerts.take(falling)
    set_threshold(alerts, journal.wallet_id("dan@example.com"), 90)
    withdraw(journal.wallet, "dan@example.com", "1.00")
    alerts.take(records_of(journal, "dan@example.com")[-1])
    assert bus.details == []


def test_threshold_that_is_no_amount_raises_and_alerts_nothing(alerts, bus, falling, journal):
    key = {"wallet": {"S": journal.wallet_id("dan@example.com")}, "item": {"S": "threshold"}}
    alerts._table._client.put_item(TableName=alerts._table._table_name, Item=key)
    with pytest.raises(InvalidThresholdError):
        alerts.take(falling)
    assert bus.details == []


def test_each_crossing_of_a_wallet_is_alerted(alerts, bus, falling, journal):
    add(journal.wallet, "dan@example.com", "20.00")
    withdraw(journal.wallet, "dan@example.com", "20.00")
    for record in records_of(journal, "dan@example.com"):
        alerts.take(record)
    assert [detail["version"] for detail in bus.details] == [2, 4]


def test_crossing_that_was_alerted_is_not_alerted_again(alerts, bus, falling, time):
    for days in (0, 0, 1, 12):
        time.pass_by(timedelta(days=days))
        alerts.take(falling)
    assert len(bus.details) == 1


def test_old_revision_is_not_alerted(alerts, bus, falling, time):
    time.now = falling.revision.metadata.tx_time + timedelta(days=14, milliseconds=1)
    alerts.take(falling)
    assert bus.details == []
    time.now -= timedelta(milliseconds=1)
    alerts.take(falling)
    assert len(bus.details) == 1


@pytest.mark.parametrize("trouble", ["refused", refusal("ThrottlingException")], ids=str)
def test_event_that_was_not_taken_is_put_again_at_the_next_delivery(alerts, bus, falling, trouble):
    bus.troubles = [trouble]
    with pytest.raises((EventRefusedError, type(refusal("x")))):
        alerts.take(falling)
    assert bus.details == []
    alerts.take(falling)
    assert len(bus.details) == 1


def test_event_whose_answer_is_lost_is_put_again_with_the_same_id(alerts, bus, falling):
    bus.troubles = ["answer lost"]
    with pytest.raises(type(refusal("x"))):
        alerts.take(falling)
    alerts.take(falling)
    assert bus.details[0] == bus.details[1]
    assert len(bus.details) == 2


def test_note_that_fails_does_not_bring_the_event_again(alerts, bus, falling, time, monkeypatch):
    monkeypatch.setattr(AlertsTable, "confirm", raising(refusal("ThrottlingException")))
    alerts.take(falling)
    assert len(bus.details) == 1


class Killed(BaseException):
    """The process ends here."""


def raising(error):
    def method(*_):
        raise error

    return method


def test_process_killed_before_the_event_leaves_the_alert_to_the_next_one(alerts, bus, falling, time, monkeypatch):
    bus.troubles = [Killed()]
    with pytest.raises(Killed):
        alerts.take(falling)
    with pytest.raises(CrossingHeldError):
        alerts.take(falling)
    time.pass_by(LEASE)
    alerts.take(falling)
    alerts.take(falling)
    assert len(bus.details) == 1


def test_process_killed_behind_the_event_makes_it_come_twice_with_one_id(alerts, bus, falling, time, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(AlertsTable, "confirm", raising(Killed()))
        with pytest.raises(Killed):
            alerts.take(falling)
    time.pass_by(LEASE)
    alerts.take(falling)
    alerts.take(falling)
    assert list(bus.ids().values()) == [2]


def test_deletions_redactions_and_other_tables_raise_no_alert(new_alerts, bus, kept_journal):
    journal, _ = kept_journal
    alerts = new_alerts(bus, Decimal(10**11))
    for record in journal.records():
        decoded = decode(record.data)
        revision = getattr(decoded, "revision", None)
        if revision is None or revision.data is None or decoded.table_name != TABLE:
            alerts.take(decoded)
    assert bus.details == []


@settings(max_examples=examples(6), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_any_order_any_number_of_times_and_one_failure_in_a_hundred_give_one_alert_for_each_crossing(
    kept_journal, new_alerts, queue, time, seed
):
    _, before = kept_journal
    chance, bus = random.Random(seed), Bus()
    bus.troubles = [chance.choice([None, "refused", refusal("ThrottlingException")]) for _ in range(20)]
    records = before + chance.sample(before, k=len(before) // 2) + [Record("p", b"\x00")]
    chance.shuffle(records)
    alerts = new_alerts(bus, wrap=lambda client: Flaky(client, chance, steady=["update_item"]))
    consumer = Consumer("test", alerts.take, queue.dead_letters())
    deliver(consumer, records, pause=lambda: time.pass_by(timedelta(seconds=20)))
    assert bus.ids() == crossings(before)
    assert [message["data"] for message in queue.receive()] == ["AA=="]


def crossings(records) -> Counter[str]:
    """Judge every revision of the wallets' table by itself."""
    revisions = [decode(record.data) for record in records if b"REVISION_DETAILS" in record.data]
    return Counter(
        f"{each.revision.metadata.id}#{each.revision.metadata.version}"
        for each in revisions
        if each.table_name == TABLE
        and each.revision.data
        and each.revision.data["PreviousBalance"] >= FIFTY > each.revision.data["CurrentBalance"]
    )


def test_two_consumers_at_once_alert_each_crossing_once(kept_journal, new_alerts, new_table, queue, time):
    _, before = kept_journal
    bus, table = Bus(), new_table(wallet="S", item="S")
    one, other = (Consumer("test", new_alerts(bus, table=table).take, queue.dead_letters()) for _ in range(2))
    put_events = bus.put_events

    def put_while_the_other_looks(**arguments):
        bus.put_events = put_events
        try:
            first = failed_numbers(other(event(before), Context()))
            assert len(first) == 1
        finally:
            answer = put_events(**arguments)
            bus.put_events = put_while_the_other_looks
        return answer

    bus.put_events = put_while_the_other_looks
    deliver(one, before, pause=lambda: time.pass_by(LEASE))
    bus.put_events = put_events
    deliver(other, before, pause=lambda: time.pass_by(LEASE))
    assert bus.ids() == crossings(before)
