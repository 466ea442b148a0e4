"""A log group: kept for a time, and encrypted with a key of one's own if there is one."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from .compliance import accept
from .encryption import KEY_ACTIONS_TO_WRITE


def log_group(
    scope: Construct,
    id: str,  # noqa: A002
    *,
    retention: logs.RetentionDays,
    encryption_key: kms.IKey | None = None,
    removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    log_group_name: str | None = None,
) -> logs.LogGroup:
    """Return a new log group, which goes with its stack unless `removal_policy` says otherwise.

    By default CloudWatch Logs encrypts it with a key of its own. With an `encryption_key` that was imported, the key's
    policy must let the service use it; that of a key made in the same app is told to.
    """
    if encryption_key:
        _let_logs_use(encryption_key)
    group = logs.LogGroup(
        scope,
        id,
        retention=retention,
        encryption_key=encryption_key,
        removal_policy=removal_policy,
        log_group_name=log_group_name,
    )
    if not encryption_key:
        accept(group, "CloudWatchLogGroupEncrypted")
    return group


def _let_logs_use(key: kms.IKey) -> None:
    # Not the one group's ARN, since the key may be in a stack that must not depend on the group's.
    stack = Stack.of(key)
    groups = stack.format_arn(service="logs", resource="*")
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
            actions=list(KEY_ACTIONS_TO_WRITE),
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        ),
        True,
    )
