"""The deployed forwarder: its settings, its stream, its metrics, and the time that it takes."""

import functools
import json
from datetime import UTC, datetime, timedelta

import pytest

from lambdas.stream import forwarder
from lambdas.stream.forwarder import Connections, connections, handler
from lambdas.stream.forwarder_settings import ForwarderSettings
from lambdas.stream.settings import InvalidSettingError
from lambdas.wallet.settings import MissingSettingError
from ledger.store import SQLiteStore
from ledger.stream import ImpairedError, cancel_stream, forward, list_streams
from ledger.stream.kinesis import KinesisPublisher
from tests.stream.forwarding import check_stream
from tests.stream.journals import Journal
from tests.stream.kinesis import KINESIS_ARN, Kinesis, says

ENVIRONMENT = {
    "LEDGER_NAME": "demo",
    "LEDGER_TABLE": "cells",
    "STREAM_NAME": "captable1-qldb-stream",
    "KINESIS_STREAM_ARN": KINESIS_ARN,
}


class Context:
    """What Lambda tells a function about a call."""

    def __init__(self, seconds=60):
        self._seconds = seconds

    def get_remaining_time_in_millis(self):
        return int(self._seconds * 1000)


@pytest.fixture
def journal():
    store = SQLiteStore(":memory:")
    journal = Journal(store, strands=2)
    journal.commit(1, [1, 2])
    yield journal
    store.close()


@pytest.fixture
def kinesis():
    return Kinesis()


@pytest.fixture
def deployed(journal, kinesis, monkeypatch):
    """The handler, connected to a journal and a Kinesis in memory."""
    settings = ForwarderSettings.read(ENVIRONMENT)
    publisher = KinesisPublisher(kinesis, KINESIS_ARN, aggregated=False)
    known = Connections(settings, journal.store, journal.settings, publisher)
    monkeypatch.setattr(forwarder, "connections", lambda: known)
    return journal


def test_the_first_call_starts_the_stream_and_the_next_ones_go_on_with_it(deployed, kinesis):
    first = handler({"Records": []}, Context())
    assert first == {
        "streamId": first["streamId"],
        "blocks": 3,
        "records": 5,
        "recordsTooLarge": 0,
        "caughtUp": True,
    }
    deployed.commit(0, [1])
    assert handler(None, Context())["blocks"] == 1
    check_stream(kinesis, deployed.blocks())
    [stream] = list_streams(deployed.store)
    assert stream.arn == f"arn:aws:qldb:us-east-1:000000000000:stream/demo/{first['streamId']}"
    assert stream.request.name == "captable1-qldb-stream"


def test_a_call_without_time_leaves_the_work_to_the_next_one(deployed, kinesis):
    assert not handler(None, Context(seconds=20))["caughtUp"]
    assert kinesis.calls == []


def test_a_canceled_stream_stays_canceled_whatever_wakes_the_function(deployed, kinesis):
    stream_id = handler(None, Context())["streamId"]
    cancel_stream(deployed.store, stream_id)
    deployed.commit(0, [1])
    calls = len(kinesis.calls)
    assert handler(None, Context()) == {
        "streamId": stream_id,
        "blocks": 0,
        "records": 0,
        "recordsTooLarge": 0,
        "caughtUp": True,
    }
    assert len(kinesis.calls) == calls


def test_what_people_must_put_right_fails_the_call(deployed, kinesis):
    kinesis.plan = iter([says("AccessDeniedException")])
    with pytest.raises(ImpairedError, match="IAM_PERMISSION_REVOKED"):
        handler(None, Context())


class TestMetrics:
    @pytest.fixture(autouse=True)
    def service(self, monkeypatch):
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "wallet")

    def measured(self, capsys, **context):
        handler(None, Context(**context))
        return json.loads(capsys.readouterr().out)

    def test_they_have_the_ledger_and_the_stream_as_their_only_dimensions(self, deployed, capsys):
        written = self.measured(capsys)
        [described] = written["_aws"]["CloudWatchMetrics"]
        assert described["Namespace"] == "VerifiableLedger"
        assert described["Dimensions"] == [["Ledger", "Stream"]]
        assert (written["Ledger"], written["Stream"]) == ("demo", "captable1-qldb-stream")
        assert {each["Name"]: each["Unit"] for each in described["Metrics"]} == {
            "BlocksForwarded": "Count",
            "RecordsForwarded": "Count",
            "RecordsTooLarge": "Count",
            "StreamLag": "Seconds",
        }
        assert (written["BlocksForwarded"], written["RecordsForwarded"]) == ([3], [5])

    def test_the_lag_is_the_age_of_the_oldest_block_and_nothing_once_all_is_published(
        self, deployed, capsys, monkeypatch
    ):
        late = functools.partial(forward, clock=lambda: deployed.settings.created + timedelta(seconds=100))
        monkeypatch.setattr(forwarder, "forward", late)
        assert self.measured(capsys, seconds=600)["StreamLag"] == [100]
        assert self.measured(capsys, seconds=600)["StreamLag"] == [0]

    def test_a_call_that_could_not_do_its_work_does_not_claim_that_there_is_no_lag(self, deployed, capsys):
        assert "StreamLag" not in self.measured(capsys, seconds=0)


class TestSettings:
    def test_times_and_packing_may_be_left_out(self):
        for left_out in ({}, dict.fromkeys(("INCLUSIVE_START_TIME", "EXCLUSIVE_END_TIME", "AGGREGATION_ENABLED"), "")):
            request = ForwarderSettings.read(ENVIRONMENT | left_out).request
            assert request.start == datetime(1970, 1, 1, tzinfo=UTC)
            assert (request.end, request.aggregated) == (None, False)

    def test_times_and_packing_are_read(self):
        more = {"INCLUSIVE_START_TIME": "2025-01-31T00:00:00Z", "EXCLUSIVE_END_TIME": "2025-02-01T00:00:00+01:00"}
        request = ForwarderSettings.read(ENVIRONMENT | more | {"AGGREGATION_ENABLED": "true"}).request
        assert request.start == datetime(2025, 1, 31, tzinfo=UTC)
        assert request.end == datetime(2025, 1, 31, 23, tzinfo=UTC)
        assert request.aggregated

    def test_the_stream_is_in_the_region_and_account_of_its_kinesis_stream(self):
        arn = "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/x"
        settings = ForwarderSettings.read(ENVIRONMENT | {"KINESIS_STREAM_ARN": arn})
        assert settings.arn_prefix == "arn:aws-cn:qldb:cn-north-1:123456789012"

    @pytest.mark.parametrize("name", ENVIRONMENT)
    def test_what_it_cannot_do_without_is_named(self, name):
        with pytest.raises(MissingSettingError, match=name):
            ForwarderSettings.read(ENVIRONMENT | {name: ""})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("INCLUSIVE_START_TIME", "yesterday"),
            ("EXCLUSIVE_END_TIME", "2025-01-31T00:00:00"),
            ("AGGREGATION_ENABLED", "True"),
        ],
    )
    def test_a_value_that_cannot_be_read_is_named(self, name, value):
        with pytest.raises(InvalidSettingError, match=f"{name} is '{value}'"):
            ForwarderSettings.read(ENVIRONMENT | {name: value})


def test_the_connections_are_made_from_the_environment_once(monkeypatch, journal):
    made = []
    monkeypatch.setattr(
        forwarder, "DynamoDBStore", lambda table, namespace: made.append((table, namespace)) or journal.store
    )
    monkeypatch.setattr(forwarder.boto3, "client", lambda service, config: made.append((service, config.retries)))
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    connections.cache_clear()
    assert connections() is connections()
    assert connections().ledger == journal.settings
    assert made == [("cells", "demo"), ("kinesis", {"total_max_attempts": 1})]
    connections.cache_clear()
