"""The documents' revisions in OpenSearch, to be searched by any of their fields."""

from typing import Any, cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_opensearchservice as opensearch
from aws_cdk import aws_s3 as s3
from constructs import Construct

from .delivery import Delivery
from .delivery_bucket import ERRORS, DeliveryBucket
from .encryption import key_for
from .findings import acknowledge, quoted
from .python_function import PythonFunction
from .search_collection import SearchCollection

_Stream = firehose.CfnDeliveryStream


class SearchIndex(Construct):
    """Puts each revision of a journal stream into an OpenSearch index, within about a minute.

    A revision that came twice is there twice, since Firehose chooses the documents' ids: collapse on
    `revisionId.keyword`. Revisions that OpenSearch does not take are kept in `bucket`, with the reason.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        stream: kinesis.IStream,
        domain: opensearch.IDomain | None = None,
        index_name: str = "journal",
        access_logs: s3.IBucket | None = None,
        encryption_key: kms.IKey | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the index `index_name` of what `stream` has. By default it is in a new Serverless collection.

        `encryption_key` encrypts everything; by default the stream's key does, and CloudWatch Logs' own the logs.
        `domain` gives an OpenSearch domain instead, whose access policy must let `delivery.role` in. `access_logs` gets
        the bucket's access logs.
        """
        super().__init__(scope, id)
        self.index_name, self._domain = index_name, domain
        self.collection: SearchCollection | None = None
        self.encryption_key = key_for(self, encryption_key, stream)
        self.bucket = DeliveryBucket(self, "Bucket", encryption_key=self.encryption_key, access_logs=access_logs)
        self.transformer = PythonFunction(
            self,
            "Transformer",
            handler="lambdas.stream.search.handler",
            description="Turns revisions of the journal's stream into documents for OpenSearch",
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(2),
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        self.delivery = Delivery(
            self,
            "Delivery",
            stream=stream,
            function=self.transformer.function,
            bucket=self.bucket,
            encryption_key=self.encryption_key,
            log_key=encryption_key,
            log_retention=log_retention,
        )
        if domain:
            self.firehose = self._to_domain(domain)
        else:
            self.collection = SearchCollection(self, "Collection", encryption_key=self.encryption_key)
            self.firehose = self._to_collection(self.collection)
        self.alarms = self.delivery.alarms(self.metric_age(), Duration.minutes(15))

    def grant_read(self, role: iam.IRole) -> iam.Grant:
        """Let `role` search the index."""
        if self.collection:
            return self.collection.grant_read(role, self.index_name)
        return cast("opensearch.IDomain", self._domain).grant_index_read(self.index_name, role)

    def metric_age(self, *, period: Duration | None = None) -> cloudwatch.Metric:
        """Return how old the oldest record is that is not indexed yet, in seconds. By default the most in a minute."""
        service = "Serverless" if self.collection else "Service"
        return self.delivery.metric(f"DeliveryToAmazonOpenSearch{service}.DataFreshness", self.firehose, period=period)

    def _to_domain(self, domain: opensearch.IDomain) -> _Stream:
        arn = domain.domain_arn
        describe = ("es:DescribeDomain", "es:DescribeDomainConfig", "es:DescribeDomains")
        for resource, actions in ((arn, describe), (f"{arn}/*", ("es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut"))):
            iam.Grant.add_to_principal(grantee=self.delivery.role, actions=list(actions), resource_arns=[resource])
        acknowledge(
            self.delivery.role,
            f"AwsSolutions-IAM5[Resource::{quoted(self, arn)}/*]",
            "Firehose writes to paths of the one domain that it chooses itself",
        )
        destination = _Stream.AmazonopensearchserviceDestinationConfigurationProperty(
            domain_arn=arn,
            index_rotation_period="NoRotation",
            document_id_options=_Stream.DocumentIdOptionsProperty(default_document_id_format="FIREHOSE_DEFAULT"),
            buffering_hints=_Stream.AmazonopensearchserviceBufferingHintsProperty(
                interval_in_seconds=60, size_in_m_bs=5
            ),
            **self._destination(),
        )
        return self.delivery.firehose(self, amazonopensearchservice_destination_configuration=destination)

    def _to_collection(self, collection: SearchCollection) -> _Stream:
        destination = _Stream.AmazonOpenSearchServerlessDestinationConfigurationProperty(
            collection_endpoint=collection.collection.attr_collection_endpoint,
            buffering_hints=_Stream.AmazonOpenSearchServerlessBufferingHintsProperty(
                interval_in_seconds=60, size_in_m_bs=5
            ),
            **self._destination(),
        )
        stream = self.delivery.firehose(self, amazon_open_search_serverless_destination_configuration=destination)
        collection.grant_write(self.delivery.role, self.index_name, before=stream)
        return stream

    def _destination(self) -> dict[str, Any]:
        failed = _Stream.S3DestinationConfigurationProperty(
            bucket_arn=self.bucket.bucket_arn,
            role_arn=self.delivery.role.role_arn,
            compression_format="GZIP",
            encryption_configuration=self.delivery.encryption,
            prefix=ERRORS,
            error_output_prefix=ERRORS,
            cloud_watch_logging_options=self.delivery.log,
        )
        return {
            "index_name": self.index_name,
            "role_arn": self.delivery.role.role_arn,
            "processing_configuration": self.delivery.processing,
            "s3_backup_mode": "FailedDocumentsOnly",
            "s3_configuration": failed,
            "cloud_watch_logging_options": self.delivery.log,
        }
