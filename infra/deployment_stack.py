"""What all stacks of a deployment have in common."""

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .settings import Settings


class DeploymentStack(Stack):
    """A stack in the account and region that the settings ask for, whose alarms lead to the runbook that they name."""

    def __init__(self, scope: Construct, id: str, *, settings: Settings, description: str) -> None:  # noqa: A002
        """Define the stack, still without any alarm in `alarms`."""
        super().__init__(scope, id, description=description, env=settings.env)
        if settings.runbook_url:
            self.node.set_context("runbook_url", settings.runbook_url)
        self.alarms: list[cloudwatch.Alarm] = []
