"""A usage plan: API keys besides the authorization, with quotas and limits of their own."""

import pytest

from infra.errors import PropError
from infra.usage_plan import UsagePlan
from tests.infra.access import calls, one_page, template, usage_plan
from tests.infra.synthesis import only, resources, scratch_stack, synthesised, template_of
from tests.infra.test_wallet_api import methods, wallet_api


def test_with_a_usage_plan_every_call_needs_a_key_besides_its_authorization():
    found = calls(template(usage_plan))
    assert {(one["ApiKeyRequired"], one["AuthorizationType"]) for one in found} == {(True, "AWS_IAM")}
    assert not any(one.get("ApiKeyRequired") for one in calls(synthesised().wallet))


def test_a_browser_that_asks_before_it_calls_needs_no_key():
    found = template(usage_plan, one_page)
    assert not any(properties.get("ApiKeyRequired") for verb, _, properties in methods(found) if verb == "OPTIONS")
    assert all(properties["ApiKeyRequired"] for properties in calls(found))


def test_each_key_has_the_quota_and_the_limits_on_this_stage_and_no_value_in_the_template():
    found = template(usage_plan)
    plan = only(found, "AWS::ApiGateway::UsagePlan")["Properties"]
    (api,), (stage,) = (resources(found, f"AWS::ApiGateway::{kind}") for kind in ("RestApi", "Stage"))
    assert plan["Quota"] == {"Limit": 1000, "Period": "DAY"}
    assert plan["Throttle"] == {"RateLimit": 10, "BurstLimit": 20}
    assert [(one["ApiId"], one["Stage"]) for one in plan["ApiStages"]] == [({"Ref": api}, {"Ref": stage})]
    keys = resources(found, "AWS::ApiGateway::ApiKey")
    assert {key["Properties"]["Description"] for key in keys.values()} == {"shop", "bank"}
    assert not any({"Value", "Name"} & set(key["Properties"]) for key in keys.values())
    members = resources(found, "AWS::ApiGateway::UsagePlanKey").values()
    assert {member["Properties"]["KeyId"]["Ref"] for member in members} == set(keys)


def test_a_plan_without_limits_only_asks_for_a_key():
    stack = scratch_stack()
    wallet_api(stack, usage_plan=UsagePlan(api_keys=["shop"]))
    plan = only(template_of(stack), "AWS::ApiGateway::UsagePlan")["Properties"]
    assert not {"Quota", "Throttle"} & set(plan)


@pytest.mark.parametrize(
    ("props", "words"),
    [
        ({"api_keys": []}, r"api_keys is \[\]; give at least one name"),
        ({"api_keys": ["shop", "shop"]}, r"api_keys is \['shop', 'shop'\]; give .* each once"),
        ({"api_keys": ["a shop"]}, "api_keys has 'a shop'; give 1 to 64 letters"),
        ({"api_keys": ["shop"], "quota": 0}, "quota is 0; give a whole number from 1 on"),
        ({"api_keys": ["shop"], "quota": 1.5}, "quota is 1.5; give a whole number"),
        ({"api_keys": ["shop"], "throttle_rate": True}, "throttle_rate is True; give a whole number"),
        ({"api_keys": ["shop"], "throttle_burst": -1}, "throttle_burst is -1; give a whole number"),
    ],
)
def test_a_usage_plan_that_cannot_be_is_refused_by_its_prop(props, words):
    with pytest.raises(PropError, match=f"^{words}"):
        UsagePlan(**props)


def test_a_missing_key_is_403_and_a_quota_that_is_used_up_does_not_ask_to_come_back_in_a_second():
    found = {
        body["Properties"]["ResponseType"]: body["Properties"]
        for body in resources(synthesised().wallet, "AWS::ApiGateway::GatewayResponse").values()
    }
    assert found["INVALID_API_KEY"]["StatusCode"] == "403"
    assert found["THROTTLED"]["ResponseParameters"] == {"gatewayresponse.header.Retry-After": "'1'"}
    assert "ResponseParameters" not in found["QUOTA_EXCEEDED"]
