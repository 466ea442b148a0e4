"""The journal out of the ledger: the stream, and the archive, the view and the alerts made of it, as deployed."""

import base64
import gzip
import json
from decimal import Decimal
from functools import partial

import boto3
import pytest

from ledger import ion
from tests.e2e.journal_stream import Consumer, journal_of, view_of, wait_until, wallet_revisions
from tests.e2e.test_wallet_api import open_account

CALLS = 20


@pytest.fixture(scope="module")
def outputs(deployed):
    return deployed.outputs["captable1-stream"]


@pytest.fixture
def client(deployed):
    clients = []

    def make(service):
        clients.append(boto3.client(service, **deployed.cloud.client_options()))
        return clients[-1]

    yield make
    for each in clients:
        each.close()


def _moves(deployed, first, second):
    deployed.call("POST", "/addfunds", {"email": first, "AddFunds": 100})
    for number in range(CALLS):
        deployed.call("POST", "/transferfunds", {"from": first, "to": second, "TransferFunds": 1 + number / 100})
    deployed.call("POST", "/withdrawfunds", {"email": second, "WithdrawFunds": 5})


def test_every_block_of_the_wallet_arrives_and_has_the_ledgers_hashes(deployed, record_property):
    ana, bob, consumer = open_account(deployed), open_account(deployed, name="bob"), Consumer(deployed)
    consumer.wait_for(before := set(journal_of(deployed)))  # by then the forwarder is warm
    _moves(deployed, ana, bob)
    journal = journal_of(deployed)
    consumer.wait_for(set(journal))
    arrivals = consumer.blocks()
    for address, stored in journal.items():
        assert arrivals[address].payload["blockHash"] == stored.hash
        assert arrivals[address].partition_key == address[0]
    expected = {
        (revision.metadata.id, revision.metadata.version): revision
        for stored in journal.values()
        for revision in stored.block.revisions
        if revision.table_id
    }
    consumer.wait_for_revisions(expected.keys())
    revisions = consumer.revisions()
    assert revisions.keys() == expected.keys()
    for (document_id, version), arrival in revisions.items():
        revision = arrival.payload["revision"]
        assert arrival.partition_key == document_id
        assert revision["hash"] == expected[document_id, version].hash
        assert ion.dumps(revision["metadata"]) == ion.dumps(expected[document_id, version].metadata.to_ion())
    moved = {address: journal[address] for address in journal.keys() - before}
    record_property("lag of the journal stream", _lag(moved, arrivals))


def _lag(journal, arrivals):
    """Say how long after their commits blocks were in Kinesis."""
    lags = sorted(arrivals[address].arrived - stored.block.timestamp.timestamp() for address, stored in journal.items())
    return f"p50 {lags[len(lags) // 2]:.2f} s, p99 {lags[len(lags) * 99 // 100]:.2f} s of {len(lags)} blocks"


def test_one_strands_blocks_and_one_documents_revisions_arrive_in_their_order(deployed):
    _moves(deployed, open_account(deployed), open_account(deployed, name="bob"))
    consumer = Consumer(deployed)
    consumer.wait_for(set(journal_of(deployed)))
    summaries = [
        (str(a.payload["blockAddress"]["strandId"]), int(a.payload["blockAddress"]["sequenceNo"]))
        for a in consumer.seen
        if a.kind == "BLOCK_SUMMARY"
    ]
    details = [
        (str(a.payload["revision"]["metadata"]["id"]), int(a.payload["revision"]["metadata"]["version"]))
        for a in consumer.seen
        if a.kind == "REVISION_DETAILS"
    ]
    for pairs in (summaries, details):
        first_arrivals = list(dict.fromkeys(pairs))
        for key in {key for key, _ in first_arrivals}:
            numbers = [number for each, number in first_arrivals if each == key]
            assert numbers == sorted(numbers), key


def test_the_view_is_a_fold_of_the_journal(deployed, outputs, client):
    _moves(deployed, open_account(deployed), open_account(deployed, name="bob"))
    expected = wallet_revisions(journal_of(deployed))
    view = partial(view_of, client("dynamodb"), outputs["TransactionViewTable"])
    wait_until(lambda: view().keys() >= expected.keys(), lambda: f"not in the view: {expected.keys() - view().keys()}")
    found = view()
    for key, (revision, data) in expected.items():
        assert Decimal(found[key]["currentBalance"]["N"]) == data["CurrentBalance"]
        assert found[key]["transactionId"]["S"] == revision.metadata.tx_id
        assert found[key]["kind"]["S"] == data["kind"]


def test_every_revision_is_archived_as_a_line_of_json_with_its_ion(deployed, outputs, client):
    _moves(deployed, open_account(deployed), open_account(deployed, name="bob"))
    expected = wallet_revisions(journal_of(deployed))
    archived = partial(_archived, client("s3"), outputs["ArchiveBucket"])
    wait_until(lambda: archived().keys() >= expected.keys(), lambda: f"archived are only {len(archived())}")
    for key, line in archived().items():
        revision, data = expected.get(key, (None, None))
        if revision:
            record = ion.loads(base64.b64decode(line["ion"]))
            assert record["payload"]["revision"]["hash"] == revision.hash
            assert Decimal(str(line["data"]["CurrentBalance"])) == data["CurrentBalance"]


def _archived(s3, bucket):
    lines = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for found in page.get("Contents", ()):
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
            text = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
            for line in map(json.loads, text.splitlines()):
                if line.get("recordType") == "REVISION_DETAILS" and line["table"] == "wallettable":
                    lines[line["documentId"], line["version"]] = line
    return lines


def test_a_balance_that_falls_below_the_threshold_is_told_once_to_those_who_subscribe(deployed, outputs, client):
    sqs, sns = client("sqs"), client("sns")
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    told_by_sns = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**told_by_sns, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=outputs["BalanceAlertsTopicArn"], Protocol="sqs", Endpoint=arn)
    before = set(journal_of(deployed))
    email = open_account(deployed, 100)
    for amount in (50, 45, 1):  # 50, then 5 which is below 10, then 4 which was below already
        assert deployed.call("POST", "/withdrawfunds", {"email": email, "WithdrawFunds": amount}).status == 200
    other = open_account(deployed, 100)
    assert deployed.call("POST", "/withdrawfunds", {"email": other, "WithdrawFunds": 95}).status == 200
    journal = journal_of(deployed)
    after = {address: stored for address, stored in journal.items() if address not in before}
    wallets = {key[0] for key in wallet_revisions(after)}
    told, once = [], {"QueueUrl": queue, "VisibilityTimeout": 3600}

    def received():
        messages = sqs.receive_message(**once, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        told.extend(json.loads(message["Body"])["Message"] for message in messages)
        return len([text for text in told if any(wallet in text for wallet in wallets)]) >= 2

    wait_until(received, lambda: f"told: {told}")
    for wallet in wallets:
        assert len([text for text in told if wallet in text]) == 1, told
    assert email not in "".join(told)
