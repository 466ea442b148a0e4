"""The tables of a ledger and their indexes, created while the stack deploys."""

from collections.abc import Mapping, Sequence

from aws_cdk import CustomResource, Duration, custom_resources
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from .compliance import FUNCTION_RULES, accept
from .findings import acknowledge, quoted
from .ledger import LedgerBase
from .log_group import log_group
from .python_function import PythonFunction


class LedgerTables(Construct):
    """Creates the ledger, the given tables and their indexes where they do not exist yet.

    What exists stays: an update adds what is new, and neither a deletion of the stack nor a rollback drops any data.
    Make what needs the tables depend on this construct.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        ledger: LedgerBase,
        tables: Mapping[str, Sequence[str]],
        drop_unlisted_indexes: bool = False,
        service_timeout: Duration | None = None,
        encryption_key: kms.IKey | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_mb: int = 1024,
        log_retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
    ) -> None:
        """Define the tables of `ledger`: `tables` gives for each table's name the fields that it is indexed by.

        By default an index that is no longer listed stays; `drop_unlisted_indexes` drops it. By default CloudFormation
        waits five minutes (`service_timeout`) for an answer and then fails the deployment. `encryption_key` encrypts
        the logs; by default a key of CloudWatch Logs' own does.
        """
        super().__init__(scope, id)
        self.handler = PythonFunction(
            self,
            "Handler",
            handler="custom_resources.ledger_tables.handler.on_event",
            description="Creates the ledger's tables and indexes while the stack deploys",
            environment=ledger.environment,
            architecture=architecture,
            memory_mb=memory_mb,
            timeout=Duration.minutes(2),
            encryption_key=encryption_key,
            log_retention=log_retention,
        )
        ledger.grant_read_write(self.handler)
        self.resource = CustomResource(
            self,
            "Resource",
            resource_type="Custom::LedgerTables",
            service_token=self._provider(log_retention, encryption_key).service_token,
            service_timeout=service_timeout or Duration.minutes(5),
            properties={
                "LedgerName": ledger.ledger_name,
                "LedgerTable": ledger.table.table_name,
                "Strands": str(ledger.strands),
                "Tables": [{"Name": name, "Indexes": list(indexes)} for name, indexes in tables.items()],
                "DropUnlistedIndexes": str(drop_unlisted_indexes).lower(),
            },
        )

    def _provider(
        self, log_retention: logs.RetentionDays, encryption_key: kms.IKey | None
    ) -> custom_resources.Provider:
        log = log_group(self, "ProviderLog", retention=log_retention, encryption_key=encryption_key)
        role = iam.Role(self, "ProviderRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(role)
        provider = custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=self.handler.function,
            framework_on_event_role=role,
            framework_lambda_logging_level=lambda_.ApplicationLogLevel.WARN,
            log_group=log,
        )
        accept(self, *FUNCTION_RULES)
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::{quoted(self, self.handler.function.function_arn)}:*]",
            "The CDK's provider framework may invoke any version of the one handler that it was given",
        )
        return provider
