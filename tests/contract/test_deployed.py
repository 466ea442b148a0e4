"""What is deployed against the document: thousands of requests, good and bad, made of it by schemathesis."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from lambdas.wallet.openapi.document import document
from tests.contract.conftest import Signer
from tests.depth import DEEP

CASES = 1300 if DEEP else 25
LEAST = 1000 if DEEP else 10
FROM_AN_ANSWER = {"pageToken", "digestTipAddress"}

CHECKS = {
    "unsupported_method": {"enabled": False},  # API Gateway answers 403, not 405: see test_gateway.py
    "positive_data_acceptance": {"expected-statuses": [200, 201, 404, 409, 422]},
    "negative_data_rejection": {"expected-statuses": [400, 403, 404, 413, 422]},
}

# Without `security`, schemathesis leaves the signing to us.
schema = schemathesis.openapi.from_dict(
    {**document(), "security": []}, config=schemathesis.Config.from_dict({"checks": CHECKS, "request-timeout": 60})
)


@pytest.fixture(scope="module")
def sent():
    """Count the cases of each operation, and say at the end how many there were."""
    counted = Counter()
    yield counted
    print(f"schemathesis: {counted.total()} cases for {len(counted)} operations: {dict(counted)}")
    assert min(counted.values()) >= LEAST


@schema.parametrize()
@settings(max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
def test_answers_are_as_described_and_bad_requests_are_refused(case, deployed, accounts, sent):
    sent[case.operation.label] += 1
    if case.meta.generation.mode.is_positive:
        accounts.fill(case)
    response = case.call(base_url=deployed.api_url, auth=Signer(deployed))
    made_up = isinstance(case.body, dict) and case.body.keys() & FROM_AN_ANSWER
    case.validate_response(response, excluded_checks=[positive_data_acceptance] if made_up else [])
