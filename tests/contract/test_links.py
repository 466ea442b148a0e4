"""The links of the document, followed: what one answer gives is what the next call takes."""

import pytest

from tests.contract.described import disagreements, operations
from tests.e2e.test_verify_a_balance import notarise
from tests.e2e.test_wallet_api import new_email, open_account

BY_NAME = {operation["operationId"]: (call, operation) for call, operation in operations().items()}
LINKS = [
    (operation["operationId"], link)
    for operation in operations().values()
    for response in operation["responses"].values()
    for link in response.get("links", {}).values()
]


def body_of(name, deployed):
    """Give a body for the call that a link starts from."""
    if name == "proof":
        return notarised_receipt(deployed)
    email = new_email() if name == "createAccount" else open_account(deployed, 100)
    return {
        "createAccount": {"email": email, "username": "Ana"},
        "addFunds": {"email": email, "AddFunds": 1},
        "withdrawFunds": {"email": email, "WithdrawFunds": 1},
        "transferFunds": {"from": email, "to": open_account(deployed, name="bob"), "TransferFunds": 1},
        "history": {"email": email, "pageSize": 1},
    }[name]


def notarised_receipt(deployed):
    """Give the receipt of a call that a notarised digest covers."""
    body = {"email": open_account(deployed), "AddFunds": 1}
    receipt = deployed.call("POST", "/addfunds?receipt=true", body).json["receipt"]
    notarise(deployed)
    return receipt


def called(deployed, name, body):
    """Make a call that must succeed, and give its answer."""
    (method, path), operation = BY_NAME[name]
    answer = deployed.call(method, path, body)
    assert answer.status in {200, 201}
    assert disagreements(operation, answer.status, answer.headers, answer.json) == []
    return answer.json


def evaluated(expression, request, response):
    """Evaluate a runtime expression such as `$response.body#/revisions/0/version`."""
    source, _, pointer = expression.partition("#/")
    found = {"$request.body": request, "$response.body": response}[source]
    for step in pointer.split("/"):
        found = found[int(step) if isinstance(found, list) else step]
    return found


@pytest.mark.parametrize(("name", "link"), LINKS, ids=[f"{name}-{link['operationId']}" for name, link in LINKS])
def test_a_link_can_be_followed(deployed, name, link):
    request = body_of(name, deployed)
    response = called(deployed, name, request)
    following = {field: evaluated(value, request, response) for field, value in link["requestBody"].items()}
    called(deployed, link["operationId"], following)
