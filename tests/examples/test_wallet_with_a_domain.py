"""The wallet under a domain name, called with a user's token and a partner's key, as the local cloud checks them.

The filter is synthesised only: the local cloud does not know what puts a web ACL before a stage, nor its log.
"""

import http.client
import json
from contextlib import closing

import boto3
import pytest

from tests.infra.synthesis import only, resources

ANA, PASSWORD = "ana@example.com", "correct-Horse-9"
PAGE = "https://shop.example.com"
NOT_KNOWN_LOCALLY = {"AWS::WAFv2::WebACLAssociation", "AWS::WAFv2::LoggingConfiguration"}


@pytest.fixture(scope="module")
def copy(example):
    return example("wallet_with_a_domain")


@pytest.fixture(scope="module")
def client(cloud):
    return lambda service: boto3.client(service, **cloud.client_options())


@pytest.fixture(scope="module")
def outputs(copy, cloud, client):
    zone = client("route53").create_hosted_zone(Name="example.com", CallerReference="test")["HostedZone"]["Id"]
    return copy.deployed(cloud, filter="false", zone_id=zone.rpartition("/")[2])["domain-wallet"]


@pytest.fixture(scope="module")
def template(copy):
    return copy.synthesised()["domain-wallet"]


@pytest.fixture(scope="module")
def token(client, outputs):
    """Give the ID token of a user whose address the pool has verified."""
    users = client("cognito-idp")
    verified = [{"Name": "email", "Value": ANA}, {"Name": "email_verified", "Value": "true"}]
    users.admin_create_user(UserPoolId=outputs["UserPool"], Username=ANA, UserAttributes=verified)
    users.admin_set_user_password(UserPoolId=outputs["UserPool"], Username=ANA, Password=PASSWORD, Permanent=True)
    signed_in = users.initiate_auth(
        ClientId=outputs["UserPoolClient"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": ANA, "PASSWORD": PASSWORD},
    )
    return signed_in["AuthenticationResult"]["IdToken"]


@pytest.fixture(scope="module")
def key(client, outputs):
    return client("apigateway").get_api_key(apiKey=outputs["ApiKeyOfShop"], includeValue=True)["value"]


@pytest.fixture
def call(cloud, outputs):
    """Call the wallet under its domain name, which the local cloud knows by the Host header."""
    assert outputs["Url"] == "https://wallet.example.com/"

    def call(path, body, **headers):
        headers = {"Host": "wallet.example.com", **{name.replace("_", "-"): text for name, text in headers.items()}}
        with closing(http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=60)) as connection:
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read()), response.headers

    return call


def test_a_user_with_a_partners_key_moves_money_of_its_own_wallet_and_of_no_other(call, token, key):
    known = {"Authorization": token, "X_Api_Key": key, "Origin": PAGE}
    status, _, _ = call("/createaccount", {"email": ANA, "username": "Ana"}, **known)
    assert status == 201
    status, answer, headers = call("/addfunds", {"email": ANA, "AddFunds": 250}, **known)
    assert (status, answer["CurrentBalance"]) == (200, 250)
    assert headers["Access-Control-Allow-Origin"] == PAGE
    assert call("/checkfunds", {"email": "ben@example.com"}, **known)[0] == 403


@pytest.mark.parametrize(("missing", "status"), [("Authorization", 401), ("X_Api_Key", 403)])
def test_a_call_without_a_token_or_without_a_key_is_refused(call, token, key, missing, status):
    known = {"Authorization": token, "X_Api_Key": key}
    del known[missing]
    assert call("/checkfunds", {"email": ANA}, **known)[0] == status


def test_the_topic_of_the_alarms_gets_those_of_the_deployed_wallet(client, outputs):
    alarms = client("cloudwatch").get_paginator("describe_alarms").paginate().search("MetricAlarms[]")
    (found,) = [alarm for alarm in alarms if outputs["AlarmTopic"] in alarm["AlarmActions"]]
    assert (found["MetricName"], found["Namespace"]) == ("5XXError", "AWS/ApiGateway")


def test_a_web_acl_is_before_the_stage(template):
    (stage,) = resources(template, "AWS::ApiGateway::Stage")
    association = only(template, "AWS::WAFv2::WebACLAssociation")
    assert stage in json.dumps(association["Properties"]["ResourceArn"])
    assert association["Properties"]["WebACLArn"] == {"Fn::GetAtt": [*resources(template, "AWS::WAFv2::WebACL"), "Arn"]}
    assert {body["Type"] for body in template["Resources"].values()} >= NOT_KNOWN_LOCALLY


def test_everything_that_can_be_is_encrypted_with_the_one_key_of_the_ledgers_stack(template):
    for kind, name in (
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::SNS::Topic", "KmsMasterKeyId"),
        ("AWS::DynamoDB::Table", "SSESpecification"),
    ):
        found = resources(template, kind)
        assert found
        for body in found.values():
            assert "domain-wallet-ledger:ExportsOutputFnGetAttKey" in json.dumps(body["Properties"].get(name))
