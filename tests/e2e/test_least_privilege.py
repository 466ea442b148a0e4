"""What the role of each deployed function must not do, tried with its credentials where IAM is enforced.

That the roles can do what they must is what all other tests of this deployment show.
"""

import json

import pytest

from tests.e2e.roles import Roles, is_refused
from tests.e2e.test_wallet_api import new_email, open_account

MONEY = ("CreateAccount", "AddFunds", "WithdrawFunds", "TransferFunds")
COMMITTERS = (*(f"wallet-Functions{call}" for call in MONEY), "ledger-TablesHandler")
CONSUMERS = ("stream-AlertsWatcher", "stream-ArchiveTransformer", "stream-ViewWriter")
TEXT = {"S": "x"}


@pytest.fixture(scope="module")
def roles(deployed):
    return Roles(deployed)


@pytest.fixture(scope="module")
def outputs(deployed):
    return {name: value for outputs in deployed.outputs.values() for name, value in outputs.items()}


@pytest.fixture(scope="module")
def ledger(outputs):
    return outputs["LedgerTableName"]


@pytest.fixture(scope="module")
def block(deployed, roles, ledger):
    """An item that holds a block."""
    open_account(deployed)
    pages = roles.client("dynamodb", None).get_paginator("scan").paginate(TableName=ledger)
    return next(item for page in pages for item in page["Items"] if item["pk"]["S"].startswith("captable1/block/"))


def put(table, partition):
    item = {"pk": {"S": f"captable1/{partition}"}, "sk": {"S": ".try"}}
    return {"TransactItems": [{"Put": {"TableName": table, "Item": item}}]}


def test_every_function_has_a_role_of_its_own(roles):
    assert len(roles.functions) > 15
    assert len(set(roles.functions.values())) == len(roles.functions)


def test_no_function_deletes_or_edits_a_block_or_writes_one_outside_a_transaction(roles, ledger, block, subtests):
    key = {name: block[name] for name in ("pk", "sk")}
    edit = {"UpdateExpression": "SET d = :d", "ExpressionAttributeValues": {":d": {"B": b"forged"}}}
    for function in roles.functions:
        with subtests.test(function):
            client = roles.client("dynamodb", function)
            assert is_refused(client.delete_item, TableName=ledger, Key=key)
            assert is_refused(
                client.transact_write_items, TransactItems=[{"Delete": {"TableName": ledger, "Key": key}}]
            )
            assert is_refused(client.update_item, TableName=ledger, Key=key, **edit)
            assert is_refused(client.put_item, TableName=ledger, Item=block)
            batch = {ledger: [{"DeleteRequest": {"Key": key}}]}
            assert is_refused(client.batch_write_item, RequestItems=batch)
    assert roles.client("dynamodb", None).get_item(TableName=ledger, Key=key)["Item"] == block


def test_blocks_are_written_by_functions_that_commit_and_by_no_other(roles, ledger, block, subtests):
    """With what is there already, since what IAM does not refuse happens."""
    again = [{"Put": {"TableName": ledger, "Item": block}}]
    for function in roles.functions:
        with subtests.test(function):
            refused = is_refused(roles.client("dynamodb", function).transact_write_items, TransactItems=again)
            assert refused != function.startswith(COMMITTERS)


@pytest.mark.parametrize("function", MONEY)
def test_a_function_that_moves_money_defines_no_table_and_keeps_no_stream(roles, ledger, function):
    client = roles.client("dynamodb", f"wallet-Functions{function}")
    for partition in ("catalog", "ledger", "streams", "redaction", "exports"):
        assert is_refused(client.transact_write_items, **put(ledger, partition)), partition


@pytest.mark.parametrize("function", ["CheckFunds", "History", "Digest", "Verify"])
def test_a_function_that_reads_writes_neither_the_ledger_nor_a_profile(roles, ledger, outputs, function):
    client = roles.client("dynamodb", f"wallet-Functions{function}")
    assert client.get_item(TableName=ledger, Key={"pk": {"S": "captable1/ledger"}, "sk": {"S": ".settings"}})["Item"]
    for partition in ("block/1", "document/1/00", "history/1", "index/1/1", "catalog", "streams"):
        assert is_refused(client.transact_write_items, **put(ledger, partition)), partition
    assert is_refused(client.put_item, TableName=outputs["DynamoDBtableName"], Item={"email": TEXT})


@pytest.mark.parametrize("function", MONEY)
def test_a_function_that_writes_profiles_neither_reads_nor_deletes_them(roles, outputs, function):
    client = roles.client("dynamodb", f"wallet-Functions{function}")
    for forbidden in (client.get_item, client.delete_item):
        assert is_refused(forbidden, TableName=outputs["DynamoDBtableName"], Key={"email": {"S": new_email()}})


def test_the_forwarder_writes_the_state_of_streams_and_nothing_else_of_the_ledger(roles, ledger):
    client = roles.client("dynamodb", "stream-JournalForwarder")
    for partition in ("block/1", "document/1/00", "history/1", "index/1/1", "catalog", "ledger"):
        assert is_refused(client.transact_write_items, **put(ledger, partition)), partition


@pytest.mark.parametrize("function", CONSUMERS)
def test_a_consumer_neither_reads_nor_writes_the_ledger_and_publishes_nothing(roles, ledger, outputs, function):
    client, key = roles.client("dynamodb", function), {"pk": {"S": "captable1/ledger"}, "sk": {"S": ".settings"}}
    assert is_refused(client.get_item, TableName=ledger, Key=key)
    for partition in ("block/1", "streams"):
        assert is_refused(client.transact_write_items, **put(ledger, partition))
    kinesis = roles.client("kinesis", function)
    record = {"StreamARN": outputs["KinesisStreamArn"], "Data": b"forged", "PartitionKey": "1"}
    assert is_refused(kinesis.put_record, **record)


def test_nothing_but_its_writer_and_its_rebuild_changes_the_view(roles, outputs, subtests):
    item = {"wallet": TEXT, "version": {"N": "1"}}
    for function in roles.functions:
        if not function.startswith(("stream-ViewWriter", "stream-ViewRebuild")):
            with subtests.test(function):
                client = roles.client("dynamodb", function)
                assert is_refused(client.put_item, TableName=outputs["TransactionViewTable"], Item=item)


@pytest.fixture(scope="module")
def digest(roles, outputs):
    """The name of a notarised digest."""
    notarised = roles.client("lambda", None).invoke(FunctionName=outputs["NotaryFunction"])
    assert "FunctionError" not in notarised, json.loads(notarised["Payload"].read())
    pages = roles.client("s3", None).get_paginator("list_objects_v2").paginate(Bucket=outputs["DigestBucket"])
    return next(each["Key"] for page in pages for each in page.get("Contents", []))


def test_no_function_removes_a_digest_or_lifts_its_lock_and_the_notary_alone_writes(roles, outputs, digest, subtests):
    bucket = outputs["DigestBucket"]
    body = roles.client("s3", None).get_object(Bucket=bucket, Key=digest)["Body"].read()
    for function in roles.functions:
        with subtests.test(function):
            client = roles.client("s3", function)
            assert is_refused(client.delete_object, Bucket=bucket, Key=digest)
            assert is_refused(client.put_object_legal_hold, Bucket=bucket, Key=digest, LegalHold={"Status": "OFF"})
            assert is_refused(client.delete_bucket, Bucket=bucket)
            assert is_refused(client.put_object, Bucket=bucket, Key="other", Body=b"forged")
            if not function.startswith("evidence-NotaryFunction"):
                assert is_refused(client.put_object, Bucket=bucket, Key=digest, Body=b"forged")
    assert roles.client("s3", None).get_object(Bucket=bucket, Key=digest)["Body"].read() == body


def test_the_notary_alone_signs(roles, outputs, subtests):
    asked = {"KeyId": outputs["SigningKeyArn"], "Message": b"forged", "SigningAlgorithm": "ECDSA_SHA_256"}
    for function in roles.functions:
        with subtests.test(function):
            refused = is_refused(roles.client("kms", function).sign, **asked)
            assert refused != function.startswith("evidence-NotaryFunction")


def test_no_function_changes_a_role_another_function_or_a_key(roles, outputs, subtests):
    for function, role in roles.functions.items():
        with subtests.test(function):
            name = role.rpartition("/")[2]
            iam, other = roles.client("iam", function), roles.client("lambda", function)
            assert is_refused(
                iam.attach_role_policy, RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
            )
            assert is_refused(
                other.update_function_configuration, FunctionName=outputs["NotaryFunction"], MemorySize=256
            )
            key = {"KeyId": outputs["SigningKeyArn"], "PendingWindowInDays": 7}
            assert is_refused(roles.client("kms", function).schedule_key_deletion, **key)
