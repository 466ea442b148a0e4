"""What every public construct promises alike, asserted of each: see `makers.py` to add one."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache

import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

import infra
from infra.function_code import ROOT
from tests.infra.makers import BASES, BOUNDARY, MAKERS, PLACES, TAG, everything
from tests.infra.synthesis import resources
from tools.reference import COMMON_PROPERTIES

CLASSES = [name for name in infra.__all__ if inspect.isclass(getattr(infra, name))]
CONSTRUCTS = sorted(name for name in CLASSES if issubclass(getattr(infra, name), Construct) and name not in BASES)
KINDS = ("from", "grant", "metric")
REGION = re.compile(r"\b(?:us|eu|ap|ca|sa|af|me|il|mx|cn)-(?:[a-z]+-)+\d\b")
ENCRYPTED = {
    "AWS::Backup::BackupVault": lambda body: body["EncryptionKeyArn"],
    "AWS::DynamoDB::Table": lambda body: body["SSESpecification"]["KMSMasterKeyId"],
    "AWS::Kinesis::Stream": lambda body: body["StreamEncryption"]["KeyId"],
    "AWS::Logs::LogGroup": lambda body: body["KmsKeyId"],
    "AWS::OpenSearchServerless::SecurityPolicy": lambda body: body["Policy"] if body["Type"] == "encryption" else None,
    "AWS::S3::Bucket": lambda body: body["BucketEncryption"]["ServerSideEncryptionConfiguration"][0][
        "ServerSideEncryptionByDefault"
    ]["KMSMasterKeyID"],
    "AWS::SNS::Topic": lambda body: body["KmsMasterKeyId"],
    "AWS::SQS::Queue": lambda body: body["KmsMasterKeyId"],
}
HOMONYMS = {"domain"}
"""Of OpenSearch, which calls its clusters so, and a name in DNS."""
DEFAULTS = {
    "access_logs": None,
    "architecture": None,
    "log_retention": logs.RetentionDays.THREE_MONTHS,
    "memory_mb": 1024,
}
everywhere = pytest.mark.parametrize("place", PLACES)
each = pytest.mark.parametrize("name", CONSTRUCTS)


@pytest.fixture(scope="module")
def made():
    return everything()


@pytest.fixture(scope="module")
def template(made):
    """Give the template of a construct's stack in a place."""

    @cache
    def read(place, name):
        return json.loads((made.directories[place] / made.made[place][name].stack.template_file).read_text())

    return read


def strings(value):
    """Give every string in a template, keys left out."""
    match value:
        case str():
            yield value
        case dict():
            yield from (text for inner in value.values() for text in strings(inner))
        case list():
            yield from (text for inner in value for text in strings(inner))


@cache
def is_taggable(kind):
    """Tell whether CloudFormation takes tags for a type, by the CDK's own class for it."""
    _, service, resource = kind.split("::")
    module = importlib.import_module(
        f"aws_cdk.aws_{ {'CertificateManager': 'certificatemanager'}.get(service, service.lower()) }"
    )
    return "tags" in inspect.signature(getattr(module, f"Cfn{resource}").__init__).parameters


def properties(name):
    """Give the props of a construct: what comes after `scope` and `id`."""
    return list(inspect.signature(getattr(infra, name).__init__).parameters.values())[3:]


def test_every_public_construct_is_in_the_table():
    assert sorted(MAKERS) == CONSTRUCTS


def test_names_are_exported_from_where_type_checkers_are_told():
    tree = ast.parse((ROOT / "infra" / "__init__.py").read_text())
    told = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    assert told == infra._MODULES
    assert sorted(told) == sorted(infra.__all__)
    for name, module in told.items():
        assert getattr(infra, name).__module__ == f"infra.{module}", name


def test_a_name_that_is_not_exported_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'infra' has no attribute 'Lodger'"):
        _ = infra.Lodger


@each
def test_props_are_typed_and_given_by_name(name):
    for prop in properties(name):
        assert prop.kind is inspect.Parameter.KEYWORD_ONLY, prop.name
        assert prop.annotation not in {inspect.Parameter.empty, "Any"}, prop.name


@each
def test_every_prop_is_explained_where_it_is_taken_or_among_the_common_ones(name):
    construct = getattr(infra, name)
    text = f"{construct.__doc__}{construct.__init__.__doc__}"
    missing = [prop.name for prop in properties(name) if f"`{prop.name}`" not in text]
    assert [prop for prop in missing if prop not in COMMON_PROPERTIES] == []


def test_props_of_one_name_have_one_type_whichever_construct_takes_them():
    types = defaultdict(set)
    for name in CONSTRUCTS:
        for prop in properties(name):
            types[prop.name].add(re.sub(r"^<class '(.*)'>$|( \| None)$", r"\1", str(prop.annotation)))
    assert {prop for prop, found in types.items() if len(found) > 1} == HOMONYMS


@each
def test_a_common_prop_has_its_common_default_unless_the_construct_says_its_own(name):
    text = str(getattr(infra, name).__init__.__doc__)
    for prop in properties(name):
        if prop.name in COMMON_PROPERTIES and f"`{prop.name}`" not in text:
            assert prop.default == DEFAULTS[prop.name], prop.name


@each
@pytest.mark.parametrize("kind", KINDS)
def test_it_has_methods_of_each_kind_or_a_reason_for_none(name, kind):
    construct = getattr(infra, name)
    inherited = [method for method in dir(construct) if method.startswith(f"{kind}_")]
    assert bool(inherited) != (kind in MAKERS[name].without)


@each
def test_it_takes_a_key_or_has_a_reason_for_none(name):
    assert ("encryption_key" in [prop.name for prop in properties(name)]) != ("key" in MAKERS[name].without)


@each
@everywhere
def test_a_permissions_boundary_reaches_every_role(template, name, place):
    found = resources(template(place, name), "AWS::IAM::Role")
    assert found
    for role in found.values():
        assert json.dumps(role["Properties"]["PermissionsBoundary"]).rstrip('"]}').endswith(f":policy/{BOUNDARY}")


@each
@everywhere
def test_tags_reach_every_resource_that_takes_any(template, name, place):
    tag = {"Key": TAG[0], "Value": TAG[1]}
    for logical_id, body in template(place, name)["Resources"].items():
        if body["Type"].startswith("AWS::") and body["Type"] != "AWS::CDK::Metadata" and is_taggable(body["Type"]):
            tags = body["Properties"].get("Tags", [])
            assert tag in tags if isinstance(tags, list) else tags[TAG[0]] == TAG[1], logical_id


@each
@everywhere
def test_a_key_of_the_users_own_encrypts_everything_that_is_encrypted(template, name, place):
    if "key" in MAKERS[name].without:
        pytest.skip(MAKERS[name].without["key"])
    found = template(place, name)
    for kind, key_of in ENCRYPTED.items():
        for logical_id, body in resources(found, kind).items():
            key = key_of(body["Properties"])
            assert key is None or "Own" in json.dumps(key), logical_id
    made = [body["Properties"].get("KeyUsage") for body in resources(found, "AWS::KMS::Key").values()]
    assert [usage for usage in made if usage != "SIGN_VERIFY"] == []


@each
def test_no_region_account_or_partition_is_written_down(template, name):
    for text in strings(template("anywhere", name)["Resources"]):
        assert not REGION.search(text), text
        assert not re.search(r"arn:aws(-cn)?:", text), text
        assert not re.search(r"\b\d{12}\b", text), text


@each
@pytest.mark.parametrize("place", [place for place in PLACES if place != "anywhere"])
def test_a_region_and_its_partition_are_the_stacks_own(template, name, place):
    partition = "aws-cn" if place.startswith("cn-") else "aws"
    for text in strings(template(place, name)["Resources"]):
        assert set(REGION.findall(text)) <= {place}, text
        assert set(re.findall(r"arn:([a-z-]+):", text)) <= {partition}, text
        assert partition == "aws" or not re.search(rf"{place}\.amazonaws\.com(?!\.cn)", text), text


@each
def test_grants_are_grants_and_give_a_role_something(made, template, name):
    granting = made.made["anywhere"][name]
    for method, grant in granting.grants.items():
        assert isinstance(grant, iam.Grant), method
    if granting.grants:
        policies = resources(template("anywhere", name), "AWS::IAM::Policy")
        assert [policy for policy in policies if policy.startswith("Friend")]


@each
def test_metrics_are_metrics_of_the_period_asked_for(made, name):
    for method, metric in made.made["anywhere"][name].metrics.items():
        assert isinstance(metric, cloudwatch.Metric), method
        assert metric.period.to_minutes() == 7, method


def test_a_construct_is_loaded_without_those_that_it_does_not_use():
    script = "import sys, infra\ninfra.Ledger\nassert 'infra.wallet_api' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
