"""Exports of ledgers in each store, to the local cloud's S3."""

import time
from datetime import UTC, datetime

import pytest
from amazon.ion import simpleion

from ledger import export
from ledger.export import ExportRequest, OutputFormat, blocks
from tests.ledger.conftest import dynamodb, ledger, new_dynamodb_store, table  # noqa: F401 - fixtures
from tests.ledger.support import Client
from verifier import verify


@pytest.mark.parametrize("output_format", OutputFormat)
def test_a_ledger_in_any_store_is_exported_in_any_format(s3, s3_bucket, ledger, output_format, monkeypatch):  # noqa: F811
    monkeypatch.setattr(blocks, "MOST_BLOCKS", 3)
    client = Client(ledger)
    client.run("CREATE TABLE T")
    for number in range(8):
        client.run("INSERT INTO T ?", {"k": number})
    time.sleep(0.002)  # blocks have milliseconds
    asked = ExportRequest(
        start=datetime(2019, 1, 1, tzinfo=UTC),
        end=datetime.now(UTC),
        bucket=s3_bucket,
        prefix="",
        output_format=output_format,
    )
    store, settings = ledger.store, ledger.settings
    job = export.start_export(store, settings, asked, s3)
    done = export.run_export(store, settings, job.export_id, s3, sleep=lambda _: None)
    assert [each.status for each in export.list_exports(store)] == [done.status] == ["COMPLETED"]
    found = []
    for strand_id in settings.strands:
        manifest = read(s3, s3_bucket, f"{job.export_id}.{strand_id}.completed.manifest")
        for key in simpleion.loads(manifest)["keys"]:
            found += simpleion.loads(read(s3, s3_bucket, key), single_value=False)
    if output_format is not OutputFormat.JSON:
        assert list(verify.chain(found, None))
    inserted = [
        revision["data"]["k"] for block in found for revision in block.get("revisions", ()) if "data" in revision
    ]
    assert sorted(inserted) == list(range(8))


def read(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
