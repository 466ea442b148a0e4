"""The archive in a bucket with Object Lock: written once, found again, and overwriting is seen."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from ledger.notary.archive import digest_key, public_key_key
from ledger.notary.errors import ArchiveDamagedError
from ledger.notary.notary import Notary
from ledger.notary.s3 import Retention, S3Archive

WEEK = Retention("COMPLIANCE", 7)


@pytest.fixture
def archive(s3, bucket):
    return S3Archive(s3, bucket, "demo", retention=WEEK)


def test_empty_bucket_has_no_newest_digest(archive):
    assert archive.newest() is None
    assert list(archive.entries(0)) == []


def test_newest_is_found_and_all_are_listed_by_number_across_groups(archive):
    for number in (0, 1, 999, 1000, 12_345):
        assert archive.write(number, b"digest %d" % number)
    assert archive.read(archive.newest()) == b"digest 12345"
    assert [entry.number for entry in archive.entries(0)] == [0, 1, 999, 1000, 12_345]
    assert [entry.number for entry in archive.entries(2)] == [999, 1000, 12_345]
    assert [entry.number for entry in archive.entries(1000)] == [1000, 12_345]


def test_listing_in_small_pages_gives_the_same(archive, s3, bucket, monkeypatch):
    for number in range(5):
        archive.write(number, b"first")
        s3.put_object(Bucket=bucket, Key=digest_key("demo", number), Body=b"second")
    whole, pages = list(archive.entries(0)), archive._pages
    monkeypatch.setattr(archive, "_pages", lambda **options: pages(**options, PaginationConfig={"PageSize": 3}))
    assert list(archive.entries(0)) == whole
    assert {archive.read(entry) for entry in whole} == {b"first"}


def test_number_is_written_once(archive):
    assert archive.write(0, b"first")
    assert not archive.write(0, b"second")
    assert archive.read(archive.newest()) == b"first"


def test_what_is_written_is_locked_for_as_long_as_was_asked(archive, s3, bucket):
    archive.write(0, b"first")
    head = s3.head_object(Bucket=bucket, Key=digest_key("demo", 0))
    assert head["ObjectLockMode"] == "COMPLIANCE"
    left = head["ObjectLockRetainUntilDate"] - datetime.now(UTC)
    assert timedelta(days=6) < left < timedelta(days=8)
    with pytest.raises(ClientError, match="protected by object lock"):
        s3.delete_object(Bucket=bucket, Key=digest_key("demo", 0), VersionId=archive.newest().version)


def test_bucket_without_object_lock_is_refused_rather_than_written_to_unlocked(s3):
    name = f"plain-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    with pytest.raises(ClientError, match="ObjectLock"):
        S3Archive(s3, name, "demo", retention=WEEK).write(0, b"first")


def test_overwritten_digest_is_marked_and_the_first_version_is_the_one_read(archive, s3, bucket):
    archive.write(0, b"first")
    assert archive.newest().is_sole
    s3.put_object(Bucket=bucket, Key=digest_key("demo", 0), Body=b"second")
    assert not archive.newest().is_sole
    assert archive.read(archive.newest()) == b"first"


def test_hidden_digest_is_found_all_the_same(archive, s3, bucket):
    archive.write(0, b"first")
    archive.write(1, b"second")
    s3.delete_object(Bucket=bucket, Key=digest_key("demo", 1))
    entry = archive.newest()
    assert (entry.number, entry.is_sole, archive.read(entry)) == (1, False, b"second")


@pytest.mark.parametrize("name", ["zzz/1.json", "999999/x", "000000/00000000x.json", "000000/0.json", "x"])
def test_other_objects_hide_nothing(archive, s3, bucket, name):
    archive.write(0, b"first")
    s3.put_object(Bucket=bucket, Key=f"demo/digests/{name}", Body=b"")
    assert [entry.number for entry in archive.entries(0)] == [archive.newest().number] == [0]


def test_ledgers_share_a_bucket(archive, s3, bucket):
    archive.write(0, b"first")
    assert S3Archive(s3, bucket, "dem").newest() is None
    assert S3Archive(s3, bucket, "demo2").newest() is None


def test_notary_publishes_its_key_once_and_goes_on_after_the_archive_alone(archive, notarising, s3, bucket):
    notary = Notary(notarising.client.ledger.store, "demo", archive, notarising.signer)
    for number in range(3):
        notarising.add()
        assert notary.notarise().statement.number == number
    versions = s3.list_object_versions(Bucket=bucket, Prefix="demo/keys/")["Versions"]
    assert [each["Key"] for each in versions] == [public_key_key("demo", notarising.signer.public_key)]
    assert notary.newest().statement.number == 2


def test_removed_digest_stops_the_notary(notarising, s3, bucket):
    """Only after its retention, or in GOVERNANCE mode, can a version be removed."""
    archive = S3Archive(s3, bucket, "demo")
    notary = Notary(notarising.client.ledger.store, "demo", archive, notarising.signer)
    notary.notarise()
    s3.delete_object(Bucket=bucket, Key=digest_key("demo", 0))
    s3.delete_object(Bucket=bucket, Key=digest_key("demo", 0), VersionId=archive.newest().version)
    with pytest.raises(ArchiveDamagedError, match="was removed"):
        notary.notarise()
