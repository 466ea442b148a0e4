"""Where alarms are told: an encrypted topic that people and tools subscribe to."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from .encryption import new_key


class AlarmTopic(Construct):
    """An SNS topic that alarms of this account may publish to, and nobody over an unencrypted connection."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        encryption_key: kms.IKey | None = None,
    ) -> None:
        """Define the topic. By default it is encrypted with a key of its own, which rotates each year.

        The policy of a key of the same app (`encryption_key`) is told to let CloudWatch in; that of an imported one
        must do so already.
        """
        super().__init__(scope, id)
        self.encryption_key = encryption_key or new_key(self, "Encrypts what alarms tell")
        self.topic = sns.Topic(self, "Topic", display_name="Alarms", master_key=self.encryption_key, enforce_ssl=True)
        cloudwatch = iam.ServicePrincipal(
            "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
        )
        self.topic.grant_publish(cloudwatch)  # and lets it use the key
