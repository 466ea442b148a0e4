"""What the console shows of evidence that is kept outside the ledger: in a folder, or in a bucket."""

import argparse
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import boto3
import pytest

from ledger.audit.files import FolderAuditFiles, S3AuditFiles
from ledger.audit.reports import FolderReports, S3Reports
from ledger.cli import evidence as arguments
from ledger.cli.errors import UsageError
from ledger.console import evidence
from ledger.console.errors import EvidenceUnreadableException
from ledger.notary.archive import digest_key
from ledger.notary.s3 import Retention, S3Archive
from ledger.verification.notarised import Notarised, check_continuation, check_signature
from tests.console.wallets import SIGNER

KEYS = {SIGNER.key_id: SIGNER.public_key}


@pytest.fixture
def of_cloud(cloud, monkeypatch):
    """Opens evidence as the command line does, in the cloud."""
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    return opened


def opened(*words):
    parser = argparse.ArgumentParser()
    arguments.add_evidence_arguments(parser)
    return arguments.opened_evidence(parser.parse_args(words))


def test_digests_come_newest_first_as_they_are_kept_with_the_keys_to_trust(console):
    told = console.get("/api/ledgers/captable4/digests")
    assert [each["number"] for each in told["digests"]] == [5, 4, 3, 2, 1, 0]
    assert told["isLast"]
    kept = [Notarised.read(each["content"]) for each in told["digests"]]
    for later, earlier in pairwise(kept):
        assert check_signature(later, KEYS)
        assert list(check_continuation(earlier.statement, later))
    assert [key["fingerprint"] for key in told["keys"]] == [SIGNER.public_key.fingerprint]
    assert all(each["isSole"] and each["lockedUntil"] is None for each in told["digests"])


def test_digests_come_a_page_at_a_time(console):
    path = "/api/ledgers/captable1/digests"
    page = console.get(f"{path}?limit=4")
    assert ([each["number"] for each in page["digests"]], page["isLast"]) == ([5, 4, 3, 2], False)
    page = console.get(f"{path}?limit=4&before=2")
    assert ([each["number"] for each in page["digests"]], page["isLast"]) == ([1, 0], True)


def test_runs_of_the_auditor_come_newest_first(console):
    told = console.get("/api/ledgers/captable4/audits")
    dates = [each["report"]["date"] for each in told["audits"]]
    assert len(dates) == 2
    assert dates == sorted(dates, reverse=True)
    assert all(each["location"].startswith(f"{told['place']}/captable4/audits/2026/") for each in told["audits"])


def test_what_the_console_was_not_told_of_it_does_not_show(writable):
    assert writable.get("/api/ledgers/small/digests") == {"place": None, "keys": [], "digests": [], "isLast": True}
    assert writable.get("/api/ledgers/small/audits") == {"place": None, "audits": []}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--digests", "/nowhere"), "--digests is '/nowhere'; it must be s3://BUCKET, or a folder that is there"),
        (("--audits", "s3://bucket/folder"), "it must be s3://BUCKET, without a folder behind it"),
        (("--public-key", "/nowhere.pem"), "--public-key /nowhere.pem: .*No such file"),
        (("--public-key", __file__), f"--public-key {__file__}: not a public key in PEM"),
    ],
)
def test_places_and_keys_that_are_none_are_refused(words, complaint):
    with pytest.raises(UsageError, match=complaint):
        opened(*words)


def test_a_bucket_shows_its_locked_digests_and_what_was_done_to_them(s3, bucket, of_cloud, wallets):
    archive = S3Archive(s3, bucket, "captable4", retention=Retention("GOVERNANCE", 7))
    for number in range(4):
        archive.write(number, (wallets.evidence / digest_key("captable4", number)).read_bytes())
    s3.put_object(Bucket=bucket, Key=digest_key("captable4", 3), Body=b"another")
    s3.delete_object(Bucket=bucket, Key=digest_key("captable4", 2))
    key = {"Bucket": bucket, "Key": digest_key("captable4", 1)}
    version = s3.list_object_versions(Bucket=bucket, Prefix=key["Key"])["Versions"][0]["VersionId"]
    s3.delete_object(**key, VersionId=version, BypassGovernanceRetention=True)

    shown = evidence.digests(of_cloud("--digests", f"s3://{bucket}"), "captable4", limit=20)
    assert [(each["number"], each["isSole"]) for each in shown["digests"]] == [(3, False), (2, False), (0, True)]
    assert all(Notarised.read(each["content"]) for each in shown["digests"])
    assert shown["digests"][0]["location"] == f"s3://{bucket}/{digest_key('captable4', 3)}"
    until = datetime.fromisoformat(shown["digests"][0]["lockedUntil"])
    assert timedelta(days=6) < until - datetime.now(UTC) < timedelta(days=8)


def test_keys_are_asked_of_kms(cloud, of_cloud, bucket):
    kms = boto3.client("kms", **cloud.client_options())
    arn = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    shown = evidence.digests(of_cloud("--digests", f"s3://{bucket}", "--kms-key", arn), "demo", limit=20)
    assert [key["name"] for key in shown["keys"]] == [arn]
    other = kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    kms.close()
    with pytest.raises(
        EvidenceUnreadableException, match="the public key cannot be read: not a public key on the curve"
    ):
        evidence.digests(of_cloud("--digests", f"s3://{bucket}", "--kms-key", other), "demo", limit=20)


def test_a_bucket_that_cannot_be_read_is_told_of(of_cloud):
    missing = of_cloud("--digests", "s3://no-such-bucket-anywhere")
    for show in (lambda: evidence.digests(missing, "demo", limit=1), lambda: evidence.audits(missing, "demo")):
        with pytest.raises(
            EvidenceUnreadableException, match="s3://no-such-bucket-anywhere cannot be read: NoSuchBucket"
        ):
            show()


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_reports_are_read_from_the_newest_on_over_days_and_years(kind, request, tmp_path):
    if kind == "folder":
        files, reports = FolderAuditFiles(tmp_path, "demo"), FolderReports(tmp_path, "demo")
    else:
        place = request.getfixturevalue("s3"), request.getfixturevalue("bucket"), "demo"
        files, reports = S3AuditFiles(*place), S3Reports(*place)
    dates = [
        datetime(2025, 12, 31, 23, 59, 59, 900_000, UTC),
        *(datetime(2026, 1, day, 8, tzinfo=UTC) for day in (1, 2, 10)),
    ]
    (tmp_path / "state").write_bytes(b"x")
    files.keep_state(tmp_path / "state")
    for date in dates:
        files.add_report(date, date.isoformat())
    assert [kept.text.decode() for kept in reports.newest()] == [date.isoformat() for date in reversed(dates)]
    assert next(reports.newest()).key == "demo/audits/2026/01/10/080000.000.json"


def test_what_is_no_report_hides_none(tmp_path):
    for name, text in {"080000": "{", "080001": "[]", "080002": json.dumps({"findings": [1] * 300})}.items():
        path = tmp_path / f"demo/audits/2026/01/01/{name}.000.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shown = evidence.audits(opened("--audits", str(tmp_path)), "demo")["audits"]
    assert [each["report"] and len(each["report"]["findings"]) for each in shown] == [100, None, None]
