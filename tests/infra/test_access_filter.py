"""The web ACL before the wallet's API."""

import json

import pytest
from aws_cdk import Duration

from infra.errors import PropError
from infra.web_acl import WebAcl
from tests.infra.access import template, web_acl
from tests.infra.synthesis import only, resources, scratch_stack, template_of
from tests.infra.test_wallet_api import wallet_api


def test_the_web_acl_is_put_before_the_stage():
    found = template(web_acl)
    association = only(found, "AWS::WAFv2::WebACLAssociation")["Properties"]
    (acl,), (stage,) = resources(found, "AWS::WAFv2::WebACL"), resources(found, "AWS::ApiGateway::Stage")
    assert association["WebACLArn"] == {"Fn::GetAtt": [acl, "Arn"]}
    assert f'"{stage}"' in json.dumps(association["ResourceArn"])


def test_the_web_acl_blocks_addresses_that_call_too_often_and_what_the_rules_of_aws_find():
    acl = only(template(web_acl), "AWS::WAFv2::WebACL")["Properties"]
    rate, *managed = acl["Rules"]
    assert (acl["Scope"], acl["DefaultAction"]) == ("REGIONAL", {"Allow": {}})
    assert (rate["Action"], rate["Statement"]["RateBasedStatement"]["Limit"]) == ({"Block": {}}, 2000)
    names = [rule["Statement"]["ManagedRuleGroupStatement"]["Name"] for rule in managed]
    assert "AWSManagedRulesCommonRuleSet" in names
    assert all(rule["OverrideAction"] == {"None": {}} for rule in managed)
    assert [rule["Priority"] for rule in acl["Rules"]] == list(range(len(acl["Rules"])))


def test_a_body_that_is_too_large_is_left_to_the_functions_to_answer():
    rules = only(template(web_acl), "AWS::WAFv2::WebACL")["Properties"]["Rules"]
    groups = [rule["Statement"]["ManagedRuleGroupStatement"] for rule in rules[1:]]
    counted = [override for group in groups for override in group.get("RuleActionOverrides", [])]
    assert counted == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]


def test_the_web_acl_shows_nobodys_address_or_credentials_in_samples_or_logs():
    found = template(web_acl)
    acl = only(found, "AWS::WAFv2::WebACL")["Properties"]
    visible = [acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl["Rules"])]
    assert not any(one["SampledRequestsEnabled"] for one in visible)
    logging = only(found, "AWS::WAFv2::LoggingConfiguration")["Properties"]
    assert {"QueryString": {}} in logging["RedactedFields"]
    redacted = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"] if "SingleHeader" in field}
    assert redacted == {"authorization", "cookie", "x-api-key"}


def test_the_web_acls_log_has_the_name_that_waf_asks_for_and_is_given_without_a_star():
    found = template(web_acl)
    ((name, log),) = [
        (name, body)
        for name, body in resources(found, "AWS::Logs::LogGroup").items()
        if "aws-waf-logs-" in str(body["Properties"].get("LogGroupName"))
    ]
    assert log["Properties"]["RetentionInDays"] == 90
    (destination,) = only(found, "AWS::WAFv2::LoggingConfiguration")["Properties"]["LogDestinationConfigs"]
    assert destination["Fn::Join"][1][-1] == {"Ref": name}


def test_blocked_requests_are_counted_under_the_name_that_the_acl_has():
    stack = scratch_stack()
    metric = WebAcl(stack, "Filter").metric_blocked(period=Duration.minutes(1))
    acl = only(template_of(stack), "AWS::WAFv2::WebACL")["Properties"]
    assert metric.dimensions["WebACL"] == acl["Name"] == acl["VisibilityConfig"]["MetricName"]
    assert (metric.namespace, metric.metric_name) == ("AWS/WAFV2", "BlockedRequests")


def test_a_web_acl_of_the_account_can_be_used():
    stack, arn = scratch_stack(), "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/ours/1"
    wallet_api(stack, web_acl=WebAcl.from_web_acl_arn(stack, "Ours", arn))
    found = template_of(stack)
    assert only(found, "AWS::WAFv2::WebACLAssociation")["Properties"]["WebACLArn"] == arn
    assert not resources(found, "AWS::WAFv2::WebACL")


@pytest.mark.parametrize("limit", [9, 2_000_000_001])
def test_a_rate_that_waf_does_not_take_is_refused(limit):
    with pytest.raises(PropError, match=f"^rate_limit is {limit}; give 10 to 2000000000"):
        WebAcl(scratch_stack(), "Filter", rate_limit=limit)
