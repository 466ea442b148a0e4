"""A Lambda function of this project, with a role and a log group of its own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jsii
from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .compliance import FUNCTION_RULES, accept
from .dependency_layer import DependencyLayer
from .findings import acknowledge
from .function_code import staged_code
from .log_group import log_group


@jsii.implements(iam.IGrantable)
class PythonFunction(Construct):
    """A Python 3.13 function from the project's folders and the stack's `DependencyLayer`.

    Its role can write to its own log group and send traces, and nothing else until something is granted to it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        handler: str,
        code: str | Path | None = None,
        description: str | None = None,
        environment: Mapping[str, str] | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        ephemeral_storage: Size | None = None,
        timeout: Duration | None = None,
        encryption_key: kms.IKey | None = None,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        log_removal_policy: RemovalPolicy = RemovalPolicy.DESTROY,
    ) -> None:
        """Define the function.

        `handler` is a dotted path in the project, such as `lambdas.wallet.handlers.check_funds`, or in the folder
        `code`, which holds a function of your own: it can import the package `ledger` and everything else in the layer.
        `description` is what the console shows.

        By default the function is stopped after 20 seconds (`timeout`; API Gateway waits 29), has 512 MiB of disk under
        /tmp (`ephemeral_storage`), gets no variables but those that set up its logger (`environment`), and its log goes
        when the stack is deleted (`log_removal_policy`). `encryption_key` encrypts the log; by default a key of
        CloudWatch Logs' own does. No concurrency is reserved: it shares the account's.
        """
        super().__init__(scope, id)
        staged = _staged(Path(code).resolve() if code else None)
        self.log_group = log_group(
            self, "Log", retention=log_retention, encryption_key=encryption_key, removal_policy=log_removal_policy
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=architecture or lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(staged), asset_hash=staged.name.removeprefix("code-")),
            layers=[DependencyLayer.of(self)],
            handler=handler,
            description=description,
            environment={"POWERTOOLS_SERVICE_NAME": "wallet", **(environment or {})},
            memory_size=memory_mb,
            ephemeral_storage_size=ephemeral_storage,
            timeout=timeout or Duration.seconds(20),
            tracing=lambda_.Tracing.ACTIVE,
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            role=self.role,
        )
        accept(self, *FUNCTION_RULES)
        acknowledge(
            self.role,
            "AwsSolutions-IAM5[Resource::*]",
            "X-Ray's PutTraceSegments and PutTelemetryRecords take no resource: IAM offers '*' only",
        )
        acknowledge(
            self.function,
            "AwsSolutions-L1",
            "Pinned on purpose: the runtime moves together with the functions' tests and their locked packages",
        )

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The principal that grants go to: the function's role."""
        return self.role.grant_principal

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let `grantee` call the function, in its newest version."""
        return iam.Grant.add_to_principal(
            grantee=grantee, actions=["lambda:InvokeFunction"], resource_arns=[self.function.function_arn]
        )

    def metric_errors(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many calls failed (a sum). The default period is five minutes."""
        return self.function.metric_errors(period=period)

    def metric_invocations(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many calls there were (a sum). The default period is five minutes."""
        return self.function.metric_invocations(period=period)

    def metric_throttles(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how many calls found no concurrency left (a sum). The default period is five minutes."""
        return self.function.metric_throttles(period=period)

    def metric_duration(self, *, period: Duration | None = None, statistic: str = "p99") -> cloudwatch.Metric:
        """Return how long calls took, in milliseconds. By default the 99th percentile over five minutes."""
        return self.function.metric_duration(period=period, statistic=statistic)


@cache
def _staged(code: Path | None) -> Path:
    # An app has many functions of the same code, which need not be read for each of them.
    return staged_code(code)
