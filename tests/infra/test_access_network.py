"""Where the wallet's API can be called from: a private endpoint, or a domain with or without mutual TLS."""

import json

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3

from infra.custom_domain import CustomDomain, Truststore
from infra.errors import PropError
from infra.private_endpoint import PrivateEndpoint
from tests.infra.access import MODES, NAME, certificate, mutual_tls, one_page, plain_domain, template, vpc_endpoint
from tests.infra.synthesis import only, resources, scratch_stack, template_of
from tests.infra.test_wallet_api import wallet_api


def policy(found):
    statements = only(found, "AWS::ApiGateway::RestApi")["Properties"]["Policy"]["Statement"]
    return [one for one in statements if one["Effect"] == "Allow"], [
        one for one in statements if one["Effect"] == "Deny"
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_private_api_denies_everybody_who_comes_by_another_way_than_the_endpoint(mode):
    found = template(vpc_endpoint, mode=mode)
    api = only(found, "AWS::ApiGateway::RestApi")["Properties"]
    assert api["EndpointConfiguration"] == {"Types": ["PRIVATE"], "VpcEndpointIds": ["vpce-0abc"]}
    _, (denied,) = policy(found)
    assert denied["Principal"] == {"AWS": "*"}
    assert denied["Condition"] == {"StringNotEquals": {"aws:SourceVpce": "vpce-0abc"}}
    assert denied["Resource"] == "execute-api:/*"


@pytest.mark.parametrize("mode", ["default", "iam"])
def test_a_private_api_with_signed_calls_lets_nobody_in_whose_own_policies_do_not(mode):
    ((allowed,), _) = policy(template(vpc_endpoint, mode=mode))
    assert ":root" in json.dumps(allowed["Principal"])
    assert "*" not in json.dumps(allowed["Principal"])


@pytest.mark.parametrize("mode", ["user pool", "lambda", "lambda with e-mail"])
def test_a_private_api_with_tokens_lets_callers_without_credentials_reach_the_authorizer(mode):
    ((allowed,), _) = policy(template(vpc_endpoint, mode=mode))
    assert allowed["Principal"] == {"AWS": "*"}


def test_a_private_api_with_signed_calls_lets_a_browser_ask_and_nothing_else():
    (callers, browsers), _ = policy(template(vpc_endpoint, one_page))
    assert ":root" in json.dumps(callers["Principal"])
    assert (browsers["Principal"], browsers["Resource"]) == ({"AWS": "*"}, "execute-api:/*/OPTIONS/*")


def test_the_endpoint_is_for_this_accounts_apis_and_its_vpcs_hosts():
    stack = scratch_stack()
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
    PrivateEndpoint(stack, "Endpoint", vpc=vpc)
    found = template_of(stack)
    endpoint = only(found, "AWS::EC2::VPCEndpoint")["Properties"]
    assert (endpoint["VpcEndpointType"], endpoint["PrivateDnsEnabled"]) == ("Interface", True)
    assert "execute-api" in json.dumps(endpoint["ServiceName"])
    (statement,) = endpoint["PolicyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    assert "AWS::AccountId" in json.dumps(statement["Resource"])
    group = only(found, "AWS::EC2::SecurityGroup")["Properties"]
    ((rule),) = group["SecurityGroupIngress"]
    assert (rule["FromPort"], rule["ToPort"]) == (443, 443)
    assert rule["CidrIp"] == {"Fn::GetAtt": [next(iter(resources(found, "AWS::EC2::VPC"))), "CidrBlock"]}


@pytest.mark.parametrize("prop", [plain_domain, mutual_tls])
def test_a_domain_is_the_only_door_and_takes_tls_1_2_at_least(prop):
    found = template(prop)
    assert only(found, "AWS::ApiGateway::RestApi")["Properties"]["DisableExecuteApiEndpoint"] is True
    domain = only(found, "AWS::ApiGateway::DomainName")["Properties"]
    assert (domain["DomainName"], domain["SecurityPolicy"]) == (NAME, "TLS_1_2")
    assert domain["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert domain["RegionalCertificateArn"].endswith("/Certificate")
    mapping = only(found, "AWS::ApiGateway::BasePathMapping")["Properties"]
    (api,), (stage,) = (resources(found, f"AWS::ApiGateway::{kind}") for kind in ("RestApi", "Stage"))
    assert (mapping["RestApiId"], mapping["Stage"]) == ({"Ref": api}, {"Ref": stage})


def test_mutual_tls_asks_for_certificates_of_the_truststore():
    domain = only(template(mutual_tls), "AWS::ApiGateway::DomainName")["Properties"]
    assert domain["MutualTlsAuthentication"] == {
        "TruststoreUri": "s3://trust/truststore.pem",
        "TruststoreVersion": "v1",
    }
    assert domain["OwnershipVerificationCertificateArn"].endswith("/Ownership")


def test_a_domain_without_a_truststore_asks_for_no_certificate_and_has_its_record_in_the_zone():
    found = template(plain_domain)
    assert "MutualTlsAuthentication" not in only(found, "AWS::ApiGateway::DomainName")["Properties"]
    record = only(found, "AWS::Route53::RecordSet")["Properties"]
    assert (record["Name"], record["Type"], record["HostedZoneId"]) == (f"{NAME}.", "A", "Z0123")


def test_urls_begin_with_the_domain():
    stack = scratch_stack()
    wallet = wallet_api(stack, **mutual_tls(stack))
    (domain,) = resources(template_of(stack), "AWS::ApiGateway::DomainName")
    assert stack.resolve(wallet.url_for("addfunds")) == {"Fn::Join": ["", ["https://", {"Ref": domain}, "/addfunds"]]}


@pytest.mark.parametrize("name", ["wallet", "Wallet.example.com", "https://wallet.example.com", "a..b", "", "a.b/c"])
def test_a_name_that_is_not_a_hosts_is_refused(name):
    with pytest.raises(PropError, match=r"^name is .*; give a host's name in lower case"):
        CustomDomain(name=name, certificate=certificate(scratch_stack()))


@pytest.mark.parametrize("key", ["", "/truststore.pem"])
def test_a_truststore_without_a_key_is_refused(key):
    bucket = s3.Bucket.from_bucket_name(scratch_stack(), "Trust", "trust")
    with pytest.raises(PropError, match=r"^key is .*; give the truststore's key in its bucket"):
        Truststore(bucket=bucket, key=key)


def test_a_domain_for_a_private_api_is_refused():
    stack = scratch_stack()
    with pytest.raises(PropError, match=r"^domain cannot be given with vpc_endpoint"):
        wallet_api(stack, **plain_domain(stack), **vpc_endpoint(stack))
