"""cdk-nag, and the CDK's own validation of templates, over every way to call the wallet's API."""

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2

from infra.private_endpoint import PrivateEndpoint
from infra.wallet_authorization import CognitoAuthorization
from tests.infra.access import MODES, mutual_tls, plain_domain, two_pages, usage_plan, vpc_endpoint, web_acl
from tests.infra.test_findings import checked_app, findings
from tests.infra.test_wallet_api import wallet_api

GUARDS = {
    "alone": (),
    "on a domain": (plain_domain,),
    "by certificate": (mutual_tls, usage_plan, web_acl, two_pages),
    "in a VPC": (vpc_endpoint, usage_plan, web_acl, two_pages),
}


def users_of_another_stack(stack):
    pool = cognito.UserPool.from_user_pool_id(stack, "Users", "eu-west-1_Example")
    return CognitoAuthorization(pool)


@pytest.mark.parametrize("mode", sorted(MODES.keys() - {"default"}))
def test_no_way_to_guard_the_api_has_a_finding(mode):
    app = checked_app()
    for number, props in enumerate(GUARDS.values()):
        stack = Stack(app, f"Scratch{number}")
        authorize = users_of_another_stack if mode == "user pool" else MODES[mode][0]
        chosen = {name: value for prop in props for name, value in prop(stack).items()}
        wallet_api(stack, authorization=authorize(stack), **chosen)
    assert findings(app) == []


def test_the_endpoint_in_a_vpc_has_no_finding():
    app = checked_app()
    stack = Stack(app, "Scratch")
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
        private_subnet_route_table_ids=["rtb-0123456789abcdef0"],
    )
    PrivateEndpoint(stack, "Endpoint", vpc=vpc)
    assert findings(app) == []
