"""What earlier versions deployed against what is deployed now: whatever holds state keeps its id, so that it stays.

`releases` holds the templates of each version, without metadata: `cdk synth`, and the templates of `cdk.out`.
"""

import json
from pathlib import Path

import pytest

from tests.infra.synthesis import synthesised

RELEASES = Path(__file__).with_name("releases")
TEMPLATES = sorted(path.relative_to(RELEASES) for path in RELEASES.glob("*/*.json"))
REPLACED_BY = {
    "AWS::DynamoDB::Table": ("TableName", "KeySchema"),
    "AWS::KMS::Key": ("KeySpec", "KeyUsage", "MultiRegion"),
    "AWS::Kinesis::Stream": ("Name",),
    "AWS::S3::Bucket": ("BucketName", "ObjectLockEnabled"),
    "AWS::Logs::LogGroup": ("LogGroupName",),
}
"""The properties whose change makes CloudFormation put a new resource in the place of one that holds state."""


def state(template):
    """Give what is kept when its stack is deleted, and what makes the ledger's tables, by logical id."""
    return {
        name: body
        for name, body in template["Resources"].items()
        if body.get("DeletionPolicy") == "Retain" or body["Type"] == "Custom::LedgerTables"
    }


def replacing(body):
    return {name: body["Properties"].get(name) for name in REPLACED_BY.get(body["Type"], ())}


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_an_upgrade_keeps_every_logical_id_that_holds_state(path):
    before, now = json.loads((RELEASES / path).read_text()), synthesised().stacks[path.stem]
    kept = state(before)
    assert kept
    for name, body in kept.items():
        assert name in now["Resources"], f"{name} would be let go"
        found = now["Resources"][name]
        assert found["Type"] == body["Type"]
        assert found.get("DeletionPolicy") == body.get("DeletionPolicy")
        assert replacing(found) == replacing(body), f"{name} would be replaced"


def test_every_kind_of_what_is_kept_is_known_here():
    kinds = {
        body["Type"]
        for path in TEMPLATES
        for body in state(json.loads((RELEASES / path).read_text())).values()
        if body["Type"] not in {"Custom::LedgerTables", "AWS::ApiGateway::Account", "AWS::IAM::Role"}
    }
    assert kinds <= REPLACED_BY.keys()
