"""Findings of cdk-nag that are right about the rule and wrong about the case, each with its reason."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk import aws_s3 as s3
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept the finding `rule` (such as `AwsSolutions-COG4`) at `construct` and below it, for the given reason."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def quoted(construct: IConstruct, arn: str) -> str:
    """Return an ARN as findings about wildcards quote it, with names in angle brackets where it is not known yet."""
    return _flat(Stack.of(construct).resolve(arn))


def quoted_bucket(construct: IConstruct, bucket: s3.IBucket) -> str:
    """Return the ARN of a bucket as findings at `construct` quote it, which may be in another stack than the bucket."""
    stack = Stack.of(bucket)
    if Stack.of(construct) is stack or not isinstance(bucket, s3.Bucket):
        return quoted(construct, bucket.bucket_arn)
    # The CDK will export it anyway, under this name.
    return quoted(construct, stack.export_value(bucket.bucket_arn))


def _flat(value: Any) -> str:
    match value:
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": path}:
            return f"<{'.'.join(path)}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(_flat, parts))
        case {"Fn::ImportValue": name}:
            return _flat(name)
        case _:
            return str(value)
