"""Findings of cdk-nag that are right about the rule and wrong about the case, each with its reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept the finding `rule` (such as `AwsSolutions-COG4`) at `construct` and below it, for the given reason."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
