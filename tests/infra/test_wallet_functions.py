import pytest
from aws_cdk import aws_dynamodb as dynamodb

from infra.errors import PropError
from infra.notarised_digests import DigestNotaryBase
from infra.wallet_functions import WalletFunctions
from tests.infra.synthesis import OTHERWISE, actions, allowed, resources, scratch_stack, statements, synthesised
from tests.infra.test_ledger import READ, imported

CALLS = {
    "CreateAccount": "create_account",
    "CheckFunds": "check_funds",
    "AddFunds": "add_funds",
    "WithdrawFunds": "withdraw_funds",
    "TransferFunds": "transfer_funds",
    "History": "history",
    "Digest": "digest",
    "Verify": "verify",
    "Proof": "proof",
}
READERS = ("CheckFunds", "History", "Digest", "Verify", "Proof")
PROVERS = {"Digest", "Proof"}
DIGESTS = {
    "kms:GetPublicKey",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:ListBucketVersions",
}
WRITERS = tuple(name for name in CALLS if name not in READERS)
OWN = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
APPEND = {"dynamodb:ConditionCheckItem", "dynamodb:PutItem"}
DECRYPT = {"kms:Decrypt", "kms:DescribeKey"}
ENCRYPT = {
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}


@pytest.fixture(scope="module")
def template():
    return synthesised().wallet


def function(template, name):
    (found,) = [
        body["Properties"]
        for key, body in resources(template, "AWS::Lambda::Function").items()
        if key.startswith(f"Functions{name}Function")
    ]
    return found


def on_table(template, name, part):
    found = [
        one
        for one in statements(template, f"Functions{name}Role")
        if part in str(one["Resource"]) and any(action.startswith("dynamodb:") for action in actions(one))
    ]
    return {action for one in found for action in actions(one)}


def test_there_is_one_function_for_each_call_and_no_other(template):
    assert len(resources(template, "AWS::Lambda::Function")) == len(CALLS)


@pytest.mark.parametrize(("name", "handler"), CALLS.items())
def test_a_function_runs_its_calls_handler_on_arm_and_python_3_13(template, name, handler):
    found = function(template, name)
    assert found["Handler"] == f"lambdas.wallet.handlers.{handler}"
    assert (found["Runtime"], found["Architectures"]) == ("python3.13", ["arm64"])
    assert found["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize("name", CALLS)
def test_a_function_stops_before_the_gateway_gives_up_on_it(template, name):
    assert function(template, name)["Timeout"] < 29


@pytest.mark.parametrize("name", CALLS)
def test_a_function_has_a_role_and_a_log_of_its_own(template, name):
    found = function(template, name)
    assert found["Role"]["Fn::GetAtt"][0].startswith(f"Functions{name}Role")
    log = template["Resources"][found["LoggingConfig"]["LogGroup"]["Ref"]]
    assert log["Properties"]["RetentionInDays"] == 90


@pytest.mark.parametrize("name", READERS)
def test_a_reader_of_balances_has_no_action_that_writes_data(template, name):
    assert allowed(template, f"Functions{name}Role") == READ | DECRYPT | OWN | (DIGESTS if name in PROVERS else set())


@pytest.mark.parametrize("name", READERS)
def test_a_reader_of_balances_does_not_know_the_profile_table(template, name):
    evidence = {"DIGEST_BUCKET", "DIGEST_BUCKET_OWNER", "SIGNING_KEY_ARNS"} if name in PROVERS else set()
    assert set(function(template, name)["Environment"]["Variables"]) == evidence | {
        "LEDGER_NAME",
        "LEDGER_TABLE",
        "POWERTOOLS_SERVICE_NAME",
    }


def test_without_a_notary_nothing_is_known_of_digests_and_every_call_is_there():
    template = synthesised(notary_minutes=0, audit_minutes=0).wallet
    for name in PROVERS:
        assert allowed(template, f"Functions{name}Role") == READ | DECRYPT | OWN
        assert "DIGEST_BUCKET" not in function(template, name)["Environment"]["Variables"]


def test_the_notary_of_another_ledger_is_refused():
    stack = scratch_stack()
    notary = DigestNotaryBase(stack, "Notary")
    notary.ledger_name = "another"
    profiles = dynamodb.Table.from_table_name(stack, "Profiles", "profiles")
    with pytest.raises(PropError, match="notary is that of ledger 'another'; give that of"):
        WalletFunctions(stack, "Functions", ledger=imported(stack), profile_table=profiles, notary=notary)


@pytest.mark.parametrize("name", WRITERS)
def test_a_call_that_commits_has_exactly_what_a_commit_needs(template, name):
    assert allowed(template, f"Functions{name}Role") == READ | APPEND | DECRYPT | ENCRYPT | OWN
    assert on_table(template, name, "LedgerTable") == READ | APPEND


@pytest.mark.parametrize("name", WRITERS)
def test_a_call_that_commits_can_put_a_profile_but_not_read_or_delete_one(template, name):
    assert on_table(template, name, "Profiles") == {"dynamodb:PutItem"}
    assert "PROFILE_TABLE" in function(template, name)["Environment"]["Variables"]


@pytest.mark.parametrize("name", CALLS)
def test_only_tracing_is_allowed_on_every_resource(template, name):
    everywhere = [one for one in statements(template, f"Functions{name}Role") if one["Resource"] == "*"]
    assert {action for one in everywhere for action in actions(one)} == {
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }


def test_no_role_takes_a_managed_policy(template):
    for name, role in resources(template, "AWS::IAM::Role").items():
        if name.startswith("Functions"):
            assert "ManagedPolicyArns" not in role["Properties"]


def test_the_architecture_is_a_setting():
    template = synthesised(**OTHERWISE).wallet
    assert {
        tuple(one["Properties"]["Architectures"]) for one in resources(template, "AWS::Lambda::Function").values()
    } == {("x86_64",)}
