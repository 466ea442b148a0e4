"""A whole journal exported to the local cloud's S3, read back, and its chain verified by the second verifier."""

import time
from datetime import UTC, datetime

import pytest
from amazon.ion import simpleion

from bench.journal import make
from ledger import export
from ledger.control.digest import get_digest
from ledger.export import ExportRequest, OutputFormat
from ledger.store import SQLiteStore
from tests.depth import DEEP
from verifier import verify

BLOCKS = 100_000 if DEEP else 1000


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "shape", [("ION_TEXT", 1, min(BLOCKS, 5000)), ("ION_BINARY", 4, BLOCKS)], ids=["text", "binary"]
)
def test_a_full_export_read_back_from_s3_verifies_against_the_digest(s3, s3_bucket, tmp_path, shape):
    output_format, strands, blocks = shape
    store = SQLiteStore(tmp_path / "bench.db")
    ledger = make(store, blocks, strands=strands)
    digest = get_digest(ledger)
    began = time.perf_counter()
    asked = ExportRequest(
        start=ledger.settings.created,
        end=datetime.now(UTC),
        bucket=s3_bucket,
        prefix="journal",
        output_format=OutputFormat(output_format),
    )
    job = export.start_export(store, ledger.settings, asked, s3)
    done = export.run_export(store, ledger.settings, job.export_id, s3, sleep=_do_not_wait)
    exported = time.perf_counter() - began
    found = read_back(s3, s3_bucket, done, ledger.settings.strands)
    store.close()
    known = {"digest": digest.digest, "digestTipAddress": simpleion.loads(digest.tip_address)}
    steps = list(verify.chain(found, known))
    verified = time.perf_counter() - began - exported
    assert any(step.startswith(f"{blocks + 2 * strands} blocks, ") for step in steps)
    print(f"{blocks} blocks: exported in {exported:.1f} s, read back and verified in {verified:.1f} s")


def _do_not_wait(seconds):
    """Nobody else writes to this ledger."""


def read_back(s3, bucket, job, strands):
    """Give all blocks as a reader of exports finds them: by the manifests, each object checked against its name."""
    for strand_id in strands:
        manifest = read(s3, bucket, f"journal/{job.export_id}.{strand_id}.completed.manifest")
        for key in simpleion.loads(manifest)["keys"]:
            blocks = simpleion.loads(read(s3, bucket, key), single_value=False)
            numbers = [int(block["blockAddress"]["sequenceNo"]) for block in blocks]
            first, last = map(int, key.split(".")[1].split("-"))
            assert numbers == list(range(first, last + 1))
            yield from blocks


def read(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
