"""The whole journey of QLDB's vehicle-registration tutorial, by the official clients, against a server of ours.

Ledger, tables, documents, transfer of a vehicle, history, digest, verification of a revision and of a block, redaction,
export and its hash chain. What the tutorial's client computes is computed here by plain restatements of its rules.
"""

import hashlib
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from pyqldb.driver.qldb_driver import QldbDriver

from ledger import ion
from tests.server.processes import running, wait_until

ROOT = Path(__file__).parents[2]
PEOPLE = [
    {"FirstName": "Raul", "LastName": "Lewis", "GovId": "LEWISR261LL"},
    {"FirstName": "Brent", "LastName": "Logan", "GovId": "LOGANB486CG"},
]
VIN = "1N4AL11D75C109151"


@pytest.fixture(params=["sqlite", "dynamodb"])
def registry(request, cloud, tmp_path):
    """A server that can reach the local cloud's S3, and clients for it."""
    table = request.getfixturevalue("table") if request.param == "dynamodb" else None
    place = ("--store", f"dynamodb://{table}") if table else ("--data", str(tmp_path))
    name = f"vehicles-{uuid.uuid4().hex[:8]}"
    with running(*place, "--limit", "active_ledgers=10000", environment=cloud.environment()) as server:
        qldb = server.client()
        qldb.create_ledger(Name=name, PermissionsMode="ALLOW_ALL", DeletionProtection=False)
        wait_until(lambda: qldb.describe_ledger(Name=name)["State"] == "ACTIVE")
        with QldbDriver(name, boto3_session=server.session(), endpoint_url=server.url) as driver:
            yield name, qldb, driver
        qldb.close()


def run(driver, statement, *parameters):
    return list(driver.execute_lambda(lambda txn: txn.execute_statement(statement, *parameters)))


def test_the_journey_of_the_tutorial(registry, cloud, tmp_path):
    name, qldb, driver = registry
    began = datetime.now(UTC)
    owners = register(driver)
    transfer(driver, owners)
    rows = history_of_registration(driver)
    assert [str(row["data"]["Owners"]["PrimaryOwner"]["PersonId"]) for row in rows] == owners

    digest = qldb.get_digest(Name=name)
    for row in rows:
        verify_revision(qldb, name, row, digest)
        verify_block(qldb, name, row, digest)

    redact_first_revision(driver, rows)
    ended = datetime.now(UTC)
    [redacted, _] = history_of_registration(driver)
    assert "data" not in dict(ion.fields(redacted))
    verify_revision(qldb, name, redacted, digest)
    verify_block(qldb, name, redacted, digest)

    run(driver, "INSERT INTO Vehicle ?", {"VIN": "after the end of the export"})
    strands = exported(registry, cloud, (began, ended), tmp_path)
    assert sum(map(len, strands)) >= 8
    for blocks in strands:
        verify_chain(blocks)
        for dropped in range(1, len(blocks) - 1):
            with pytest.raises(AssertionError):
                verify_chain([*blocks[:dropped], *blocks[dropped + 1 :]])


def register(driver):
    """Create the tables and indexes of the tutorial, insert its documents, and return the owners' ids."""
    for table, field in (("Person", "GovId"), ("Vehicle", "VIN"), ("VehicleRegistration", "VIN")):
        run(driver, f"CREATE TABLE {table}")
        run(driver, f"CREATE INDEX ON {table} ({field})")
    assert sorted(map(str, driver.list_tables())) == ["Person", "Vehicle", "VehicleRegistration"]
    owners = [str(row["documentId"]) for row in run(driver, "INSERT INTO Person ?", PEOPLE)]
    run(driver, "INSERT INTO Vehicle ?", {"VIN": VIN, "Make": "Audi", "Year": 2011})
    registration = {"VIN": VIN, "City": "Seattle", "Owners": {"PrimaryOwner": {"PersonId": owners[0]}}}
    run(driver, "INSERT INTO VehicleRegistration ?", registration)
    return owners


def transfer(driver, owners):
    """Give the vehicle to its next owner, after looking up the present one, in one transaction."""

    def change(txn):
        query = (
            "SELECT Owners.PrimaryOwner.PersonId FROM VehicleRegistration AS v"
            " INNER JOIN Person AS p BY pid ON v.Owners.PrimaryOwner.PersonId = pid WHERE v.VIN = ?"
        )
        [present] = txn.execute_statement(query, VIN)
        assert str(present["PersonId"]) == owners[0]
        update = "UPDATE VehicleRegistration AS r SET r.Owners.PrimaryOwner.PersonId = ? WHERE r.VIN = ?"
        assert len(list(txn.execute_statement(update, owners[1], VIN))) == 1

    driver.execute_lambda(change)


def history_of_registration(driver):
    [document] = run(driver, "SELECT id FROM VehicleRegistration AS r BY id WHERE r.VIN = ?", VIN)
    rows = run(driver, "SELECT * FROM history(VehicleRegistration) AS h WHERE h.metadata.id = ?", document["id"])
    return sorted(rows, key=lambda row: int(row["metadata"]["version"]))


def redact_first_revision(driver, rows):
    [table] = run(driver, "SELECT VALUE tableId FROM information_schema.user_tables WHERE name = 'VehicleRegistration'")
    [asked] = run(driver, "EXEC REDACT_REVISION ?, ?, ?", rows[0]["blockAddress"], table, rows[0]["metadata"]["id"])
    assert int(asked["version"]) == 0
    wait_until(lambda: "data" not in dict(ion.fields(history_of_registration(driver)[0])))


def verify_revision(qldb, name, row, digest):
    answer = qldb.get_revision(
        Name=name,
        BlockAddress={"IonText": ion.text(row["blockAddress"])},
        DocumentId=str(row["metadata"]["id"]),
        DigestTipAddress=digest["DigestTipAddress"],
    )
    revision = ion.parse(answer["Revision"]["IonText"])
    parts = dict(ion.fields(revision))
    data_hash = ion.digest(parts["data"]) if "data" in parts else bytes(parts["dataHash"])
    assert dot(ion.digest(parts["metadata"]), data_hash) == bytes(revision["hash"])
    proof = [bytes(sibling) for sibling in ion.parse(answer["Proof"]["IonText"])]
    assert_only_this_folds(bytes(revision["hash"]), proof, digest["Digest"])


def verify_block(qldb, name, row, digest):
    address = {"IonText": ion.text(row["blockAddress"])}
    answer = qldb.get_block(Name=name, BlockAddress=address, DigestTipAddress=digest["DigestTipAddress"])
    block = ion.parse(answer["Block"]["IonText"])
    check_block(block)
    proof = [bytes(sibling) for sibling in ion.parse(answer["Proof"]["IonText"])]
    assert_only_this_folds(bytes(block["blockHash"]), proof, digest["Digest"])


def assert_only_this_folds(leaf, proof, digest):
    assert fold(leaf, proof) == digest
    assert fold(flipped(leaf), proof) != digest
    assert fold(leaf, proof) != flipped(digest)
    for position in range(len(proof)):
        assert fold(leaf, [*proof[:position], flipped(proof[position]), *proof[position + 1 :]]) != digest


def exported(registry, cloud, period, folder):
    """Export the journal, read it back, have the second verifier check it, and return its blocks, strand by strand."""
    name, qldb, _ = registry
    s3 = boto3.client("s3", **cloud.client_options())
    bucket = f"journal-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    export_id = qldb.export_journal_to_s3(
        Name=name,
        InclusiveStartTime=period[0] - timedelta(hours=1),
        ExclusiveEndTime=period[1],
        RoleArn="arn:aws:iam::000000000000:role/export",
        S3ExportConfiguration={
            "Bucket": bucket,
            "Prefix": "tutorial",
            "EncryptionConfiguration": {"ObjectEncryptionType": "NO_ENCRYPTION"},
        },
        OutputFormat="ION_TEXT",
    )["ExportId"]

    def status():
        return qldb.describe_journal_s3_export(Name=name, ExportId=export_id)["ExportDescription"]["Status"]

    wait_until(lambda: status() != "IN_PROGRESS", seconds=120)
    assert status() == "COMPLETED"
    listed = qldb.list_journal_s3_exports_for_ledger(Name=name)["JournalS3Exports"]
    assert [export["ExportId"] for export in listed] == [export_id]
    assert export_id in {export["ExportId"] for export in qldb.list_journal_s3_exports()["JournalS3Exports"]}

    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert f"tutorial/{export_id}.started.manifest" in keys

    def body(key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    files, strands = [], []
    for manifest in (key for key in keys if key.endswith(".completed.manifest")):
        strands.append([])
        for key in ion.loads(body(manifest))["keys"]:
            files.append(folder / f"{len(files)}.ion")
            files[-1].write_bytes(body(str(key)))
            strands[-1] += ion.loads(b"[" + b",".join(files[-1].read_bytes().strip().split(b"\n")) + b"]")
    verifier = [sys.executable, str(ROOT / "verifier" / "verify.py"), "--chain", "-", *map(str, files)]
    checked = subprocess.run(verifier, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    s3.close()
    return strands


def verify_chain(blocks):
    previous = None
    for block in blocks:
        check_block(block)
        assert bytes(block["previousBlockHash"]) == (bytes(previous["blockHash"]) if previous else b"")
        previous = block


def check_block(block):
    entries = [bytes(entry) for entry in block["entriesHashList"]]
    assert merkle(entries) == bytes(block["entriesHash"])
    assert dot(bytes(block["entriesHash"]), bytes(block["previousBlockHash"])) == bytes(block["blockHash"])
    parts = dict(ion.fields(block))
    for name in ("transactionInfo", "redactionInfo"):
        if name in parts:
            assert ion.digest(parts[name]) in entries
    if "revisions" in parts:
        assert merkle([bytes(revision["hash"]) for revision in parts["revisions"]]) in entries


def dot(left, right):
    if not left or not right:
        return left or right
    ordered = sorted((left, right), key=lambda digest: [(byte + 128) % 256 for byte in reversed(digest)])
    return hashlib.sha256(b"".join(ordered)).digest()


def merkle(hashes):
    while len(hashes) > 1:
        paired = [dot(*hashes[i : i + 2]) if i + 1 < len(hashes) else hashes[i] for i in range(0, len(hashes), 2)]
        hashes = paired
    return hashes[0] if hashes else b""


def fold(leaf, proof):
    for sibling in proof:
        leaf = dot(leaf, sibling)
    return leaf


def flipped(digest):
    return bytes((digest[0] ^ 1,)) + digest[1:]
