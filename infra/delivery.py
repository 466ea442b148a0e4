"""What every Firehose stream needs that takes the journal from Kinesis: a source, a function, a role and a log."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .alarms import MINUTE, alarm
from .compliance import accept
from .delivery_bucket import DeliveryBucket
from .findings import acknowledge, quoted
from .log_group import log_group

_Stream = firehose.CfnDeliveryStream


class Delivery(Construct):
    """A role and a log for a Firehose stream that reads `stream`, transforms by `function`, and writes to `bucket`.

    The Firehose stream itself is made by `firehose`, for a destination whose parts are the properties here.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        stream: kinesis.IStream,
        function: lambda_.Function,
        bucket: DeliveryBucket,
        encryption_key: kms.IKey,
        log_key: kms.IKey | None,
        log_retention: logs.RetentionDays,
    ) -> None:
        """Define the role and the log, which is encrypted with `log_key`, or with CloudWatch Logs' own."""
        super().__init__(scope, id)
        self.stream, self.function, self.bucket, self.encryption_key = stream, function, bucket, encryption_key
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"))
        accept(self.role, "IAMNoInlinePolicy")
        self.log_group = log_group(self, "Log", retention=log_retention, encryption_key=log_key)
        self._log_stream = logs.LogStream(
            self, "LogStream", log_group=self.log_group, removal_policy=RemovalPolicy.DESTROY
        )
        self._grant()

    def firehose(self, scope: Construct, **destination: Any) -> _Stream:
        """Return the Firehose stream, in `scope`, with one destination configuration given by its name."""
        made = _Stream(
            scope,
            "Firehose",
            delivery_stream_type="KinesisStreamAsSource",
            kinesis_stream_source_configuration=_Stream.KinesisStreamSourceConfigurationProperty(
                kinesis_stream_arn=self.stream.stream_arn, role_arn=self.role.role_arn
            ),
            **destination,
        )
        made.node.add_dependency(self.role)
        acknowledge(made, "AwsSolutions-KDF1", "Its source is a Kinesis stream, whose encryption holds for it too")
        return made

    @property
    def log(self) -> _Stream.CloudWatchLoggingOptionsProperty:
        """Where errors are logged."""
        return _Stream.CloudWatchLoggingOptionsProperty(
            enabled=True,
            log_group_name=self.log_group.log_group_name,
            log_stream_name=self._log_stream.log_stream_name,
        )

    @property
    def encryption(self) -> _Stream.EncryptionConfigurationProperty:
        """The key that objects are encrypted with."""
        return _Stream.EncryptionConfigurationProperty(
            kms_encryption_config=_Stream.KMSEncryptionConfigProperty(awskms_key_arn=self.encryption_key.key_arn)
        )

    @property
    def processing(self) -> _Stream.ProcessingConfigurationProperty:
        """The function, called with at most 1 MB: its answer, which may hold 6 MB, is several times as long."""
        parameters = {
            "LambdaArn": self.function.function_arn,
            "RoleArn": self.role.role_arn,
            "BufferSizeInMBs": "1",
            "BufferIntervalInSeconds": "60",
            "NumberOfRetries": "3",
        }
        named = [
            _Stream.ProcessorParameterProperty(parameter_name=name, parameter_value=value)
            for name, value in parameters.items()
        ]
        return _Stream.ProcessingConfigurationProperty(
            enabled=True, processors=[_Stream.ProcessorProperty(type="Lambda", parameters=named)]
        )

    def metric(self, name: str, of: _Stream, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return the largest value in a minute of a metric of the Firehose stream `of`."""
        return cloudwatch.Metric(
            namespace="AWS/Firehose",
            metric_name=name,
            dimensions_map={"DeliveryStreamName": of.ref},
            statistic="Maximum",
            period=period or MINUTE,
        )

    def alarms(self, freshness: cloudwatch.Metric, max_age: Duration) -> list[cloudwatch.Alarm]:
        """Return the alarms of a delivery: its records are older than `max_age`, some failed, its function fails."""
        return [
            alarm(
                self,
                "Behind",
                freshness,
                above=max_age.to_seconds(),
                minutes=3,
                description="Records of the journal wait to be delivered: look at the delivery's log",
                entry="delivery-behind",
            ),
            alarm(
                self,
                "Failures",
                self.bucket.metric_failures(),
                above=0,
                description="Records could not be delivered: they are under errors/ in the bucket, with the reason",
                entry="records-not-delivered",
            ),
            alarm(
                self,
                "FunctionErrors",
                self.function.metric_errors(period=MINUTE),
                above=0,
                minutes=3,
                description="The function that transforms records fails: its log says why",
                entry="transformer-fails",
            ),
        ]

    def _grant(self) -> None:
        objects, function = self.bucket.arn_for_objects("*"), self.function.function_arn
        rights = {
            self.stream.stream_arn: (
                "kinesis:DescribeStream",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ),
            self.bucket.bucket_arn: ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
            objects: ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"),
            function: ("lambda:GetFunctionConfiguration", "lambda:InvokeFunction"),
            f"{function}:$LATEST": ("lambda:GetFunctionConfiguration", "lambda:InvokeFunction"),
        }
        for arn, actions in rights.items():
            iam.Grant.add_to_principal(grantee=self.role, actions=list(actions), resource_arns=[arn])
        acknowledge(
            self.role,
            f"AwsSolutions-IAM5[Resource::{quoted(self, self.bucket.bucket_arn)}/*]",
            "Firehose writes objects of any name into this one bucket",
        )
        self.log_group.grant(self.role, "logs:PutLogEvents")
        self.encryption_key.grant(self.role, "kms:Decrypt", "kms:GenerateDataKey")
        if self.stream.encryption_key:
            self.stream.encryption_key.grant(self.role, "kms:Decrypt")
