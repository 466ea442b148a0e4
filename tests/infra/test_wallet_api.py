import json

import pytest
from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb

from infra.wallet_api import WalletApi
from infra.wallet_functions import WalletFunctions
from tests.infra.synthesis import (
    OTHERWISE,
    actions,
    only,
    resources,
    scratch_role,
    scratch_stack,
    statements,
    synthesised,
    template_of,
)
from tests.infra.test_ledger import imported

POSTS = {
    "createaccount": ("CreateAccount", {"email", "username"}),
    "checkfunds": ("CheckFunds", {"email"}),
    "addfunds": ("AddFunds", {"email", "AddFunds"}),
    "withdrawfunds": ("WithdrawFunds", {"email", "WithdrawFunds"}),
    "transferfunds": ("TransferFunds", {"from", "to", "TransferFunds"}),
    "history": ("History", {"email"}),
    "digest": ("Digest", set()),
    "verify": ("Verify", {"email"}),
    "proof": ("Proof", {"documentId", "blockAddress"}),
}
REPEATABLE = {"createaccount", "addfunds", "withdrawfunds", "transferfunds"}
OF_CHANGES = {"method.request.header.Idempotency-Key", "method.request.querystring.receipt"}
EMAIL = "method.request.querystring.email"


@pytest.fixture(scope="module")
def template():
    return synthesised().wallet


def wallet_api(stack, **options):
    profiles = dynamodb.Table.from_table_name(stack, "Profiles", "profiles")
    functions = WalletFunctions(stack, "Functions", ledger=imported(stack), profile_table=profiles)
    return WalletApi(stack, "Wallet", functions=functions, **options)


def methods(template):
    paths = {
        name: body["Properties"]["PathPart"] for name, body in resources(template, "AWS::ApiGateway::Resource").items()
    }
    for body in resources(template, "AWS::ApiGateway::Method").values():
        properties = body["Properties"]
        yield properties["HttpMethod"], paths[properties["ResourceId"]["Ref"]], properties


def method(template, verb, path):
    (found,) = [properties for *key, properties in methods(template) if key == [verb, path]]
    return found


def model(template, path):
    (name,) = method(template, "POST", path)["RequestModels"].values()
    return template["Resources"][name["Ref"]]["Properties"]["Schema"]


def settings(template):
    return {
        (one["HttpMethod"], one["ResourcePath"]): one
        for one in only(template, "AWS::ApiGateway::Stage")["Properties"]["MethodSettings"]
    }


def test_the_api_has_the_nine_posts_and_the_one_get_and_no_options_for_cors(template):
    found = {(verb, path) for verb, path, _ in methods(template)}
    assert found == {("POST", path) for path in POSTS} | {("GET", "checkfunds")}


@pytest.mark.parametrize(("path", "function"), [(path, function) for path, (function, _) in POSTS.items()])
def test_a_call_reaches_its_own_function_with_the_whole_request(template, path, function):
    integration = method(template, "POST", path)["Integration"]
    assert integration["Type"] == "AWS_PROXY"
    assert f"Functions{function}Function" in json.dumps(integration["Uri"])


def test_every_call_must_be_signed_by_default(template):
    assert {properties["AuthorizationType"] for *_, properties in methods(template)} == {"AWS_IAM"}


@pytest.mark.parametrize(("path", "fields"), [(path, fields) for path, (_, fields) in POSTS.items()])
def test_a_body_needs_every_field_and_may_have_no_unknown_one(template, path, fields):
    schema = model(template, path)
    assert schema["type"] == "object"
    assert set(schema.get("required", ())) == fields
    assert schema["additionalProperties"] is False


def test_a_schema_without_required_fields_lists_none_since_an_empty_list_is_not_draft_4(template):
    assert "required" not in model(template, "digest")


def test_only_calls_that_read_have_fields_that_may_be_left_out(template):
    optional = {path: set(model(template, path)["properties"]) - fields for path, (_, fields) in POSTS.items()}
    assert {path: names for path, names in optional.items() if names} == {
        "history": {"pageSize", "pageToken"},
        "digest": {"digestNumber"},
        "verify": {"version", "digestTipAddress"},
        "proof": {"ledger", "transactionId", "blockTimestamp", "version", "hash", "revision", "digestNumber"},
    }


def test_every_call_is_validated(template):
    ((validator, body),) = resources(template, "AWS::ApiGateway::RequestValidator").items()
    assert body["Properties"]["ValidateRequestBody"] is True
    assert body["Properties"]["ValidateRequestParameters"] is True
    assert all(properties["RequestValidatorId"] == {"Ref": validator} for *_, properties in methods(template))


@pytest.mark.parametrize("path", POSTS)
def test_a_key_and_a_receipt_are_declared_where_a_call_changes_something_and_never_required(template, path):
    declared = method(template, "POST", path).get("RequestParameters", {})
    assert declared == (dict.fromkeys(OF_CHANGES, False) if path in REPEATABLE else {})


def test_one_customers_balance_is_never_cached_for_another(template):
    get = method(template, "GET", "checkfunds")
    assert get["RequestParameters"] == {EMAIL: True}
    assert get["Integration"]["CacheKeyParameters"] == [EMAIL]


def test_only_get_checkfunds_is_cached_encrypted_and_for_five_seconds(template):
    cached = {key: one for key, one in settings(template).items() if one.get("CachingEnabled")}
    (((verb, path), one),) = cached.items()
    assert (verb, path) == ("GET", "/~1checkfunds")
    assert (one["CacheTtlInSeconds"], one["CacheDataEncrypted"]) == (5, True)
    assert settings(template)["*", "/*"]["CachingEnabled"] is False


def test_without_a_cache_no_cache_cluster_is_paid_for():
    template = synthesised(**OTHERWISE).wallet
    stage = only(template, "AWS::ApiGateway::Stage")["Properties"]
    assert not stage.get("CacheClusterEnabled")
    assert not any(one.get("CachingEnabled") for one in settings(template).values())


def test_all_methods_are_throttled_and_measured_and_none_traces_data(template):
    for one in settings(template).values():
        assert (one["ThrottlingRateLimit"], one["ThrottlingBurstLimit"]) == (100, 200)
        assert (one["DataTraceEnabled"], one["LoggingLevel"], one["MetricsEnabled"]) == (False, "ERROR", True)


def test_the_stage_has_its_name_and_traces(template):
    stage = only(template, "AWS::ApiGateway::Stage")["Properties"]
    assert (stage["StageName"], stage["TracingEnabled"]) == ("funds", True)


def test_the_access_log_is_json_without_anything_that_names_a_person(template):
    form = only(template, "AWS::ApiGateway::Stage")["Properties"]["AccessLogSetting"]["Format"]
    assert json.loads(form)["status"] == "$context.status"
    for personal in ("identity", "caller", "user", "$context.path", "querystring", "requestOverride", "body"):
        assert personal not in form


def test_the_execution_log_exists_with_a_retention_before_the_stage_would_make_it(template):
    ((name, log),) = [
        (name, body)
        for name, body in resources(template, "AWS::Logs::LogGroup").items()
        if "API-Gateway-Execution-Logs_" in json.dumps(body)
    ]
    (api,) = resources(template, "AWS::ApiGateway::RestApi")
    assert log["Properties"]["LogGroupName"] == {
        "Fn::Join": ["", ["API-Gateway-Execution-Logs_", {"Ref": api}, "/funds"]]
    }
    assert log["Properties"]["RetentionInDays"] == 90
    assert name in only(template, "AWS::ApiGateway::Stage")["DependsOn"]


def test_every_log_group_has_a_retention():
    templates = synthesised(**OTHERWISE).templates()
    found = [log for template in templates for log in resources(template, "AWS::Logs::LogGroup").values()]
    assert {log["Properties"].get("RetentionInDays") for log in found} == {7}


def test_what_the_gateway_refuses_is_answered_in_the_form_of_the_functions(template):
    for body in resources(template, "AWS::ApiGateway::GatewayResponse").values():
        answer = body["Properties"]["ResponseTemplates"]["application/json"].replace(
            "$context.error.messageString", '"x"'
        )
        assert set(json.loads(answer)) == {"message", "statuscode"}
        assert str(json.loads(answer)["statuscode"]) == body["Properties"]["StatusCode"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("BAD_REQUEST_BODY", "400"),
        ("MISSING_AUTHENTICATION_TOKEN", "403"),
        ("REQUEST_TOO_LARGE", "413"),
        ("THROTTLED", "429"),
        ("DEFAULT_4XX", "400"),
        ("DEFAULT_5XX", "500"),
    ],
)
def test_a_kind_of_refusal_has_its_status(template, kind, status):
    found = {
        body["Properties"]["ResponseType"]: body["Properties"]["StatusCode"]
        for body in resources(template, "AWS::ApiGateway::GatewayResponse").values()
    }
    assert found[kind] == status


def test_a_bad_body_is_answered_with_what_is_wrong_in_it(template):
    (answer,) = [
        body["Properties"]["ResponseTemplates"]["application/json"]
        for body in resources(template, "AWS::ApiGateway::GatewayResponse").values()
        if body["Properties"]["ResponseType"] == "BAD_REQUEST_BODY"
    ]
    assert "$context.error.validationErrorString" in answer


def test_a_caller_can_be_let_in_to_the_stage_and_to_nothing_else():
    stack = scratch_stack()
    wallet_api(stack).grant_invoke(scratch_role(stack))
    (statement,) = statements(template_of(stack), "Reader")
    assert actions(statement) == {"execute-api:Invoke"}
    assert "/funds/" not in json.dumps(statement["Resource"])
    assert "DeploymentStagefunds" in json.dumps(statement["Resource"])


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("metric_count", "Count"),
        ("metric_client_errors", "4XXError"),
        ("metric_server_errors", "5XXError"),
        ("metric_latency", "Latency"),
    ],
)
def test_metrics_are_the_apis_own(metric, name):
    found = getattr(wallet_api(scratch_stack()), metric)(period=Duration.minutes(1))
    assert (found.namespace, found.metric_name, found.period.to_seconds()) == ("AWS/ApiGateway", name, 60)


def test_the_account_wide_log_role_can_be_left_to_others():
    stack = scratch_stack()
    wallet_api(stack, cloud_watch_role=False)
    assert not resources(template_of(stack), "AWS::ApiGateway::Account")
