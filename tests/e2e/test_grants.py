"""What each grant of a ledger lets a role do, and what it does not: by transactions and by single calls, under IAM."""

import json

import boto3
import pytest
from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_iam as iam
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.ledger import Ledger as LedgerConstruct
from ledger import ion, settings
from ledger.audit import audit
from ledger.ledger import Ledger
from ledger.redaction import pending
from ledger.store import DynamoDBStore
from ledger.store.base import Unusable
from tests.infra.synthesis import scratch_stack, template_of
from tests.ledger.support import Client

NAME = "books"
GRANTS = ("read", "append", "read_write", "redact", "stream")
LARGE = "x" * 120_000
FIRST = "SELECT * FROM history(Book) AS h WHERE h.data.isbn = ? AND h.metadata.version = 0"
REDACT = "EXEC REDACT_REVISION ?, ?, ?"


def stack_of_a_ledger_and_roles():
    """Give the template of a ledger, and of a role for each grant; its outputs are their ARNs and the table's name."""
    stack = scratch_stack()
    ledger = LedgerConstruct(
        stack, "Ledger", ledger_name=NAME, deletion_protection=False, removal_policy=RemovalPolicy.DESTROY
    )
    for grant in GRANTS:
        role = iam.Role(stack, f"{grant}-role", assumed_by=iam.AccountRootPrincipal())
        getattr(ledger, f"grant_{grant}")(role)
        CfnOutput(stack, grant.replace("_", ""), value=role.role_arn)
    administrator = iam.Role(stack, "everything", assumed_by=iam.AccountRootPrincipal())
    administrator.add_to_policy(iam.PolicyStatement(actions=["*"], resources=["*"]))
    CfnOutput(stack, "administrator", value=administrator.role_arn)
    CfnOutput(stack, "table", value=ledger.table.table_name)
    # Without what asks for a bootstrapped account: nothing here is an asset.
    return {name: part for name, part in template_of(stack).items() if name in {"Resources", "Outputs"}}


class Roles:
    """The deployed ledger, as each of the roles sees it."""

    def __init__(self, cloud):
        self._options = cloud.client_options()
        cloudformation = boto3.client("cloudformation", **self._options)
        cloudformation.create_stack(
            StackName="grants", TemplateBody=json.dumps(stack_of_a_ledger_and_roles()), Capabilities=["CAPABILITY_IAM"]
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="grants", WaiterConfig={"Delay": 1, "MaxAttempts": 600}
        )
        outputs = cloudformation.describe_stacks(StackName="grants")["Stacks"][0]["Outputs"]
        self._arns = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        self.table = self._arns["table"]

    def dynamodb(self, role):
        """Give a client with credentials of the role; None is the account's own."""
        options = dict(self._options)
        if role:
            sts = boto3.client("sts", **options)
            found = sts.assume_role(RoleArn=self._arns[role.replace("_", "")], RoleSessionName="test")["Credentials"]
            options |= {
                "aws_access_key_id": found["AccessKeyId"],
                "aws_secret_access_key": found["SecretAccessKey"],
                "aws_session_token": found["SessionToken"],
            }
        return boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}), **options)

    def store(self, role):
        return DynamoDBStore(self.table, namespace=NAME, client=self.dynamodb(role))

    def client(self, role):
        return Client(Ledger(self.store(role), NAME, work_in_background=False))

    def run(self, role, statement, *parameters):
        """Run one transaction as the role."""
        return self.client(role).run(statement, *parameters)


@pytest.fixture(scope="module")
def roles(cloud):
    made = Roles(cloud)
    store = made.store("read_write")
    settings.create(store, NAME, strands=2)
    made.run("read_write", "CREATE TABLE Book")
    made.run("read_write", "CREATE INDEX ON Book (isbn)")
    made.run("append", "INSERT INTO Book ?", {"isbn": "first", "title": "One", "text": LARGE})
    return made


@pytest.fixture
def block(roles):
    """The newest block of a strand, as an item."""
    strand_id = settings.load(roles.store("read"), NAME).strands[0]
    newest = {"ScanIndexForward": False, "Limit": 1, "ConsistentRead": True}
    key = {":pk": {"S": f"{NAME}/block/{strand_id}"}}
    found = roles.dynamodb("read").query(
        TableName=roles.table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=key, **newest
    )
    return found["Items"][0]


def is_refused(call, *arguments, **options):
    """Tell whether IAM refuses a call; every other error is one."""
    try:
        call(*arguments, **options)
    except (ClientError, Unusable) as error:
        if "AccessDeniedException" not in str(error):
            raise
        return True
    return False


def primary(item):
    return {name: item[name] for name in ("pk", "sk")}


def test_a_reader_reads_and_no_transaction_of_its_own_that_writes_is_committed(roles):
    assert len(roles.run("read", "SELECT * FROM Book WHERE isbn = 'first'")) == 1
    for statement in (
        "INSERT INTO Book {'isbn': 'second'}",
        "UPDATE Book SET title = 'Two' WHERE isbn = 'first'",
        "DELETE FROM Book WHERE isbn = 'first'",
        "CREATE TABLE Author",
    ):
        assert is_refused(roles.run, "read", statement), statement
    assert len(roles.run("read", "SELECT * FROM Book WHERE isbn = 'first' AND title = 'One'")) == 1


def test_who_appends_inserts_and_updates_and_removes_nothing_and_defines_nothing(roles):
    roles.run("append", "INSERT INTO Book ?", {"isbn": "appended", "title": "One"})
    roles.run("append", "UPDATE Book SET title = 'Two' WHERE isbn = 'appended'")
    for statement in (
        "DELETE FROM Book WHERE isbn = 'appended'",
        "UPDATE Book SET isbn = 'other' WHERE isbn = 'appended'",
        "CREATE TABLE Author",
        "CREATE INDEX ON Book (title)",
        "DROP TABLE Book",
    ):
        assert is_refused(roles.run, "append", statement), statement
    assert len(roles.run("read", "SELECT * FROM Book WHERE isbn = 'appended' AND title = 'Two'")) == 1


def test_who_reads_and_writes_commits_every_kind_of_transaction(roles):
    roles.run("read_write", "INSERT INTO Book ?", {"isbn": "written", "title": "One"})
    roles.run("read_write", "UPDATE Book SET isbn = 'rewritten' WHERE isbn = 'written'")
    roles.run("read_write", "DELETE FROM Book WHERE isbn = 'rewritten'")
    roles.run("read_write", "CREATE TABLE Author")
    roles.run("read_write", "CREATE INDEX ON Author (name)")
    roles.run("read_write", "DROP TABLE Author")
    assert roles.run("read", "SELECT * FROM Book WHERE isbn IN ('written', 'rewritten')") == []


@pytest.mark.parametrize("role", [*GRANTS, "administrator"])
def test_nobody_deletes_or_edits_a_block(roles, block, role):
    client, key = roles.dynamodb(role), primary(block)
    delete = {"Delete": {"TableName": roles.table, "Key": key}}
    update = {"Key": key, "UpdateExpression": "SET d = :d", "ExpressionAttributeValues": {":d": {"B": b"forged"}}}
    assert is_refused(client.delete_item, TableName=roles.table, Key=key)
    assert is_refused(client.transact_write_items, TransactItems=[delete])
    assert is_refused(client.update_item, TableName=roles.table, **update)
    assert is_refused(client.transact_write_items, TransactItems=[{"Update": {"TableName": roles.table, **update}}])
    for request in ({"DeleteRequest": {"Key": key}}, {"PutRequest": {"Item": block}}):
        assert is_refused(client.batch_write_item, RequestItems={roles.table: [request]})
    expire = {"Enabled": True, "AttributeName": "v"}
    assert is_refused(client.update_time_to_live, TableName=roles.table, TimeToLiveSpecification=expire)
    assert roles.dynamodb("read").get_item(TableName=roles.table, Key=key, ConsistentRead=True)["Item"] == block


def test_an_administrator_may_remove_what_is_derived_from_the_journal_so_that_it_can_be_rebuilt(roles):
    client = roles.dynamodb("administrator")
    for partition in ("history/1", "index/1/1", "document/1/00", "catalog"):
        item = {"pk": {"S": f"{NAME}/{partition}"}, "sk": {"S": ".wrong"}}
        client.put_item(TableName=roles.table, Item=item)
        assert not is_refused(client.delete_item, TableName=roles.table, Key=item)


def test_a_block_is_deleted_under_no_cover_of_a_commit(roles, block):
    delete = {"Delete": {"TableName": roles.table, "Key": primary(block)}}
    other = {"Put": {"TableName": roles.table, "Item": {"pk": {"S": f"{NAME}/index/1"}, "sk": {"S": "."}}}}
    for items in ([delete, other], [other, delete]):
        assert is_refused(roles.dynamodb("read_write").transact_write_items, TransactItems=items)


@pytest.mark.parametrize("role", GRANTS)
def test_nobody_writes_but_in_a_transaction(roles, block, role):
    for item in (block, {"pk": {"S": f"{NAME}/stream/1"}, "sk": {"S": "."}}):
        assert is_refused(roles.dynamodb(role).put_item, TableName=roles.table, Item=item)
        assert is_refused(roles.dynamodb(role).delete_item, TableName=roles.table, Key=primary(item))


@pytest.mark.parametrize("role", GRANTS)
def test_nobody_reaches_the_cells_of_another_ledger_in_the_table(roles, role):
    foreign = {"pk": {"S": "other/block/1"}, "sk": {"S": ".1"}}
    client, value = roles.dynamodb(role), {":pk": foreign["pk"]}
    assert is_refused(client.get_item, TableName=roles.table, Key=foreign)
    assert is_refused(client.batch_get_item, RequestItems={roles.table: {"Keys": [foreign]}})
    assert is_refused(client.transact_get_items, TransactItems=[{"Get": {"TableName": roles.table, "Key": foreign}}])
    for name, names in (("pk", {}), ("#p", {"ExpressionAttributeNames": {"#p": "pk"}})):
        query = {"KeyConditionExpression": f"{name} = :pk", "ExpressionAttributeValues": value, **names}
        assert is_refused(client.query, TableName=roles.table, **query)
    assert is_refused(client.scan, TableName=roles.table)
    assert is_refused(client.transact_write_items, TransactItems=[{"Put": {"TableName": roles.table, "Item": foreign}}])


@pytest.mark.parametrize(("role", "overwrites"), [("read", False), ("stream", False), ("append", True)])
def test_iam_cannot_tell_a_first_write_from_another_but_the_audit_can(roles, block, role, overwrites):
    data = block["d"]["B"]
    forged = {**block, "d": {"B": data[:-1] + bytes([data[-1] ^ 1])}}
    put = [{"Put": {"TableName": roles.table, "Item": forged}}]
    assert is_refused(roles.dynamodb(role).transact_write_items, TransactItems=put) != overwrites
    try:
        assert bool(list(audit(roles.store("read"), NAME))) == overwrites
    finally:
        roles.dynamodb(None).put_item(TableName=roles.table, Item=block)
    assert list(audit(roles.store("read"), NAME)) == []


def test_a_forwarder_keeps_the_state_of_streams_and_writes_no_block(roles, block):
    def put(pk):
        return [{"Put": {"TableName": roles.table, "Item": {"pk": {"S": f"{NAME}/{pk}"}, "sk": {"S": ".try"}}}}]

    client = roles.dynamodb("stream")
    assert not is_refused(client.transact_write_items, TransactItems=put("stream/1"))
    for partition in ("block/1", "document/1/00", "history/1", "index/1/2", "catalog", "ledger"):
        assert is_refused(client.transact_write_items, TransactItems=put(partition)), partition


def in_a_large_block(roles, isbn):
    """Give what REDACT_REVISION takes for a revision whose block is larger than an item, so that it has parts."""
    session = roles.client("append").begin()
    for name in (isbn, "more", "more", "more"):
        session.run("INSERT INTO Book ?", {"isbn": name, "text": LARGE})
    session.commit()
    roles.run("append", "UPDATE Book SET text = 'gone' WHERE isbn = ?", isbn)
    [row] = map(ion.parse, roles.run("read", FIRST, isbn))
    [table] = map(
        ion.parse, roles.run("read", "SELECT VALUE tableId FROM information_schema.user_tables WHERE name = 'Book'")
    )
    return row["blockAddress"], str(table), str(row["metadata"]["id"])


def test_a_large_block_is_redacted_by_who_may_redact(roles):
    asked = in_a_large_block(roles, "large")
    assert len(roles.run("read", FIRST, "large")) == 1
    assert is_refused(roles.run, "append", REDACT, *asked)
    roles.run("redact", REDACT, *asked)
    assert list(pending(roles.store("read"))) == []
    assert roles.run("read", FIRST, "large") == []
    assert list(audit(roles.store("read"), NAME)) == []


def test_a_redaction_by_who_only_writes_is_noted_and_carried_out_by_who_may_redact(roles):
    asked = in_a_large_block(roles, "noted")
    roles.run("read_write", REDACT, *asked)
    assert len(list(pending(roles.store("read")))) == 1
    Ledger(roles.store("redact"), NAME).complete_work()
    assert list(pending(roles.store("read"))) == []
    assert list(audit(roles.store("read"), NAME)) == []
