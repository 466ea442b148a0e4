"""The wallet behind a user pool, and behind a Lambda authorizer and API keys, over a ledger that is deployed."""

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from infra.cors import Cors
from infra.ledger import Ledger
from infra.usage_plan import UsagePlan
from infra.wallet_api import WalletApi
from infra.wallet_authorization import CognitoAuthorization, LambdaAuthorization
from infra.wallet_functions import WalletFunctions

JUDGE = """
def handler(event, context):
    token = event["authorizationToken"]
    if not token.startswith("I am "):
        raise Exception("Unauthorized")
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    email = token.removeprefix("I am ")
    context = {} if email == "anonymous" else {"email": email}
    return {"principalId": "caller", "policyDocument": policy, "context": context}
"""

app = App()
stack = Stack(app, "access")
context = app.node.get_context
key = kms.Key.from_key_arn(stack, "Key", context("key"))
table = dynamodb.Table.from_table_name(stack, "Cells", context("table"))
ledger = Ledger.from_ledger_attributes(stack, "Ledger", ledger_name="captable1", table=table, encryption_key=key)
profiles = dynamodb.Table.from_table_name(stack, "Profiles", context("profiles"))


def functions(name: str) -> WalletFunctions:
    """Return a set of functions for one API."""
    architecture = lambda_.Architecture.custom(context("architecture"))
    return WalletFunctions(stack, name, ledger=ledger, profile_table=profiles, architecture=architecture)


pool = cognito.UserPool(stack, "Users", sign_in_aliases=cognito.SignInAliases(email=True))
pool.apply_removal_policy(RemovalPolicy.DESTROY)
client = pool.add_client("App", auth_flows=cognito.AuthFlow(admin_user_password=True))
users = WalletApi(
    stack,
    "ForUsers",
    functions=functions("OfUsers"),
    authorization=CognitoAuthorization(pool),
    cors=Cors(origins=["https://wallet.example.com"]),
)

judge = lambda_.Function(
    stack,
    "Judge",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.handler",
    code=lambda_.Code.from_inline(JUDGE),
)
partners = WalletApi(
    stack,
    "ForPartners",
    functions=functions("OfPartners"),
    authorization=LambdaAuthorization(
        apigateway.TokenAuthorizer(stack, "ByToken", handler=judge), own_wallet_only=True
    ),
    usage_plan=UsagePlan(api_keys=["shop", "trial"], quota=20),
    cloud_watch_role=False,
)
for name, value in {
    "UserPool": pool.user_pool_id,
    "Client": client.user_pool_client_id,
    "ForUsers": users.url_for("createaccount"),
    "ForPartners": partners.url_for("createaccount"),
    **{f"{name.title()}Key": key.key_id for name, key in partners.api_keys.items()},
}.items():
    CfnOutput(stack, f"{name}Output", value=value)
app.synth()
