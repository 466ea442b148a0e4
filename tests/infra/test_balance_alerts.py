import json
from decimal import Decimal

import pytest
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events

from infra.balance_alerts import BalanceAlerts
from infra.errors import PropError
from tests.infra.streams import KEY_ARN, alarms, function, journal_in_kinesis, rights
from tests.infra.synthesis import only, resources, scratch_stack, statements, template_of


def balance_alerts(stack, **options):
    return BalanceAlerts(stack, "Alerts", stream=journal_in_kinesis(stack), **options)


@pytest.fixture(scope="module")
def template():
    stack = scratch_stack()
    balance_alerts(stack, default_threshold=Decimal("25.50"), ledger_table_name="accounts")
    return template_of(stack)


def environment(template):
    return function(template, "AlertsWatcher")["Environment"]["Variables"]


def test_the_watcher_knows_its_table_its_bus_the_threshold_and_where_poison_goes(template):
    found = environment(template)
    assert set(found) == {
        "ALERTS_TABLE",
        "DEAD_LETTER_QUEUE_URL",
        "DEFAULT_THRESHOLD",
        "EVENT_BUS_NAME",
        "JOURNAL_TABLE_NAME",
        "POWERTOOLS_SERVICE_NAME",
    }
    assert (found["DEFAULT_THRESHOLD"], found["EVENT_BUS_NAME"], found["JOURNAL_TABLE_NAME"]) == (
        "25.50",
        "default",
        "accounts",
    )


def test_without_a_default_threshold_only_wallets_with_one_of_their_own_are_watched():
    stack = scratch_stack()
    balance_alerts(stack)
    assert "DEFAULT_THRESHOLD" not in environment(template_of(stack))


def test_a_large_threshold_is_not_written_with_an_exponent():
    stack = scratch_stack()
    balance_alerts(stack, default_threshold=Decimal("1E+3"))
    assert environment(template_of(stack))["DEFAULT_THRESHOLD"] == "1000"


@pytest.mark.parametrize("threshold", ["-0.01", "1.005", "NaN", "Infinity"])
def test_a_threshold_that_is_no_amount_of_money_is_refused(threshold):
    with pytest.raises(PropError, match=f"default_threshold is {threshold}; give an amount"):
        balance_alerts(scratch_stack(), default_threshold=Decimal(threshold))


def test_the_watcher_is_stopped_before_another_may_send_the_alert_that_it_is_sending(template):
    assert function(template, "AlertsWatcher")["Timeout"] <= 60


def test_thresholds_are_kept_protected_and_restorable_and_crossings_expire(template):
    table = only(template, "AWS::DynamoDB::Table")
    assert table["DeletionPolicy"] == "Retain"
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert [key["AttributeName"] for key in table["Properties"]["KeySchema"]] == ["wallet", "item"]


def test_alerts_for_a_trial_can_be_deleted_with_their_stack():
    stack = scratch_stack()
    balance_alerts(stack, removal_policy=RemovalPolicy.DESTROY)
    table = only(template_of(stack), "AWS::DynamoDB::Table")
    assert (table["DeletionPolicy"], table["Properties"]["DeletionProtectionEnabled"]) == ("Delete", False)


def test_the_watcher_can_note_crossings_and_send_its_own_events_and_nothing_else(template):
    assert rights(template, "AlertsWatcherRole", "dynamodb") == {"GetItem", "PutItem", "UpdateItem"}
    (send,) = [one for one in statements(template, "AlertsWatcherRole") if one["Action"] == "events:PutEvents"]
    assert send["Condition"] == {"ForAllValues:StringEquals": {"events:source": ["wallet.balance-alerts"]}}
    assert "event-bus/default" in json.dumps(send["Resource"])


def test_the_event_becomes_a_sentence_for_people(template):
    rule = only(template, "AWS::Events::Rule")["Properties"]
    assert rule["EventPattern"] == {"source": ["wallet.balance-alerts"], "detail-type": ["Balance below threshold"]}
    (target,) = rule["Targets"]
    paths = target["InputTransformer"]["InputPathsMap"]
    text = target["InputTransformer"]["InputTemplate"]
    for name, path in paths.items():
        text = text.replace(f"<{name}>", path.rpartition(".")[2].upper())
    assert json.loads(text) == (
        "The balance of wallet WALLET is BALANCE, below its threshold of THRESHOLD. "
        "Before transaction TRANSACTIONID at TRANSACTIONTIME it was PREVIOUSBALANCE."
    )


def test_the_topic_is_encrypted_and_takes_messages_by_tls_from_the_rule_only(template):
    ((topic_id, topic),) = resources(template, "AWS::SNS::Topic").items()
    assert topic["Properties"]["KmsMasterKeyId"] == KEY_ARN
    (policy,) = only(template, "AWS::SNS::TopicPolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert (policy["Effect"], policy["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert rights(template, "AlertsRuleRole", "sns") == {"Publish"}
    (publish,) = [one for one in statements(template, "AlertsRuleRole") if one["Action"] == "sns:Publish"]
    assert publish["Resource"] == {"Ref": topic_id}
    (target,) = only(template, "AWS::Events::Rule")["Properties"]["Targets"]
    assert target["RoleArn"]["Fn::GetAtt"][0].startswith("AlertsRuleRole")


def test_an_alarm_rings_when_an_alert_does_not_reach_the_topic(template):
    undelivered = alarms(template, "AlertsUndelivered")
    assert (undelivered["Namespace"], undelivered["MetricName"]) == ("AWS/Events", "FailedInvocations")


def test_a_bus_of_ones_own_gets_the_events_and_the_rule():
    stack = scratch_stack()
    bus = events.EventBus(stack, "Own")
    balance_alerts(stack, event_bus=bus)
    template = template_of(stack)
    (bus_id,) = resources(template, "AWS::Events::EventBus")
    assert environment(template)["EVENT_BUS_NAME"] == {"Ref": bus_id}
    assert only(template, "AWS::Events::Rule")["Properties"]["EventBusName"] == {"Ref": bus_id}


def test_a_rule_of_ones_own_can_match_the_events():
    stack = scratch_stack()
    alerts = balance_alerts(stack)
    events.Rule(stack, "Mine", event_bus=alerts.event_bus, event_pattern=alerts.event_pattern)
    patterns = [
        json.dumps(rule["Properties"]["EventPattern"], sort_keys=True)
        for rule in resources(template_of(stack), "AWS::Events::Rule").values()
    ]
    assert len(patterns) == 2
    assert len(set(patterns)) == 1


def test_undelivered_alerts_are_counted_over_the_asked_period():
    found = balance_alerts(scratch_stack()).metric_undelivered(period=Duration.minutes(7))
    assert (found.statistic, found.period.to_minutes()) == ("Sum", 7)
