import pytest
from aws_cdk import Duration

from infra.errors import PropError
from infra.ledger_alarms import LedgerAlarms
from infra.wallet_alarms import WalletAlarms
from tests.infra.runbook import alarms
from tests.infra.synthesis import only, resources, scratch_stack, synthesised, template_of
from tests.infra.test_ledger import imported
from tests.infra.test_wallet_api import wallet_api

CHOSEN = {
    "max_error_rate": ("ErrorRate", 0.25),
    "max_latency": ("Latency", 700),
    "max_failed": ("Failed", 3),
    "max_unavailable": ("Unavailable", 4),
    "max_conflicts": ("Conflicts", 5),
    "max_callers_throttled": ("CallersThrottled", 6),
    "max_throttles": ("ThrottlesAddFunds", 7),
}


def watched(**thresholds):
    stack = scratch_stack()
    made = WalletAlarms(stack, "Alarms", wallet=wallet_api(stack), **thresholds)
    return made, dict(alarms(template_of(stack)))


def of(found, name):
    (alarm,) = [
        body for key, body in found.items() if key.startswith(f"Alarms{name}") and key[6 + len(name) :].isalnum()
    ]
    return alarm


@pytest.fixture(scope="module")
def by_default():
    return watched()


def test_every_threshold_is_a_prop():
    values = {prop: Duration.millis(value) if prop == "max_latency" else value for prop, (_, value) in CHOSEN.items()}
    _, found = watched(**values)
    assert {prop: of(found, name)["Threshold"] for prop, (name, _) in CHOSEN.items()} == {
        prop: value for prop, (_, value) in CHOSEN.items()
    }


@pytest.mark.parametrize("rate", [-0.1, 1, 50])
def test_a_share_of_calls_that_is_none_is_refused(rate):
    with pytest.raises(PropError, match=f"max_error_rate is {rate}; give a share of all calls"):
        watched(max_error_rate=rate)


def test_errors_are_a_share_of_all_calls_and_latency_is_what_one_caller_in_a_hundred_sees(by_default):
    _, found = by_default
    errors, latency = of(found, "ErrorRate"), of(found, "Latency")
    assert (errors["MetricName"], errors["Statistic"], errors["Threshold"]) == ("5XXError", "Average", 0.01)
    assert (latency["MetricName"], latency["ExtendedStatistic"], latency["Threshold"]) == ("Latency", "p99", 3000)


def test_one_call_that_fails_rings_within_a_minute(by_default):
    _, found = by_default
    failed = of(found, "Failed")
    assert (failed["MetricName"], failed["Threshold"], failed["Period"], failed["EvaluationPeriods"]) == (
        "CallsFailed",
        0,
        60,
        1,
    )


def test_every_function_is_watched_for_throttling(by_default):
    made, found = by_default
    throttles = [alarm for alarm in found.values() if alarm["MetricName"] == "Throttles"]
    assert len(throttles) == 9
    assert len(made.alarms) == len(found)


def test_calls_beyond_the_rate_are_counted_in_the_access_log_by_the_api_they_were_for():
    template = synthesised().wallet
    counted = only(template, "AWS::Logs::MetricFilter")["Properties"]
    assert counted["FilterPattern"] == '{ $.status = "429" }'
    (transformation,) = counted["MetricTransformations"]
    assert transformation["Dimensions"] == [{"Key": "Api", "Value": "$.api"}]
    (stage,) = resources(template, "AWS::ApiGateway::Stage").values()
    log_format = stage["Properties"]["AccessLogSetting"]["Format"]
    assert '"api":"$context.apiId"' in log_format
    assert '"status":"$context.status"' in log_format
    alarm = of(dict(alarms(template)), "CallersThrottled")
    assert alarm["Dimensions"] == [
        {"Name": "Api", "Value": {"Ref": next(iter(resources(template, "AWS::ApiGateway::RestApi")))}}
    ]


def test_the_ledgers_table_is_watched_for_throttling_and_for_failures_of_what_a_ledger_asks():
    stack = scratch_stack()
    made = LedgerAlarms(stack, "Alarms", ledger=imported(stack), max_throttled=2, max_system_errors=1)
    found = [alarm for _, alarm in alarms(template_of(stack))]
    assert len(made.alarms) == len(found)
    read = {(alarm["MetricName"], alarm["Threshold"]) for alarm in found}
    assert read == {("ReadThrottleEvents", 2), ("WriteThrottleEvents", 2), ("SystemErrors", 1)}
    operations = {one["Value"] for alarm in found for one in alarm["Dimensions"] if one["Name"] == "Operation"}
    assert operations == {"BatchGetItem", "Query", "TransactGetItems", "TransactWriteItems"}
