"""Findings of cdk-nag that are right about the rule and wrong about the case, each with its reason."""

from typing import cast

from aws_cdk import Acknowledgment, CfnResource, Resource, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept the finding `rule` (such as `AwsSolutions-COG4`) at `construct` and below it, for the given reason."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def logical_id(resource: Resource) -> str:
    """Return the name of a resource in its template, which findings about wildcards quote."""
    return Stack.of(resource).get_logical_id(cast("CfnResource", resource.node.default_child))
