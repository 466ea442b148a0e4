"""A domain name of one's own for an API, on which callers may have to show a certificate."""

from dataclasses import dataclass
from typing import cast

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .errors import PropError


@dataclass(frozen=True, kw_only=True)
class Truststore:
    """The certificate authorities of callers: a file of PEM certificates in a bucket.

    Give the object's `version`, so that a new file takes effect with a deployment; by default it is the newest when the
    domain is made. `ownership_certificate` is a public certificate of the domain's name, which API Gateway asks for if
    the domain's own was imported or comes from a private authority.

    Raises PropError naming the prop that cannot work.
    """

    bucket: s3.IBucket
    key: str
    version: str | None = None
    ownership_certificate: acm.ICertificate | None = None

    def __post_init__(self) -> None:
        """Raise PropError if there is no key."""
        if not self.key or self.key.startswith("/"):
            raise PropError(f"key is {self.key!r}; give the truststore's key in its bucket, such as truststore.pem")


@dataclass(frozen=True, kw_only=True)
class CustomDomain:
    """A domain name, reached by TLS 1.2 or newer, as the only door to an API.

    `certificate` is of the API's own region. With a `truststore` callers need a certificate of one of its authorities
    (mutual TLS). With a `hosted_zone` the name's record is put there; by default it is yours to make, an alias or CNAME
    of what `DomainName.domain_name_alias_domain_name` says.

    Raises PropError naming the prop that cannot work.
    """

    name: str
    certificate: acm.ICertificate
    truststore: Truststore | None = None
    hosted_zone: route53.IHostedZone | None = None

    def __post_init__(self) -> None:
        """Raise PropError if the name is not one of a host."""
        labels = self.name.split(".")
        if self.name != self.name.lower() or len(labels) < 2 or not all(labels) or {"/", ":", " "} & set(self.name):
            raise PropError(f"name is {self.name!r}; give a host's name in lower case, such as wallet.example.com")


def add_custom_domain(scope: Construct, api: apigateway.RestApi, domain: CustomDomain) -> apigateway.DomainName:
    """Put `domain` in front of the stage of `api`, in `scope`."""
    truststore, mtls = domain.truststore, None
    if truststore:
        mtls = apigateway.MTLSConfig(bucket=truststore.bucket, key=truststore.key, version=truststore.version)
    added = apigateway.DomainName(
        scope,
        "Domain",
        domain_name=domain.name,
        certificate=domain.certificate,
        endpoint_type=apigateway.EndpointType.REGIONAL,
        security_policy=apigateway.SecurityPolicy.TLS_1_2,
        mtls=mtls,
        mapping=api,
    )
    if truststore and truststore.ownership_certificate:
        resource = cast("apigateway.CfnDomainName", added.node.default_child)
        resource.ownership_verification_certificate_arn = truststore.ownership_certificate.certificate_arn
    if domain.hosted_zone:
        target = route53.RecordTarget.from_alias(targets.ApiGatewayDomain(added))
        route53.ARecord(scope, "DomainRecord", zone=domain.hosted_zone, record_name=domain.name, target=target)
    return added
