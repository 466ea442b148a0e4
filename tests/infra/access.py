"""The wallet's API with each of the props that say who may call it from where, alone and together."""

from functools import cache

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3

from infra.cors import Cors
from infra.custom_domain import CustomDomain, Truststore
from infra.usage_plan import UsagePlan
from infra.wallet_authorization import CognitoAuthorization, IamAuthorization, LambdaAuthorization
from infra.web_acl import WebAcl
from tests.infra.synthesis import resources, scratch_stack, template_of
from tests.infra.test_wallet_api import methods, wallet_api

PAGE, LOCAL_PAGE = "https://wallet.example.com", "http://localhost:3000"
NAME = "wallet.example.com"


def usage_plan(_stack):
    plan = UsagePlan(api_keys=["shop", "bank"], quota=1000, throttle_rate=10, throttle_burst=20)
    return {"usage_plan": plan}


def web_acl(stack):
    return {"web_acl": WebAcl(stack, "Filter")}


def vpc_endpoint(stack):
    endpoint = ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
        stack, "Endpoint", vpc_endpoint_id="vpce-0abc", port=443
    )
    return {"vpc_endpoint": endpoint}


def certificate(stack, name="Certificate"):
    return acm.Certificate.from_certificate_arn(stack, name, f"arn:aws:acm:eu-west-1:123456789012:certificate/{name}")


def plain_domain(stack):
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z0123", zone_name="example.com"
    )
    return {"domain": CustomDomain(name=NAME, certificate=certificate(stack), hosted_zone=zone)}


def mutual_tls(stack):
    truststore = Truststore(
        bucket=s3.Bucket.from_bucket_name(stack, "Trust", "trust"),
        key="truststore.pem",
        version="v1",
        ownership_certificate=certificate(stack, "Ownership"),
    )
    return {"domain": CustomDomain(name=NAME, certificate=certificate(stack), truststore=truststore)}


def one_page(_stack):
    return {"cors": Cors(origins=[PAGE], credentials=True, headers=["X-Trace"])}


def two_pages(_stack):
    return {"cors": Cors(origins=[PAGE, LOCAL_PAGE])}


def user_pool(stack):
    return CognitoAuthorization(cognito.UserPool(stack, "Users"))


def by_token(stack, **options):
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:judge"
    function = lambda_.Function.from_function_attributes(stack, "Judge", function_arn=arn, same_environment=True)
    return LambdaAuthorization(apigateway.TokenAuthorizer(stack, "ByToken", handler=function), **options)


MODES = {
    "default": (lambda _stack: None, "AWS_IAM", None),
    "iam": (lambda _stack: IamAuthorization(), "AWS_IAM", None),
    "user pool": (user_pool, "COGNITO_USER_POOLS", "claims"),
    "lambda": (by_token, "CUSTOM", None),
    "lambda with e-mail": (lambda stack: by_token(stack, own_wallet_only=True), "CUSTOM", "context"),
}
"""For each mode: how it is made, the type of its methods, and what the functions are told."""


@cache
def template(*props, mode="default"):
    """Give the template of an API with these props; each combination is made once."""
    stack = scratch_stack()
    chosen = {}
    for prop in props:
        chosen |= prop(stack)
    wallet_api(stack, authorization=MODES[mode][0](stack), **chosen)
    return template_of(stack)


def calls(found):
    """Give the methods but for those by which browsers ask before they call."""
    return [properties for verb, _, properties in methods(found) if verb != "OPTIONS"]


def environments(found):
    """Give the variables of every function."""
    functions = resources(found, "AWS::Lambda::Function").values()
    return [function["Properties"]["Environment"]["Variables"] for function in functions]
