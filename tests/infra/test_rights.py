import json

from tests.infra import rights


def test_no_role_may_do_more_or_less_than_is_written_down():
    assert rights.of_the_app() == json.loads(rights.FILE.read_text())


def test_a_right_that_is_added_would_be_seen():
    policy = {
        "Roles": [{"Ref": "Reader"}],
        "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}]},
    }
    template = {"Resources": {"Policy": {"Type": "AWS::IAM::Policy", "Properties": policy}}}
    assert rights.of(template) == {"Reader": {"*": ["dynamodb:PutItem"]}}
    policy["PolicyDocument"]["Statement"].append(
        {"Effect": "Allow", "Action": ["dynamodb:DeleteItem"], "Resource": {"Fn::GetAtt": ["Table", "Arn"]}}
    )
    assert rights.of(template)["Reader"]["<Table.Arn>"] == ["dynamodb:DeleteItem"]


def test_no_function_may_do_everything_of_a_service():
    everything = [
        (role, place, action)
        for roles in rights.of_the_app().values()
        for role, places in roles.items()
        for place, actions in places.items()
        for action in actions
        if action.endswith((":*", "/*")) or action == "*"
    ]
    assert everything == []
