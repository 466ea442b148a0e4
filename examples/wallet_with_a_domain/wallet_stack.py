"""The wallet's API under a domain name of its own, and who may call it how often, from which pages."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct
from verifiable_wallet import (
    CognitoAuthorization,
    Cors,
    CustomDomain,
    LedgerBase,
    UsagePlan,
    WalletApi,
    WalletFunctions,
    WebAcl,
)


class WalletStack(Stack):
    """The wallet over `ledger`, everything of it encrypted with `key`. The context in cdk.json says where it is."""

    def __init__(self, scope: Construct, id: str, *, ledger: LedgerBase, key: kms.IKey) -> None:
        super().__init__(scope, id)
        self._key, self._users = key, self._user_pool()
        self._wallet = WalletApi(
            self,
            "Wallet",
            functions=WalletFunctions(
                self, "Functions", ledger=ledger, profile_table=self._profiles(), encryption_key=key
            ),
            authorization=CognitoAuthorization(self._users),
            domain=self._domain(),
            usage_plan=UsagePlan(api_keys=["shop", "bank"], quota=100_000, throttle_rate=50, throttle_burst=100),
            web_acl=WebAcl(self, "Filter", rate_limit=1000, encryption_key=key) if self._context("filter") else None,
            cors=Cors(origins=[self._context("web_page")]),
            encryption_key=key,
        )
        self._alarms()
        self._outputs()

    def _context(self, name: str) -> str:
        value = self.node.get_context(name)
        return "" if value in {False, "false"} else str(value)

    def _user_pool(self) -> cognito.UserPool:
        address = cognito.StandardAttribute(required=True, mutable=True)
        return cognito.UserPool(
            self,
            "Users",
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(email=True),
            standard_attributes=cognito.StandardAttributes(email=address),
            keep_original=cognito.KeepOriginalAttrs(email=True),
        )

    def _profiles(self) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            "Profiles",
            partition_key=dynamodb.Attribute(name="email", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption_key=self._key,
            removal_policy=RemovalPolicy.RETAIN,
        )

    def _domain(self) -> CustomDomain:
        name = self._context("domain")
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=self._context("zone_id"), zone_name=self._context("zone")
        )
        validation = acm.CertificateValidation.from_dns(zone)
        certificate = acm.Certificate(self, "Certificate", domain_name=name, validation=validation)
        return CustomDomain(name=name, certificate=certificate, hosted_zone=zone)

    def _alarms(self) -> None:
        topic = sns.Topic(self, "Alarms", master_key=self._key, enforce_ssl=True)
        alarm = self._wallet.metric_server_errors(period=Duration.minutes(1)).create_alarm(
            self,
            "ServerErrors",
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=3,
            alarm_description="Calls are answered with 5xx: look at the log of the call's function",
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
        CfnOutput(self, "AlarmTopic", value=topic.topic_arn)

    def _outputs(self) -> None:
        client = self._users.add_client("Pages", auth_flows=cognito.AuthFlow(user_srp=True, user_password=True))
        CfnOutput(self, "Url", value=self._wallet.url)
        CfnOutput(self, "UserPool", value=self._users.user_pool_id)
        CfnOutput(self, "UserPoolClient", value=client.user_pool_client_id)
        for name, key in self._wallet.api_keys.items():
            CfnOutput(self, f"ApiKeyOf{name.title()}", value=key.key_id)
