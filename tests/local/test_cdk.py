import sys
from pathlib import Path

import pytest

from local import cdk, node, paths
from local.errors import LocalError

FAILED_RESOURCE = """
Bad | 2/5 | 8:37:07 AM | CREATE_FAILED | Custom::LedgerTables | Tables/Default (Tables) the table is gone; name another
Bad | 3/5 | 8:37:07 AM | ROLLBACK_COMPLETE    | AWS::CloudFormation::Stack | Bad Rollback complete
Failed resources:
Bad | 8:37:07 AM | CREATE_FAILED | Custom::LedgerTables | Tables/Default (Tables) the table is gone; name another

 Bad failed to deploy
   CloudTrail delivery can lag up to 15 minutes behind the failure
"""
APP_ERROR = """Traceback (most recent call last):
  File "/x/app.py", line 6, in <module>
    raise RuntimeError("no such table")
RuntimeError: no such table
python3 app.py: Subprocess exited with error 1
"""


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (FAILED_RESOURCE, "Custom::LedgerTables: Tables/Default (Tables) the table is gone; name another"),
        (APP_ERROR, "RuntimeError: no such table"),
        ("\nTemplate format error: Unrecognized resource types: [A::B::C]\n", "Template format error: Unrecognized"),
        ("", "it gave no reason"),
    ],
    ids=["CloudFormation", "app", "change set", "silent"],
)
def test_failed_command_gives_the_reason_in_one_line(output, reason):
    assert cdk.cause(output).startswith(reason)
    assert "\n" not in cdk.cause(output)


FAKE = """
import json, os, pathlib, sys
home = pathlib.Path(os.environ["FAKE_HOME"])
with (home / "calls").open("a") as calls:
    print(*sys.argv[1:], file=calls)
command = sys.argv[1]
if command == "bootstrap":
    (home / "bootstrapped").touch()
if command == "deploy":
    if not (home / "bootstrapped").exists():
        sys.exit("x: SSM parameter not found. Has the environment been bootstrapped? Please run 'cdk bootstrap'")
    pathlib.Path(sys.argv[sys.argv.index("--outputs-file") + 1]).write_text('{"stack": {"Name": "value"}}')
"""


@pytest.fixture
def target(tmp_path, monkeypatch):
    """A target whose CDK CLI is a script that writes its arguments down."""
    program = tmp_path / "cdk.py"
    program.write_text(FAKE)
    monkeypatch.setattr(paths, "CDK", program)
    monkeypatch.setattr(node, "find", lambda: node.Node(Path(sys.executable), ()))
    return cdk.Target({"FAKE_HOME": str(tmp_path), "PATH": "/bin"}, tmp_path / "target", {"architecture": "arm64"})


def _commands(target):
    lines = (target.directory.parent / "calls").read_text().splitlines()
    return [line.split() for line in lines]


def test_account_that_was_never_bootstrapped_is_bootstrapped_once(target):
    assert cdk.deploy(target) == {"stack": {"Name": "value"}}
    assert [words[0] for words in _commands(target)] == ["synth", "deploy", "bootstrap", "deploy"]
    assert cdk.deploy(target) == {"stack": {"Name": "value"}}
    assert [words[0] for words in _commands(target)][4:] == ["synth", "deploy"]


def test_what_was_synthesised_with_the_settings_of_the_target_is_deployed(target):
    cdk.deploy(target)
    synth, *others = _commands(target)
    assert synth[synth.index("--context") + 1] == "architecture=arm64"
    assert synth[synth.index("--output") + 1] == str(target.assembly)
    assert all(words[words.index("--app") + 1] == str(target.assembly) for words in others)


def test_failed_deployment_leaves_no_outputs_of_an_earlier_one(target):
    cdk.deploy(target)
    paths.CDK.write_text(FAKE.replace('command == "deploy"', 'sys.exit("stopped") if command == "deploy" else False'))
    with pytest.raises(LocalError, match="cdk deploy: stopped"):
        cdk.deploy(target)
    assert cdk.read_outputs(target) == {}


def test_failed_deployment_of_a_bootstrapped_account_is_not_tried_again(target):
    paths.CDK.write_text(FAKE.replace("Has the environment been bootstrapped?", "no"))
    with pytest.raises(LocalError):
        cdk.deploy(target)
    assert [words[0] for words in _commands(target)] == ["synth", "deploy"]
