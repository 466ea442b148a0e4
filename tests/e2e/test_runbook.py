"""The runbook's commands on the deployed project, as they are written there."""

import base64
import json

import boto3
import pytest

from ledger.journal.revision import BlockAddress
from ledger.strand import block_key
from local import calls
from tests.deployment import Deployed
from tests.depth import DEEP
from tests.e2e.operator import Operator, code
from tests.e2e.test_wallet_api import open_account

KEEP, RESTORE, CHECK, CHECK_DIGEST, PUT_BACK, ADOPT = code("Procedures", "restore-drill")
NAMES = "restored=$table-restored"
slow = pytest.mark.skipif(not DEEP, reason="types many commands, and deploys once more: make deep runs it")


@pytest.fixture(scope="module")
def operator(deployed, tmp_path_factory):
    return Operator(deployed, tmp_path_factory.mktemp("operator"))


@pytest.fixture(scope="module")
def drilled(ana, operator):
    """The drill, done once: what it printed."""
    adopting = (PUT_BACK, ADOPT) if DEEP else ()
    return operator.does(KEEP, RESTORE, CHECK, CHECK_DIGEST, *adopting)


@pytest.fixture(scope="module")
def ana(deployed):
    """An account with 250 in it, from before the drill."""
    return open_account(deployed, 250)


@pytest.fixture
def restored(deployed, drilled):
    """The restored table: its name, and a client of DynamoDB."""
    assert drilled.returncode == 0, drilled.stderr
    client = boto3.client("dynamodb", **deployed.cloud.client_options())
    yield deployed.outputs["captable1-ledger"]["LedgerTableName"] + "-restored", client
    client.close()


def test_a_restore_drill_ends_with_every_hash_checked_and_the_digest_that_was_kept_proven(drilled):
    assert drilled.returncode == 0, drilled.stderr
    assert "ledger captable1: journal, documents, history and indexes agree\n" in drilled.stdout
    assert "\nverified: it is in ledger captable1" in drilled.stdout


def test_the_drill_takes_another_key_and_leaves_the_deployment_alone(deployed, restored):
    name, client = restored
    original = client.describe_table(TableName=name.removesuffix("-restored"))["Table"]
    assert original["TableStatus"] == "ACTIVE"
    assert deployed.call("POST", "/digest", {}).status == 200
    assert client.scan(TableName=name, Select="COUNT")["Count"] > 0


@pytest.mark.parametrize(("check", "which"), [(CHECK, "first"), (CHECK_DIGEST, "last")], ids=["fsck", "digest"])
def test_a_check_fails_for_a_table_that_lacks_a_block(operator, restored, check, which):
    name, client = restored
    tip = json.loads((operator.folder / "kept.ion.txt").read_text())["digestTipAddress"][0]
    number = tip["sequenceNo"] if which == "last" else 0
    cell = block_key(BlockAddress(tip["strandId"], number))
    key = {"pk": {"S": f"captable1/{cell.partition}"}, "sk": {"S": f".{cell.sort}"}}
    taken = client.delete_item(TableName=name, Key=key, ReturnValues="ALL_OLD")["Attributes"]
    try:
        failed = operator.does(NAMES, check)
        assert failed.returncode == 1, failed.stdout
    finally:
        client.put_item(TableName=name, Item=taken)


@slow
def test_the_stream_is_replayed_and_the_view_rebuilt(operator):
    (replay,), (rebuild, go_on) = code("Procedures", "replay-the-stream"), code("Procedures", "rebuild-the-view")
    done = operator.does(replay, rebuild, go_on)
    assert done.returncode == 0, done.stderr
    assert "0 blocks of ledger captable1" in done.stdout  # from the time in the example
    assert '"done": true' in done.stdout


@pytest.fixture
def letter(deployed, ana):
    """A dead letter about a record that is in the stream."""
    kinesis = boto3.client("kinesis", **deployed.cloud.client_options())
    stream = {"StreamARN": deployed.outputs["captable1-stream"]["KinesisStreamArn"]}
    found = []
    for shard in kinesis.list_shards(**stream)["Shards"]:
        place = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        found += kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**stream, **place)["ShardIterator"])[
            "Records"
        ]
    kinesis.close()
    data = base64.b64encode(found[0]["Data"]).decode()
    return json.dumps({"reason": "for a drill", "partitionKey": found[0]["PartitionKey"], "data": data})


@slow
def test_a_dead_letter_is_read_put_back_into_the_stream_and_taken_out_of_the_queue(operator, letter):
    queue = "queue=$(variable $(function_of stream ViewWriter) DEAD_LETTER_QUEUE_URL)"
    send = f"aws sqs send-message --queue-url $queue --message-body '{letter}'"
    count = "aws sqs get-queue-attributes --queue-url $queue --attribute-names All --query Attributes"
    read, put_back = code("Procedures", "read-and-replay-dead-letters")
    done = operator.does(queue, send, read, put_back, "echo left:", count)
    assert done.returncode == 0, done.stderr
    assert "for a drill" in done.stdout
    left = json.loads(done.stdout.partition("left:")[2])
    assert (left["ApproximateNumberOfMessages"], left["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


@slow
def test_a_restored_ledger_is_adopted_by_a_second_deployment_which_goes_on_from_its_balances(deployed, drilled, ana):
    assert drilled.returncode == 0, drilled.stderr
    second = other_deployment(deployed, "captable1-restored")
    assert second.outputs["captable1-restored-ledger"]["LedgerTableName"].endswith("-restored")
    answer = second.call("POST", "/withdrawfunds", {"email": ana, "WithdrawFunds": 100})
    assert (answer.status, answer.json["CurrentBalance"]) == (200, 150)
    assert deployed.call("POST", "/checkfunds", {"email": ana}).json["CurrentBalance"] == 250


def other_deployment(deployed, name):
    """Give the deployment of another name on the same cloud."""
    client = boto3.client("cloudformation", **deployed.cloud.client_options())
    found = {
        stack["StackName"]: {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        for stack in client.get_paginator("describe_stacks").paginate().search("Stacks[]")
        if stack["StackName"].startswith(f"{name}-")
    }
    client.close()
    outputs = calls.localised(found, deployed.cloud.endpoint_url)
    return Deployed(deployed.cloud, deployed.target, outputs, calls.api_url(outputs))
