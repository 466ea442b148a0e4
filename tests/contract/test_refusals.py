"""What the functions answer when they refuse or fail, held against the document without a deployment."""

import json
from decimal import Decimal

import pytest

from lambdas.errors import BadInputError, BodyTooLargeError
from lambdas.wallet import errors, failures
from lambdas.wallet.openapi.document import CALLS
from tests.contract.described import disagreements, operations

OF_ANY_CALL = [
    BadInputError("the body is empty; send a JSON object"),
    BadInputError("email is missing", field="email"),
    BodyTooLargeError(8192),
    errors.CallerUnknownError(),
    errors.NotYourWalletError("email"),
    errors.LedgerBusyError(),
    errors.UnknownOutcomeError(),
    ZeroDivisionError("an accident"),
]
OF_SOME_CALLS = [
    errors.NoSuchAccountError("to"),
    errors.NoSuchRevisionError(3),
    errors.AccountExistsError(),
    errors.InsufficientFundsError(Decimal("0.10")),
    errors.BalanceLimitError(),
    errors.KeyReusedError(),
    errors.NoNotaryError(),
    errors.NothingNotarisedError(),
    errors.NotCoveredYetError(7),
    errors.NoSuchDigestError(7),
    errors.ReceiptMismatchError("hash"),
    errors.DigestsUnavailableError(),
]


def answered(call, error):
    """Tell in what the answer to this error disagrees with the description of this call."""
    result = failures.answer(error).as_result()
    headers = {name.lower(): value for name, value in result["headers"].items()}
    operation = operations()["POST", f"/{call.request.operation}"]
    return disagreements(operation, result["statusCode"], headers, json.loads(result["body"]))


def test_every_refusal_is_tried_here():
    tried = {type(error) for error in [*OF_ANY_CALL, *OF_SOME_CALLS]} - {ZeroDivisionError}
    assert tried == set(failures.STATUSES)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_refusals_of_a_call_are_as_described(call):
    own = [error for error in OF_SOME_CALLS if type(error) in call.refusals]
    if call.changes:
        own.append(errors.KeyReusedError())
    for error in [*OF_ANY_CALL, *own]:
        assert answered(call, error) == []


def test_a_status_that_a_call_cannot_have_is_not_described():
    digest = next(call for call in CALLS if call.name == "digest")
    assert answered(digest, errors.ReceiptMismatchError("hash")) == ["status 409"]
    assert answered(digest, errors.KeyReusedError()) == ["status 422"]
