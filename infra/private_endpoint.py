"""Where an API can be called from: everywhere, or one endpoint in a VPC and nowhere else."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from aws_cdk import Aws
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

_INVOKE = "execute-api:Invoke"
_EVERYTHING = "execute-api:/*"


class PrivateEndpoint(ec2.InterfaceVpcEndpoint):
    """The endpoint in a VPC by which its hosts reach private APIs of this account, and APIs of no other account."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        vpc: ec2.IVpc,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
    ) -> None:
        """Define the endpoint in the private subnets of `vpc`, under the names that APIs have anyway (private DNS).

        By default a new security group lets in the addresses of the VPC on port 443; `security_groups` replace it.
        """
        super().__init__(
            scope,
            id,
            vpc=vpc,
            service=ec2.InterfaceVpcEndpointAwsService.APIGATEWAY,
            private_dns_enabled=True,
            security_groups=security_groups,
            open=security_groups is None,
        )
        own = f"arn:{Aws.PARTITION}:execute-api:{Aws.REGION}:{Aws.ACCOUNT_ID}:*"
        self.add_to_policy(iam.PolicyStatement(actions=[_INVOKE], resources=[own], principals=[iam.AnyPrincipal()]))


class Endpoint(TypedDict):
    """Where an API can be called from: the props of `RestApi` that say so."""

    endpoint_configuration: apigateway.EndpointConfiguration
    policy: NotRequired[iam.PolicyDocument]


def endpoint(through: ec2.IVpcEndpoint | None, *, signed: bool, preflight: bool) -> Endpoint:
    """Return the props of an API that takes calls from everywhere, or only `through` an endpoint of a VPC.

    `signed`: callers sign with IAM credentials. `preflight`: browsers ask without any.
    """
    kind = apigateway.EndpointType
    if through is None:
        return {"endpoint_configuration": apigateway.EndpointConfiguration(types=[kind.REGIONAL])}
    return {
        "endpoint_configuration": apigateway.EndpointConfiguration(types=[kind.PRIVATE], vpc_endpoints=[through]),
        "policy": _policy(through, signed=signed, preflight=preflight),
    }


def _policy(through: ec2.IVpcEndpoint, *, signed: bool, preflight: bool) -> iam.PolicyDocument:
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": through.vpc_endpoint_id}}
    anyone = iam.AnyPrincipal()
    # A policy that allows a signed caller by itself is enough within an account, whatever the caller's own policies
    # say. Allowing the account leaves it to them.
    callers = iam.AccountRootPrincipal() if signed else anyone
    allowed = [_statement(iam.Effect.ALLOW, callers)]
    if signed and preflight:
        allowed.append(_statement(iam.Effect.ALLOW, anyone, "execute-api:/*/OPTIONS/*"))
    return iam.PolicyDocument(statements=[*allowed, _statement(iam.Effect.DENY, anyone, conditions=elsewhere)])


def _statement(
    effect: iam.Effect,
    principal: iam.IPrincipal,
    resource: str = _EVERYTHING,
    conditions: dict[str, dict[str, str]] | None = None,
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=effect, principals=[principal], actions=[_INVOKE], resources=[resource], conditions=conditions
    )
