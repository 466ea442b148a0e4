"""The modes in which callers are people, each with one wallet: over HTTP, behind authorizers that are deployed."""

import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from local import calls, cdk, paths
from tests.e2e.test_wallet_api import new_email, open_account

APP = Path(__file__).with_name("access_app.py")
PASSWORD = "Correct-horse-7"
PAGE = "https://wallet.example.com"


class Api:
    """One API of `access_app.py`, called by people."""

    def __init__(self, deployed, url):
        self._deployed = replace(deployed, api_url=url.removesuffix("/createaccount"))

    def call(self, path, body, token=None, method="POST", **headers):
        sent = {**({"Authorization": token} if token else {}), **headers}
        return self._deployed.call(method, path, body, sent, sign=False)


@pytest.fixture(scope="module")
def outputs(deployed):
    """Deploy the app beside the project, and give what it gives away."""
    known = {name: value for outputs in deployed.outputs.values() for name, value in outputs.items()}
    [key] = {value for name, value in known.items() if name.startswith("ExportsOutputFnGetAttLedgerKey")}
    target = replace(
        deployed.target,
        directory=deployed.cloud.directory / "access",
        environment={**deployed.target.environment, "PYTHONPATH": str(paths.ROOT)},
        settings={
            **deployed.target.settings,
            "table": known["LedgerTableName"],
            "profiles": known["DynamoDBtableName"],
            "key": key,
        },
    )
    target.directory.mkdir()
    context = [word for pair in target.settings.items() for word in ("--context", "=".join(pair))]
    app = ("--app", f"{sys.executable} {APP}", "--output", str(target.assembly), *context)
    cdk.run(target, "deploy", "access", "--require-approval", "never", "--outputs-file", str(target.outputs_file), *app)
    found = calls.localised(cdk.read_outputs(target), deployed.cloud.endpoint_url)["access"]
    return {name.removesuffix("Output"): value for name, value in found.items()}


@pytest.fixture(scope="module")
def users(deployed, outputs):
    return Api(deployed, outputs["ForUsers"])


@pytest.fixture(scope="module")
def partners(deployed, outputs):
    return Api(deployed, outputs["ForPartners"])


@pytest.fixture(scope="module")
def signed_in(deployed, outputs):
    """Give a function that makes a user of the pool and gives the address and the tokens."""
    cognito = boto3.client("cognito-idp", **deployed.cloud.client_options())
    pool = {"UserPoolId": outputs["UserPool"]}

    def sign_in(*, verified=True, name="ana"):
        email = new_email(name)
        attributes = {"email": email, "email_verified": str(verified).lower()}
        cognito.admin_create_user(
            **pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        cognito.admin_set_user_password(**pool, Username=email, Password=PASSWORD, Permanent=True)
        given = cognito.admin_initiate_auth(
            **pool,
            ClientId=outputs["Client"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )
        return email, given["AuthenticationResult"]

    yield sign_in
    cognito.close()


def test_a_user_opens_and_uses_the_one_wallet_of_the_verified_address(users, signed_in):
    ana, tokens = signed_in()
    token = tokens["IdToken"]
    assert users.call("/createaccount", {"email": ana, "username": "Ana"}, token).status == 201
    assert users.call("/addfunds", {"email": ana, "AddFunds": 250}, token).json["CurrentBalance"] == 250
    assert users.call("/checkfunds", {"email": ana}, token).json["CurrentBalance"] == 250
    assert users.call(f"/checkfunds?email={ana}", None, token, "GET").json["CurrentBalance"] == 250
    assert users.call("/history", {"email": ana}, token).status == 200


def test_a_user_neither_sees_nor_empties_the_wallet_of_another(deployed, users, signed_in):
    bob = open_account(deployed, 100, "bob")
    ana, tokens = signed_in()
    token = tokens["IdToken"]
    assert users.call("/createaccount", {"email": ana, "username": "Ana"}, token).status == 201
    refused = {
        "/checkfunds": {"email": bob},
        "/history": {"email": bob},
        "/verify": {"email": bob},
        "/addfunds": {"email": bob, "AddFunds": 1},
        "/withdrawfunds": {"email": bob, "WithdrawFunds": 1},
        "/transferfunds": {"from": bob, "to": ana, "TransferFunds": 1},
    }
    answers = {path: users.call(path, body, token).status for path, body in refused.items()}
    assert answers == dict.fromkeys(refused, 403)
    assert users.call(f"/checkfunds?email={bob}", None, token, "GET").status == 403
    assert deployed.call("POST", "/checkfunds", {"email": bob}).json["CurrentBalance"] == 100


def test_a_user_whose_address_is_not_verified_is_refused(users, signed_in):
    ana, tokens = signed_in(verified=False)
    assert users.call("/createaccount", {"email": ana, "username": "Ana"}, tokens["IdToken"]).status == 403


def test_no_token_a_forged_one_and_an_access_token_are_refused(users, signed_in):
    ana, tokens = signed_in()
    head, claims, signature = tokens["IdToken"].split(".")
    forged = f"{head}.{claims}.{signature[::-1]}"
    for token in (None, "nonsense", forged):
        assert users.call("/createaccount", {"email": ana, "username": "Ana"}, token).status == 401, token
    by_access_token = users.call("/createaccount", {"email": ana, "username": "Ana"}, tokens["AccessToken"])
    assert by_access_token.status in {401, 403}


def test_a_page_of_the_one_origin_may_ask_and_read_and_no_other(users, signed_in):
    ana, tokens = signed_in()
    asked = users.call("/checkfunds", None, method="OPTIONS", Origin=PAGE)
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == PAGE
    own, other = (
        users.call("/checkfunds", {"email": ana}, tokens["IdToken"], Origin=origin).headers
        for origin in (PAGE, "https://evil.example")
    )
    assert own["access-control-allow-origin"] == PAGE
    assert other.get("access-control-allow-origin") != "https://evil.example"


@pytest.fixture(scope="module")
def keys(deployed, outputs):
    """The values of the API keys by their names."""
    gateway = boto3.client("apigateway", **deployed.cloud.client_options())
    yield {
        name: gateway.get_api_key(apiKey=outputs[f"{name.title()}Key"], includeValue=True)["value"]
        for name in ("shop", "trial")
    }
    gateway.close()


def test_a_caller_whom_the_authorizer_knows_uses_the_own_wallet_only(deployed, partners, keys):
    ana, bob = open_account(deployed, 100), open_account(deployed, 100, "bob")
    token, key = f"I am {ana}", {"X-Api-Key": keys["shop"]}
    assert partners.call("/checkfunds", {"email": ana}, token, **key).json["CurrentBalance"] == 100
    assert partners.call("/checkfunds", {"email": bob}, token, **key).status == 403
    moved = partners.call("/transferfunds", {"from": ana, "to": bob, "TransferFunds": 1}, token, **key)
    assert (moved.status, "to" in moved.json) == (200, False)


def test_whom_the_authorizer_refuses_or_does_not_name_is_refused(deployed, partners, keys):
    ana, key = open_account(deployed), {"X-Api-Key": keys["shop"]}
    assert partners.call("/checkfunds", {"email": ana}, **key).status == 401
    assert partners.call("/checkfunds", {"email": ana}, "nobody", **key).status == 401
    for token in ("I am anonymous", "I am not an address"):
        assert partners.call("/checkfunds", {"email": ana}, token, **key).status == 403


def test_a_call_without_a_key_of_the_plan_is_refused(deployed, partners):
    ana = open_account(deployed)
    token = f"I am {ana}"
    assert partners.call("/checkfunds", {"email": ana}, token).status == 403
    assert partners.call("/checkfunds", {"email": ana}, token, **{"X-Api-Key": uuid4().hex}).status == 403


def test_a_key_whose_quota_is_used_up_is_429_and_another_key_is_not(deployed, partners, keys):
    ana = open_account(deployed)
    used = [
        partners.call("/checkfunds", {"email": ana}, f"I am {ana}", **{"X-Api-Key": keys["trial"]}) for _ in range(21)
    ]
    assert [answer.status for answer in used] == [200] * 20 + [429]
    assert "retry-after" not in used[-1].headers
    assert partners.call("/checkfunds", {"email": ana}, f"I am {ana}", **{"X-Api-Key": keys["shop"]}).status == 200
