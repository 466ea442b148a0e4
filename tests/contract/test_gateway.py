"""What API Gateway answers by itself, before a function runs: it has to look as the document says, too."""

import json

import boto3
import pytest

from tests.contract.described import disagreements, operations

POSTS = {path: operation for (method, path), operation in operations().items() if method == "POST"}
BAD_BODIES = {
    "empty": b"",
    "not JSON": b'{"email":',
    "a list": b"[]",
    "an unknown field": b'{"email":"ana@example.com","color":"red"}',
}


@pytest.fixture(scope="module")
def gateway(deployed):
    """API Gateway's own client."""
    return boto3.client("apigateway", **deployed.cloud.client_options())


@pytest.fixture(scope="module")
def api_id(deployed):
    return deployed.api_url.split("/")[-2]


@pytest.fixture
def validating(deployed, gateway, api_id):
    """Let the local cloud check bodies against the deployed models: it forgets the validator of the template."""
    validator = gateway.create_request_validator(
        restApiId=api_id, name="for a test", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    deployed_ones = {}
    for resource in gateway.get_resources(restApiId=api_id, embed=["methods"])["items"]:
        for method, properties in resource.get("resourceMethods", {}).items():
            deployed_ones[resource["id"], method] = properties.get("requestValidatorId", "")
            _use(gateway, api_id, resource["id"], method, validator)
    yield
    for (resource, method), before in deployed_ones.items():
        _use(gateway, api_id, resource, method, before)
    gateway.delete_request_validator(restApiId=api_id, requestValidatorId=validator)


def _use(gateway, api_id, resource, method, validator):
    change = {"op": "replace", "path": "/requestValidatorId", "value": validator}
    gateway.update_method(restApiId=api_id, resourceId=resource, httpMethod=method, patchOperations=[change])


def checked(operation, answer):
    """Give the status of an answer that is as described."""
    assert disagreements(operation, answer.status, answer.headers, answer.json) == []
    return answer.status


@pytest.mark.parametrize("path", POSTS)
def test_a_call_that_is_not_signed_is_forbidden(deployed, path):
    assert checked(POSTS[path], deployed.call("POST", path, {}, sign=False)) == 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/addfunds"), ("DELETE", "/digest"), ("POST", "/nothing")])
def test_a_method_or_a_path_that_does_not_exist_is_forbidden(deployed, method, path):
    assert checked(POSTS.get(path, POSTS["/digest"]), deployed.call(method, path, {})) == 403


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_against_the_model_is_refused_by_the_gateway(deployed, validating, body):
    for path, operation in POSTS.items():
        answer = deployed.call("POST", path, body)
        assert checked(operation, answer) == 400
        assert "cache-control" not in answer.headers, "a function answered"


def test_a_query_without_its_parameter_is_refused_by_the_gateway(deployed, validating):
    answer = deployed.call("GET", "/checkfunds")
    assert checked(operations()["GET", "/checkfunds"], answer) == 400
    assert answer.json["message"] == "Missing required request parameters: [email]"


def test_a_good_body_passes_the_models(deployed, validating):
    for path, operation in POSTS.items():
        body = json.dumps(operation["requestBody"]["content"]["application/json"]["example"])
        answer = deployed.call("POST", path, body.replace("@example.com", "@example.net").encode())
        assert checked(operation, answer) in {200, 201, 404, 409}


def test_too_many_calls_are_told_when_to_come_back(deployed, gateway, api_id):
    setting = "/~1digest/POST"
    none = {"op": "replace", "path": f"{setting}/throttling/rateLimit", "value": "0"}
    stage = {"restApiId": api_id, "stageName": deployed.api_url.split("/")[-1]}
    gateway.update_stage(**stage, patchOperations=[none, {**none, "path": f"{setting}/throttling/burstLimit"}])
    try:
        answer = deployed.call("POST", "/digest", {})
    finally:
        gateway.update_stage(**stage, patchOperations=[{"op": "remove", "path": setting}])
    assert checked(POSTS["/digest"], answer) == 429
    assert deployed.call("POST", "/digest", {}).status == 200
