"""The stack that serves: the wallet's API, its functions and the users' profiles."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .compliance import accept
from .deployment_stack import DeploymentStack
from .ledger import LedgerBase
from .log_retention import retention
from .notarised_digests import DigestNotaryBase
from .settings import Settings
from .wallet_alarms import WalletAlarms
from .wallet_api import WalletApi
from .wallet_functions import WalletFunctions

CALLS = (
    "Createaccount",
    "Checkfunds",
    "Addfunds",
    "Withdrawfunds",
    "Transferfunds",
    "History",
    "Digest",
    "Verify",
    "Proof",
)
"""The calls whose URLs are outputs, as in `CreateaccountApi`."""


class WalletStack(DeploymentStack):
    """The wallet over a ledger that lives elsewhere. Its one piece of state is the profile table, which is retained."""

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002
        *,
        settings: Settings,
        ledger: LedgerBase,
        notary: DigestNotaryBase | None = None,
    ) -> None:
        """Define the wallet over `ledger`, whose tables must exist before the first call, and its `notary` if any."""
        super().__init__(
            scope, id, settings=settings, description="The wallet: its API, its functions and the users' profiles"
        )
        self.profiles = _profile_table(self, settings)
        accept(self.profiles, "DynamoDBInBackupPlan")
        self.functions = WalletFunctions(
            self,
            "Functions",
            ledger=ledger,
            notary=notary,
            profile_table=self.profiles,
            architecture=lambda_.Architecture.custom(settings.architecture),
            memory_mb=settings.memory_mb,
            log_retention=retention(settings.log_retention_days),
        )
        self.wallet = WalletApi(
            self,
            "Wallet",
            functions=self.functions,
            stage_name=settings.stage,
            throttle_rate=settings.throttle_rate,
            throttle_burst=settings.throttle_burst,
            cache_ttl=Duration.seconds(settings.cache_seconds),
            log_retention=retention(settings.log_retention_days),
        )
        self.alarms += WalletAlarms(self, "Alarms", wallet=self.wallet).alarms
        for call in CALLS:
            CfnOutput(self, f"{call}Api", value=self.wallet.url_for(call.lower()), description=f"URL of {call.lower()}")
        CfnOutput(self, "ApiUrl", value=self.wallet.api.url, description="URL of the API's stage")
        CfnOutput(self, "DynamoDBtableName", value=self.profiles.table_name, description="The users' profiles")


def _profile_table(scope: Construct, settings: Settings) -> dynamodb.Table:
    return dynamodb.Table(
        scope,
        "Profiles",
        table_name=settings.profile_table_name,
        partition_key=dynamodb.Attribute(name="email", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.AWS_MANAGED,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        deletion_protection=settings.keep_data,
        removal_policy=RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY,
    )
