import json
import os
import subprocess
import sys

import pytest

from infra.function_code import ROOT
from tests.infra.synthesis import CONTEXT


def run_app(tmp_path, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    environment |= {
        "CDK_CONTEXT_JSON": json.dumps({**CONTEXT, **settings}),
        "CDK_OUTDIR": str(tmp_path / "cdk.out"),
        "CDK_VALIDATION": "false",
    }
    return subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_the_app_fits_in_25_lines():
    assert len((ROOT / "app.py").read_text().splitlines()) <= 25


def test_the_app_is_synthesised_without_credentials_account_or_region(tmp_path):
    result = run_app(tmp_path, deployment="trial")
    assert result.returncode == 0, result.stderr
    manifest = json.loads((tmp_path / "cdk.out" / "manifest.json").read_text())
    stacks = {name: body["environment"] for name, body in manifest["artifacts"].items() if "stack" in body["type"]}
    assert stacks == dict.fromkeys(
        (f"trial-{part}" for part in ("ledger", "stream", "evidence", "wallet", "operations")),
        "aws://unknown-account/unknown-region",
    )


@pytest.mark.parametrize(("key", "value"), [("strands", "0"), ("architecture", "sparc")])
def test_a_bad_setting_ends_the_app_with_one_line(tmp_path, key, value):
    result = run_app(tmp_path, **{key: value})
    assert result.returncode == 1
    lines = [line for line in result.stderr.splitlines() if "!!" not in line]
    (line,) = lines
    assert line.startswith(f"error: setting '{key}' is '{value}'; it must be ")
