"""What an export writes: names, manifests and content in each format (QLDB guide, "Journal export output")."""

import json
from datetime import timedelta

import pytest
from amazon.ion import simpleion

from ledger import clock as clocks
from ledger import export, ion
from ledger.export import Encryption, OutputFormat, blocks
from ledger.journal.cell import read_block
from ledger.journal.revision import BlockAddress
from ledger.record import pack, unpack
from ledger.store import Corrupt
from ledger.strand import block_key
from tests.blocks import block_cells
from tests.export.conftest import LONG_AGO, request_of, run, start
from verifier import verify

FORMATS = [None, *OutputFormat]


def exported(client, bucket, clock, **changes):
    job = start(client, bucket, clock, **changes)
    run(client, bucket, clock, job.export_id)
    return job


def data_keys(bucket, job, strand_id):
    manifest = bucket.manifest(job.export_id, strand_id)
    return [str(key) for key in simpleion.loads(manifest)["keys"]]


def shown_blocks(client):
    return {
        strand_id: [read_block(cell).block for cell in block_cells(client.ledger.store, strand_id)]
        for strand_id in client.ledger.settings.strands
    }


@pytest.mark.parametrize("output_format", FORMATS)
def test_the_started_manifest_says_what_was_asked_for(filled, bucket, clock, output_format):
    job = start(filled, bucket, clock, output_format=output_format)
    manifest = simpleion.loads(bucket.objects[f"p/{job.export_id}.started.manifest"])
    named = {"outputFormat": str(output_format)} if output_format else {}
    fields = [(name, str(value)) for name, value in manifest.items()]
    created, end = job.request.start, job.request.end
    assert created == filled.ledger.settings.created
    assert fields == list(
        {
            "ledgerName": "demo",
            "exportId": job.export_id,
            "inclusiveStartTime": clocks.write(created) if output_format == "JSON" else str(created),
            "exclusiveEndTime": clocks.write(end) if output_format == "JSON" else str(end),
            "bucket": "b",
            "prefix": "p/",
            "objectEncryptionType": "NO_ENCRYPTION",
            **named,
        }.items()
    )


def test_manifests_in_ion_have_timestamps_of_three_digits(filled, bucket, clock):
    job = start(filled, bucket, clock)
    written = bucket.objects[f"p/{job.export_id}.started.manifest"].decode()
    assert f"inclusiveStartTime:{clocks.write(job.request.start)}," in written


@pytest.mark.parametrize("output_format", [None, "ION_TEXT", "ION_BINARY"])
def test_each_strand_is_exported_whole_and_proves_its_chain(filled, bucket, clock, output_format):
    job = exported(filled, bucket, clock, output_format=output_format and OutputFormat(output_format))
    for strand_id, expected in shown_blocks(filled).items():
        found = [
            block
            for key in data_keys(bucket, job, strand_id)
            for block in simpleion.loads(bucket.objects[key], single_value=False)
        ]
        assert [ion.digest(block) for block in found] == [ion.digest(block.to_ion()) for block in expected]
        assert list(verify.chain(found, None))


def test_names_give_the_hour_the_strand_and_the_range(filled, bucket, clock):
    job = exported(filled, bucket, clock)
    for strand_id, expected in shown_blocks(filled).items():
        [key] = data_keys(bucket, job, strand_id)
        first, last = expected[0], expected[-1].address.sequence_no
        assert key == f"p/{first.timestamp:%Y/%m/%d/%H}/{strand_id}.0-{last}.ion"


def test_json_has_one_block_a_line(filled, bucket, clock):
    job = exported(filled, bucket, clock, output_format=OutputFormat.JSON)
    for strand_id, expected in shown_blocks(filled).items():
        [key] = json.loads(bucket.manifest(job.export_id, strand_id))["keys"]
        assert key.endswith(".json")
        found = [json.loads(line) for line in bucket.objects[key].splitlines()]
        assert [block["blockAddress"]["sequenceNo"] for block in found] == list(range(len(expected)))
        assert [block["blockTimestamp"] for block in found] == [clocks.write(block.timestamp) for block in expected]
        data = [revision.get("data") for block in found for revision in block.get("revisions", ())]
        wanted = [revision for block in expected for revision in block.revisions]
        assert data == [_plain(each) if each.table_id and each.data else None for each in wanted]


def _plain(revision):
    return {name: int(value) for name, value in ion.fields(ion.loads(revision.data))}


@pytest.mark.parametrize(("prefix", "begin"), [("", ""), ("a", "a/"), ("a/", "a/"), ("a/b", "a/b/")])
def test_the_prefix_gets_a_slash_unless_it_has_one(filled, bucket, clock, prefix, begin):
    job = start(filled, bucket, clock, prefix=prefix)
    assert bucket.puts == [f"{begin}{job.export_id}.started.manifest"]


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({}, {}),
        ({"encryption": Encryption.SSE_S3}, {"ServerSideEncryption": "AES256"}),
        ({"encryption": Encryption.SSE_KMS}, {"ServerSideEncryption": "aws:kms"}),
        (
            {"encryption": Encryption.SSE_KMS, "kms_key": "arn:k"},
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:k"},
        ),
    ],
)
def test_every_object_is_encrypted_as_asked_for(filled, bucket, clock, changes, options):
    exported(filled, bucket, clock, **changes)
    assert {name: value for each in bucket.options.values() for name, value in each.items()} == {
        "ContentType": "text/plain",
        **options,
    }
    assert all(options.items() <= each.items() for each in bucket.options.values())


def test_blocks_are_selected_by_their_timestamps_the_start_included_the_end_not(filled, bucket, clock):
    every = sorted({block.timestamp for strand in shown_blocks(filled).values() for block in strand})
    start_time, end_time = every[len(every) // 3], every[2 * len(every) // 3]
    job = exported(filled, bucket, clock, start=start_time, end=end_time)
    for strand_id, expected in shown_blocks(filled).items():
        wanted = [b.address.sequence_no for b in expected if start_time <= b.timestamp < end_time]
        found = [
            int(block["blockAddress"]["sequenceNo"])
            for key in data_keys(bucket, job, strand_id)
            for block in simpleion.loads(bucket.objects[key], single_value=False)
        ]
        assert found == wanted


def test_a_time_without_blocks_gives_manifests_without_keys(filled, bucket, clock):
    end = filled.ledger.settings.created
    job = exported(filled, bucket, clock, end=end)
    for strand_id in filled.ledger.settings.strands:
        assert bucket.manifest(job.export_id, strand_id) == b"{keys:[]}\n"


def test_objects_are_split_by_number_size_and_hour(filled, bucket, clock, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_BLOCKS", 3)
    job = exported(filled, bucket, clock)
    for strand_id, expected in shown_blocks(filled).items():
        ranges = [key.split("/")[-1].split(".")[1] for key in data_keys(bucket, job, strand_id)]
        last = len(expected) - 1
        assert ranges == [f"{at}-{min(at + 2, last)}" for at in range(0, last + 1, 3)]


def test_an_object_ends_with_the_block_that_makes_it_too_big(filled, bucket, clock, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_BYTES", 1)
    job = exported(filled, bucket, clock)
    for strand_id, expected in shown_blocks(filled).items():
        assert len(data_keys(bucket, job, strand_id)) == len(expected)


def test_an_object_holds_blocks_of_one_hour(filled, bucket, clock):
    for hours in (1, 2, 2, 3):
        filled.ledger.clock = lambda hours=hours: clocks.now() + timedelta(hours=hours)
        filled.run("INSERT INTO T {'k': 100}")
    clock.ahead = timedelta(hours=4)
    job = exported(filled, bucket, clock)
    for strand_id, expected in shown_blocks(filled).items():
        wanted = list(dict.fromkeys(f"{block.timestamp:%Y/%m/%d/%H}" for block in expected))
        assert [key[2:15] for key in data_keys(bucket, job, strand_id)] == wanted


def test_a_damaged_block_is_not_exported_and_named(filled, bucket, clock):
    address = BlockAddress(filled.ledger.settings.strands[0], 1)
    key = block_key(address)
    cell = filled.ledger.store.get([key])[key]
    header, payloads = unpack(cell.data)
    filled.ledger.store.commit({key: pack({**header, "transaction": "x" * 22}, payloads)}, {key: cell.version})
    job = start(filled, bucket, clock)
    with pytest.raises(Corrupt, match=f"block 1 of strand {address.strand_id} does not have its hash"):
        run(filled, bucket, clock, job.export_id)
    assert not any(key.endswith(".ion") for key in bucket.puts)


def test_an_end_that_is_only_just_over_is_waited_for(filled, bucket, clock):
    clock.ahead = timedelta(0)
    exported(filled, bucket, clock, start=LONG_AGO)
    [waited] = clock.slept
    assert 10 < waited <= 15


def test_an_end_with_blocks_behind_it_on_every_strand_is_not_waited_for(filled, bucket, clock):
    clock.ahead = timedelta(0)
    exported(filled, bucket, clock, end=min(each[-1].timestamp for each in shown_blocks(filled).values()))
    assert clock.slept == [0.0]


def test_the_request_is_not_changed_by_being_kept(filled, bucket, clock):
    asked = request_of(filled, clock, encryption=Encryption.SSE_KMS, kms_key="arn:k", output_format=OutputFormat.JSON)
    job = export.start_export(filled.ledger.store, filled.ledger.settings, asked, bucket, now=clock)
    assert export.describe_export(filled.ledger.store, job.export_id, now=clock) == job
