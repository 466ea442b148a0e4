"""The authorization modes of the wallet's API, and what each means for its methods, functions and cache."""

import pytest
from aws_cdk import Duration

from infra.errors import PropError
from lambdas.wallet.access import SETTING, Access, Source
from tests.infra.access import MODES, environments, template, user_pool
from tests.infra.synthesis import only, resources, scratch_stack, synthesised, template_of
from tests.infra.test_wallet_api import methods, settings, wallet_api

OWN_WALLET_ONLY = [name for name, (*_, source) in MODES.items() if source]
EVERY_WALLET = [name for name, (*_, source) in MODES.items() if not source]


@pytest.mark.parametrize("mode", MODES)
def test_every_method_has_the_authorization_that_was_chosen(mode):
    found = [properties for *_, properties in methods(template(mode=mode))]
    assert {properties["AuthorizationType"] for properties in found} == {MODES[mode][1]}
    assert all(("AuthorizerId" in properties) == (MODES[mode][1] != "AWS_IAM") for properties in found)


@pytest.mark.parametrize("mode", MODES)
def test_every_function_knows_whether_callers_may_use_only_their_own_wallets(mode):
    found = environments(template(mode=mode))
    assert len(found) == 9
    assert {variables.get("CALLER_EMAIL_FROM") for variables in found} == {MODES[mode][2]}


@pytest.mark.parametrize("mode", OWN_WALLET_ONLY)
def test_the_functions_understand_what_they_are_told(mode):
    for variables in environments(template(mode=mode)):
        assert Access.read(variables) == Access(Source(variables[SETTING]))


@pytest.mark.parametrize("mode", OWN_WALLET_ONLY)
def test_nothing_is_cached_where_an_answer_is_for_one_caller(mode):
    stage = only(template(mode=mode), "AWS::ApiGateway::Stage")["Properties"]
    assert not stage.get("CacheClusterEnabled")
    assert not any(one.get("CachingEnabled") for one in settings(template(mode=mode)).values())


@pytest.mark.parametrize("mode", EVERY_WALLET)
def test_balances_are_cached_by_email_where_callers_may_see_every_one(mode):
    cached = [one["HttpMethod"] for one in settings(template(mode=mode)).values() if one.get("CachingEnabled")]
    assert cached == ["GET"]


@pytest.mark.parametrize("mode", OWN_WALLET_ONLY)
def test_a_cache_that_would_show_one_callers_balance_to_another_is_refused(mode):
    stack = scratch_stack()
    authorization = MODES[mode][0](stack)
    with pytest.raises(PropError, match=r"^cache_ttl is 5 seconds; where callers may use only their own wallets"):
        wallet_api(stack, authorization=authorization, cache_ttl=Duration.seconds(5))


def test_a_cache_of_zero_seconds_is_none_and_may_be_said():
    stack = scratch_stack()
    wallet_api(stack, authorization=user_pool(stack), cache_ttl=Duration.seconds(0))
    assert not only(template_of(stack), "AWS::ApiGateway::Stage")["Properties"].get("CacheClusterEnabled")


def test_tokens_are_checked_by_the_pool_that_was_given_without_scopes_which_would_ask_for_access_tokens():
    found = template(mode="user pool")
    (pool,) = resources(found, "AWS::Cognito::UserPool")
    authorizer = only(found, "AWS::ApiGateway::Authorizer")["Properties"]
    assert authorizer["Type"] == "COGNITO_USER_POOLS"
    assert authorizer["ProviderARNs"] == [{"Fn::GetAtt": [pool, "Arn"]}]
    assert authorizer["IdentitySource"] == "method.request.header.Authorization"
    assert not any("AuthorizationScopes" in properties for *_, properties in methods(found))


def test_a_lambda_authorizer_is_the_one_that_was_given():
    authorizer = only(template(mode="lambda"), "AWS::ApiGateway::Authorizer")["Properties"]
    assert (authorizer["Type"], "judge" in str(authorizer["AuthorizerUri"])) == ("TOKEN", True)


@pytest.mark.parametrize(
    ("prop", "value", "words"),
    [
        ("throttle_rate", 0, "throttle_rate is 0; give 1 or more"),
        ("throttle_burst", -1, "throttle_burst is -1; give 1 or more"),
        ("cache_ttl", Duration.hours(2), "cache_ttl is 7200; give 0 to 3600"),
    ],
)
def test_a_limit_that_no_stage_can_have_is_refused_by_name(prop, value, words):
    with pytest.raises(PropError, match=f"^{words}$"):
        wallet_api(scratch_stack(), **{prop: value})


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::ApiGateway::ApiKey",
        "AWS::ApiGateway::DomainName",
        "AWS::ApiGateway::UsagePlan",
        "AWS::EC2::VPCEndpoint",
        "AWS::WAFv2::WebACL",
        "AWS::WAFv2::WebACLAssociation",
    ],
)
def test_nothing_that_was_not_asked_for_is_deployed(kind):
    assert not resources(synthesised().wallet, kind)


def test_by_default_the_api_is_regional_and_has_no_resource_policy_and_its_own_name():
    api = only(synthesised().wallet, "AWS::ApiGateway::RestApi")["Properties"]
    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert not {"Policy", "DisableExecuteApiEndpoint"} & set(api)
