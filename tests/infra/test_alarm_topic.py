import json

from infra.alarms import runbook
from tests.infra.runbook import alarms
from tests.infra.synthesis import CONTEXT, only, resources, scratch_stack, synthesised

GIVEN = "arn:aws:sns:eu-west-1:111122223333:on-call"


def actions_of(made):
    return {
        (name, json.dumps(alarm.get("AlarmActions")), json.dumps(alarm.get("OKActions")))
        for template in made.templates()
        for name, alarm in alarms(template)
    }


def test_every_alarm_of_every_stack_tells_the_deployments_own_topic_when_it_rings_and_when_it_is_over():
    told = actions_of(synthesised(deployment="one", search_index=True, backup_days=35))
    assert len(told) > 30
    for name, rings, over in told:
        assert "AlarmTopic" in rings, name
        assert rings == over


def test_a_topic_that_is_given_is_told_instead_and_none_is_made():
    made = synthesised(deployment="one", alarm_topic_arn=GIVEN)
    assert {rings for _, rings, _ in actions_of(made)} == {json.dumps([GIVEN])}
    assert not resources(made.ledger, "AWS::SNS::Topic")


def test_the_topic_is_encrypted_and_alarms_of_this_account_may_publish_and_use_its_key():
    template = synthesised().ledger
    topic = only(template, "AWS::SNS::Topic")["Properties"]
    key = topic["KmsMasterKeyId"]["Fn::GetAtt"][0]
    let_in = [
        one
        for one in template["Resources"][key]["Properties"]["KeyPolicy"]["Statement"]
        if one["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]
    assert [(one["Action"], one["Condition"]) for one in let_in] == [
        (["kms:Decrypt", "kms:GenerateDataKey*"], {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}})
    ]
    policy = only(template, "AWS::SNS::TopicPolicy")["Properties"]["PolicyDocument"]["Statement"]
    assert {(one["Effect"], json.dumps(one["Principal"])) for one in policy} == {
        ("Deny", '"*"'),
        ("Allow", '{"Service": "cloudwatch.amazonaws.com"}'),
    }


def test_the_runbook_is_where_the_organisation_reads_it():
    url = "https://wiki.example.com/wallet/runbook"
    made = synthesised(deployment="one", runbook_url=url)
    described = [alarm["AlarmDescription"] for _, alarm in alarms(*made.templates())]
    assert described
    assert all(f" Runbook: {url}#" in one for one in described)
    assert f"[runbook]({url})" in json.dumps(made.stacks["operations"])


def test_without_a_url_the_runbook_is_the_projects_page():
    assert "runbook_url" not in CONTEXT
    assert runbook(scratch_stack()) == "docs/runbook.md"
