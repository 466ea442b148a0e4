"""Findings of cdk-nag that are right about the rule and wrong about the case, each with its reason."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept the finding `rule` (such as `AwsSolutions-COG4`) at `construct` and below it, for the given reason."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def quoted(construct: IConstruct, arn: str) -> str:
    """Return an ARN as findings about wildcards quote it, with names in angle brackets where it is not known yet."""
    return _flat(Stack.of(construct).resolve(arn))


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
