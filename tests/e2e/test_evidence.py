"""The notary and the auditor as deployed: what they keep, what they notice, and what nobody can do to it."""

import json
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest
from aws_cdk import CfnOutput
from botocore.exceptions import ClientError

from infra.digest_bucket import DigestBucket
from infra.encryption import new_key
from ledger import clock
from ledger.documents import document_key, read_current, write_current
from ledger.journal import tree
from ledger.journal.cell import read_block, write_stored
from ledger.journal.revision import BlockAddress
from ledger.notary.archive import digest_key
from ledger.notary.s3 import Retention, S3Archive
from ledger.settings import load
from ledger.store.base import Key
from ledger.strand import block_key, tip
from ledger.verification.notarised import check_continuation, check_signature
from tests.e2e.evidence import LEDGER, Evidence
from tests.e2e.test_wallet_api import open_account
from tests.infra.synthesis import scratch_stack, template_of


@pytest.fixture(scope="module")
def evidence(deployed):
    return Evidence(deployed)


@pytest.fixture
def notarised(deployed, evidence):
    """The newest digest, which covers an account that was just opened."""
    open_account(deployed, 10)
    assert evidence.notarise().error is None
    return evidence.digest(evidence.newest().number)


@contextmanager
def written(evidence, writes):
    """Cells as somebody wrote them behind the ledger's back, until the block is over."""
    before = {key: evidence.overwrite(key, data) for key, data in writes.items()}
    try:
        yield
    finally:
        for key, data in before.items():
            evidence.overwrite(key, data)


def longest_strand(evidence):
    strands = load(evidence.store, LEDGER).strands
    return max((tip(evidence.store, strand_id).address for strand_id in strands), key=lambda each: each.sequence_no)


def rewritten_end(evidence):
    """The last two blocks of a strand as they would be had they been committed a millisecond later: all hashes fit."""
    last = longest_strand(evidence)
    addresses = [BlockAddress(last.strand_id, last.sequence_no - back) for back in (2, 1, 0)]
    link, *following = (read_block(evidence.store.get([block_key(each)])[block_key(each)].data) for each in addresses)
    writes = {}
    for address, stored in zip(addresses[1:], following, strict=True):
        moved = stored.block.timestamp + timedelta(milliseconds=1)
        block = replace(stored.block, previous_hash=link.hash, timestamp=moved)
        block_hash = block.computed_hash()
        growth = tree.append(address.sequence_no, link.growth.peaks, block_hash)
        link = stored._replace(block=block, hash=block_hash, growth=growth)
        writes[block_key(address)] = write_stored(link)
    return last, writes


# What is kept


def test_a_digest_is_signed_by_kms_locked_and_consistent_with_the_one_before(deployed, evidence, notarised):
    open_account(deployed, 10)
    called = evidence.notarise()
    assert called.answer == {"notarised": True, "number": notarised.statement.number + 1}
    following = evidence.digest(called.answer["number"])
    check_signature(notarised, evidence.keys)
    check_signature(following, evidence.keys)
    assert len(list(check_continuation(notarised.statement, following))) == 1 + len(following.statement.tips)
    locked = evidence.archive.locked_until(evidence.newest())
    assert locked is not None
    assert locked - clock.read(following.statement.date) > timedelta(days=364)


def test_as_long_as_no_tip_moves_nothing_is_written(evidence, notarised):
    assert evidence.notarise().answer == {"notarised": False, "number": None}
    assert evidence.newest().number == notarised.statement.number


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_what_is_in_the_bucket_is_enough_to_check_a_signature_by_other_means(evidence, notarised, tmp_path):
    for name, data in (
        ("key.pem", evidence.published_key().encode()),
        ("statement", notarised.statement.text.encode()),
        ("signature", notarised.signature),
    ):
        (tmp_path / name).write_bytes(data)
    check = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "statement"]
    assert subprocess.run(check, cwd=tmp_path, check=True, capture_output=True, text=True).stdout == "Verified OK\n"
    (tmp_path / "statement").write_bytes(notarised.statement.text.replace('"number":', '"number": ').encode())
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1


def test_the_auditor_reports_into_its_bucket_that_all_is_sound(evidence, notarised):
    called = evidence.audit()
    assert called.error is None
    assert (called.answer["finished"], called.answer["findings"]) == (True, 0)
    report = evidence.report()
    assert (report["blocks"], report["findings"]) == (called.answer["blocks"], [])
    assert report["newestDigest"]["number"] >= notarised.statement.number
    assert report["fullAudit"]["completed"] is not None


# What is noticed


def newest_document(evidence):
    """The place and the current revision of the account that was opened last."""
    last = longest_strand(evidence)
    for number in range(last.sequence_no, -1, -1):
        key = block_key(BlockAddress(last.strand_id, number))
        for revision in read_block(evidence.store.get([key])[key].data).block.revisions:
            if revision.table_id and b"email" in (revision.data or b""):
                return current_of(evidence, revision)
    raise AssertionError("no account was opened")


def current_of(evidence, revision):
    shards = load(evidence.store, LEDGER).shards
    key = document_key(revision.table_id, revision.metadata.id, shards)
    return key.partition, key.sort, read_current(evidence.store.get([key])[key].data)


def test_what_is_written_behind_the_ledgers_back_is_refused_by_the_notary_and_named_by_the_auditor(evidence, notarised):
    assert evidence.said() == []
    partition, document_id, current = newest_document(evidence)
    forged = replace(current, data=current.data.replace(b"email", b"emale"))
    last, writes = rewritten_end(evidence)
    with written(evidence, {Key(partition, document_id): write_current(forged), **writes}):
        called = evidence.notarise()
        assert called.error is not None
        assert f"strand {last.strand_id}: its blocks up to {last.sequence_no}" in called.error
        assert "nothing was signed: find out who changed the table" in called.error
        assert evidence.newest().number == notarised.statement.number
        said = evidence.said()
        assert any(text.startswith(f"strand {last.strand_id}: is not the one of digest ") for text in said)
        assert f"block {last.sequence_no} of strand {last.strand_id}: is not the one that was read there before" in said
        assert f"document {document_id}: its current revision is not the newest of the journal" in said
        [finding] = [each for each in evidence.report()["findings"] if each["kind"] == "document"]
        assert (finding["documentId"], finding["table"]) == (document_id, "wallettable")
        assert finding["since"]["number"] >= notarised.statement.number - 1
    assert evidence.notarise().answer == {"notarised": False, "number": None}
    assert evidence.said() == [], "once it is put back"


# What nobody can do


def refusal(call, **options):
    with pytest.raises(ClientError) as caught:
        call(**options)
    return caught.value.response["Error"]["Code"]


def test_a_digest_cannot_be_removed_or_unlocked_even_by_the_account_itself(evidence, notarised):
    s3, entry = evidence.client("s3"), evidence.newest()
    place = {"Bucket": evidence.bucket, "Key": digest_key(LEDGER, entry.number), "VersionId": entry.version}
    assert refusal(s3.delete_object, **place, BypassGovernanceRetention=True) == "AccessDenied"
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": evidence.archive.locked_until(entry) - timedelta(days=300)}
    assert refusal(s3.put_object_retention, **place, Retention=sooner) == "AccessDenied"
    assert evidence.digest(entry.number) == notarised


def test_the_notarys_own_role_can_neither_write_over_nor_hide_nor_remove_a_digest(evidence, notarised):
    s3, entry = evidence.client("s3", evidence.role_of("NotaryFunction")), evidence.newest()
    place = {"Bucket": evidence.bucket, "Key": digest_key(LEDGER, entry.number)}
    assert s3.get_object(**place)["VersionId"] == entry.version, "it can read it"
    assert refusal(s3.put_object, **place, Body=b"{}") == "AccessDenied"
    assert refusal(s3.put_object, **place, Body=b"{}", IfNoneMatch="*") == "PreconditionFailed"
    assert refusal(s3.delete_object, **place) == "AccessDenied"
    assert refusal(s3.delete_object, **place, VersionId=entry.version) == "AccessDenied"


def test_the_auditors_role_writes_no_digest_and_signs_nothing(evidence, notarised):
    role = evidence.role_of("AuditorFunction")
    key = digest_key(LEDGER, notarised.statement.number + 1)
    s3, kms = evidence.client("s3", role), evidence.client("kms", role)
    assert refusal(s3.put_object, Bucket=evidence.bucket, Key=key, Body=b"{}", IfNoneMatch="*") == "AccessDenied"
    signing = {"KeyId": evidence.outputs["SigningKeyArn"], "SigningAlgorithm": "ECDSA_SHA_256"}
    assert refusal(kms.sign, **signing, Message=b"0" * 32, MessageType="DIGEST") == "AccessDeniedException"


# In another account


def stack_of_a_bucket(account):
    """The template of a bucket in which an account may notarise the digests of ledger books."""
    stack = scratch_stack()
    bucket = DigestBucket(stack, "Digests", encryption_key=new_key(stack, "Digests"))
    bucket.let_notarise(account, ledger_name="books")
    CfnOutput(stack, "Bucket", value=bucket.bucket_name)
    return {name: part for name, part in template_of(stack).items() if name in {"Resources", "Outputs"}}


@pytest.fixture(scope="module")
def foreign_bucket(cloud):
    own = cloud.client_options()
    cloudformation = boto3.client("cloudformation", **{**own, "aws_access_key_id": "444455556666"})
    body = json.dumps(stack_of_a_bucket(own["aws_access_key_id"]))
    cloudformation.create_stack(StackName="digests", TemplateBody=body)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="digests", WaiterConfig={"Delay": 1, "MaxAttempts": 600}
    )
    (stack,) = cloudformation.describe_stacks(StackName="digests")["Stacks"]
    cloudformation.close()
    return stack["Outputs"][0]["OutputValue"]


def test_a_bucket_of_another_account_takes_the_digests_of_the_ledger_that_it_is_for_and_keeps_them(
    cloud, foreign_bucket
):
    s3 = boto3.client("s3", **cloud.client_options())
    archive, other = (
        S3Archive(s3, foreign_bucket, ledger, retention=Retention("COMPLIANCE", 1)) for ledger in ("books", "bikes")
    )
    assert archive.write(0, b"{}")
    assert not archive.write(0, b"{}")
    assert archive.read(archive.newest()) == b"{}"
    assert refusal(other.write, number=0, data=b"{}") == "AccessDenied"
    assert refusal(other.newest) == "AccessDenied"
    place = {"Bucket": foreign_bucket, "Key": digest_key("books", 0)}
    assert refusal(s3.put_object, **place, Body=b"other") == "AccessDenied"
    assert refusal(s3.delete_object, **place) == "AccessDenied"
    assert refusal(s3.delete_object, **place, VersionId=archive.newest().version) == "AccessDenied"
    s3.close()
