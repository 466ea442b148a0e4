"""What docs/evidence.md shows is what happens."""

import contextlib
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from aws_cdk import CfnOutput
from aws_cdk import aws_kms as kms

import infra
from infra.settings import Settings
from tests.e2e.evidence import LEDGER, Evidence
from tests.infra.synthesis import only, scratch_stack, template_of

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text()
CHECK, FOREIGN_BUCKET = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHELL = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
VERIFIED = "Verified OK\n"


@pytest.fixture(scope="module")
def copied(deployed, tmp_path_factory):
    """A folder as the first commands of the page leave it: a copy of the bucket, and the public key from KMS."""
    evidence, folder = Evidence(deployed), tmp_path_factory.mktemp("copied")
    for amount in (1, 2):
        deployed.call("POST", "/createaccount", {"email": f"page{amount}@example.com", "username": "Page"})
        assert evidence.notarise().error is None
    s3 = evidence.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=evidence.bucket, Prefix=f"{LEDGER}/"):
        for each in page["Contents"]:
            path = folder / "copy" / each["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(s3.get_object(Bucket=evidence.bucket, Key=each["Key"])["Body"].read())
    (key,) = evidence.keys.values()
    (folder / "key.der").write_bytes(key.to_der())
    (folder / "key.pem").write_text(key.to_pem())
    return folder


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_checks_the_newest_digest_as_the_page_says(copied, tmp_path):
    shutil.copytree(copied, tmp_path, dirs_exist_ok=True)
    (tmp_path / "key.pem").unlink()
    assert run(SHELL[1], tmp_path) == VERIFIED
    assert VERIFIED in PAGE
    newest = max((tmp_path / "copy").glob("*/digests/*/*.json"))
    newest.write_text(newest.read_text().replace('\\"number\\":', '\\"number\\":1'))
    assert run(SHELL[1], tmp_path).lower() == "verification failure\n"


def run(script, folder):
    done = subprocess.run(["bash", "-c", script], check=False, cwd=folder, capture_output=True, text=True)
    return done.stdout


def test_all_digests_are_checked_offline_as_the_page_says(copied, monkeypatch):
    monkeypatch.chdir(copied)
    assert re.fullmatch(r"\d+ digests, signed and consistent, up to digest \d+ of [0-9TZ:.-]+\n", printed(CHECK))
    count = len(list((copied / "copy").glob("*/digests/*/*.json")))
    assert printed(CHECK).startswith(f"{count} digests")
    assert count > 1


def printed(code):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, {})
    return out.getvalue()


def test_the_bucket_of_another_account_is_the_code_of_the_page():
    stack = scratch_stack()
    exec(FOREIGN_BUCKET, {"stack": stack, "kms": kms, "CfnOutput": CfnOutput, "DigestBucket": infra.DigestBucket})
    template = template_of(stack)
    assert only(template, "AWS::S3::Bucket")["Properties"]["ObjectLockEnabled"] is True
    assert set(template["Outputs"]) == {"DigestBucket", "DigestBucketKey"}


def test_the_settings_of_the_page_have_their_defaults():
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE.partition("## What is in")[0], re.MULTILINE))
    assert rows.keys() == {
        "notary_minutes",
        "object_lock_mode",
        "object_lock_days",
        "signing_key_arns",
        "audit_minutes",
    }
    for name, default in rows.items():
        assert default.strip(" `") == str(getattr(Settings(), name) or "null")
