"""Two environments in one account, and one of them twice."""

import time
from dataclasses import replace

import boto3
import pytest

from local import calls, cdk
from tests.deployment import Deployed
from tests.depth import DEEP

pytestmark = pytest.mark.skipif(not DEEP, reason="deploys three times: make deep runs it")

WITHOUT_BACKUP = {"backup_days": "0", "backup_lock": "NONE"}  # the local cloud does not know what selects for a backup
DEPLOYMENTS = {
    "captable1-dev": {"environment": "dev"},
    "captable1-prod": {"environment": "prod", **WITHOUT_BACKUP},
    "dev-ana": {"environment": "dev", "deployment": "dev-ana"},
}
ANA = "ana@example.com"


@pytest.fixture(scope="module")
def seconds():
    """How long each deployment took, when it was made."""
    return {}


@pytest.fixture(scope="module")
def side_by_side(cloud, seconds):
    """The three deployments, one after the other into the cloud that all tests share."""
    made = {}
    for name, settings in DEPLOYMENTS.items():
        target = cdk.of_cloud(cloud)
        target = replace(target, directory=cloud.directory / name, settings={**target.settings, **settings})
        started = time.monotonic()
        outputs = calls.localised(cdk.deploy(target), cloud.endpoint_url)
        seconds[name] = round(time.monotonic() - started, 1)
        made[name] = Deployed(cloud, target, outputs, calls.api_url(outputs))
    return made


@pytest.fixture
def client(cloud):
    clients = []

    def make(service):
        clients.append(boto3.client(service, **cloud.client_options()))
        return clients[-1]

    yield make
    for each in clients:
        each.close()


def test_each_has_its_own_stacks_and_money(side_by_side, seconds, record_property):
    record_property("seconds to synthesise and deploy, one after the other", seconds)
    for number, (name, deployed) in enumerate(side_by_side.items(), 1):
        assert {stack.rpartition("-")[0] for stack in deployed.outputs} == {name}
        assert deployed.call("POST", "/createaccount", {"email": ANA, "username": "Ana"}).status == 201
        assert deployed.call("POST", "/addfunds", {"email": ANA, "AddFunds": number}).status == 200
    balances = [
        deployed.call("POST", "/checkfunds", {"email": ANA}).json["CurrentBalance"]
        for deployed in side_by_side.values()
    ]
    assert balances == [1, 2, 3]


def test_no_name_that_others_look_up_is_shared(side_by_side):
    for output in ("LedgerTableName", "QLDBLedgerName", "AlarmTopicArn", "KinesisStreamName", "DashboardName"):
        values = [
            value
            for deployed in side_by_side.values()
            for outputs in deployed.outputs.values()
            for name, value in outputs.items()
            if name == output
        ]
        assert len(set(values)) == len(DEPLOYMENTS), output


def test_each_has_a_dashboard_and_alarms_of_its_own(side_by_side, client):
    shown = {one["DashboardName"] for one in client("cloudwatch").list_dashboards()["DashboardEntries"]}
    assert shown >= set(DEPLOYMENTS)
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate()
    told = [alarm["AlarmActions"] for page in pages for alarm in page["MetricAlarms"]]
    for name, deployed in side_by_side.items():
        assert [deployed.outputs[f"{name}-ledger"]["AlarmTopicArn"]] in told


def test_what_can_be_thrown_away_is_and_what_must_stay_is_protected(side_by_side, client):
    for name, protected in (("captable1-dev", False), ("captable1-prod", True), ("dev-ana", False)):
        table = side_by_side[name].outputs[f"{name}-ledger"]["LedgerTableName"]
        assert client("dynamodb").describe_table(TableName=table)["Table"]["DeletionProtectionEnabled"] is protected
