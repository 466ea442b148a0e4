"""cfn-lint over every template: what CloudFormation would refuse, and what those who know it advise against."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.access import mutual_tls, plain_domain, template, two_pages, usage_plan, vpc_endpoint, web_acl
from tests.infra.synthesis import synthesised

ACCEPTED = {"W3005": "The CDK lets a function wait for its role by name, besides the reference that it has to it"}
REGIONS = ("us-east-1", "eu-central-1")
API = {
    "user pool": (mutual_tls, usage_plan, web_acl, two_pages),
    "default": (plain_domain,),
    "lambda with e-mail": (vpc_endpoint, usage_plan, web_acl, two_pages),
}
"""For a mode of authorization, other props; each is there once."""


def findings(*files):
    """Give what cfn-lint says about these templates, but for what is accepted."""
    program = Path(sys.executable).with_name("cfn-lint")
    options = ["--format", "json", "--ignore-checks", *ACCEPTED, "--regions", *REGIONS]
    done = subprocess.run([program, *options, "--", *files], capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return [(found["Rule"]["Id"], found["Filename"], found["Message"]) for found in json.loads(done.stdout)]


@pytest.mark.parametrize("everything", [False, True])
def test_the_apps_templates_have_no_finding(everything):
    directory = synthesised(deployment="one", search_index=True).directory if everything else synthesised().directory
    files = sorted(directory.glob("*.template.json"))
    assert len(files) > 3
    assert findings(*files) == []


def test_no_way_to_guard_the_api_has_a_finding(tmp_path):
    for mode, props in API.items():
        (tmp_path / f"{mode}.json").write_text(json.dumps(template(*props, mode=mode)))
    assert findings(*sorted(tmp_path.iterdir())) == []


def test_a_finding_would_be_reported(tmp_path):
    body = {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": [], "Colour": "red"}}
    (tmp_path / "bad.json").write_text(json.dumps({"Resources": {"Table": body}}))
    assert {rule for rule, *_ in findings(tmp_path / "bad.json")} >= {"E3002"}
