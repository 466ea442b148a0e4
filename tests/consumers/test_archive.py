"""The archive's lines against the journal that they are of."""

import json
import random
import re
from base64 import b64decode
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.stream import archive
from ledger import ion
from ledger.export.down_conversion import to_json
from ledger.journal.cell import read_block
from ledger.stream import Record
from tests.blocks import block_cells
from tests.consumers.journals import STREAM_ARN, TABLE
from tests.consumers.test_firehose import answers
from tests.depth import examples
from tests.wallet.ledgers import ANA, LEDGER_NAME


def lines(records):
    """Archive records; give each line as it is read again, with its partition keys, and check what all must have."""
    found = []
    for (result, text, keys), record in zip(answers(archive.handler, records), records, strict=True):
        assert result == "Ok"
        assert text.endswith("\n")
        assert text.count("\n") == 1
        line = json.loads(text)
        assert b64decode(line["ion"]) == record.data
        assert (line["ledger"], line["streamArn"], keys["ledger"]) == (LEDGER_NAME, STREAM_ARN, LEDGER_NAME)
        assert line["table"] == keys["table"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-\d\d", keys["hour"])
        found.append((line, keys))
    return found


def test_revision_is_a_line_with_its_document_as_json(kept_journal):
    journal, before = kept_journal
    row = journal.row(journal.wallet_id(ANA), 1)
    [record] = [
        each for each in before if bytes(row["hash"]) in each.data and each.partition_key == row["metadata"]["id"]
    ]
    [(line, keys)] = lines([record])
    assert line == {
        "ledger": LEDGER_NAME,
        "streamArn": STREAM_ARN,
        "recordType": "REVISION_DETAILS",
        "table": TABLE,
        "documentId": row["metadata"]["id"],
        "version": 1,
        "transactionId": row["metadata"]["txId"],
        "blockAddress": {"strandId": row["blockAddress"]["strandId"], "sequenceNo": row["blockAddress"]["sequenceNo"]},
        "timestamp": ion.text(row["metadata"]["txTime"]),
        "hash": json.loads(to_json(row["hash"])),
        "deleted": False,
        "redacted": False,
        "data": json.loads(to_json(row["data"])),
        "ion": line["ion"],
    }
    assert keys == {"ledger": LEDGER_NAME, "table": TABLE, "hour": line["timestamp"][:13].replace("T", "-")}


def test_deletion_and_redacted_revision_are_lines_without_data_that_say_so(kept_journal):
    journal, _ = kept_journal
    found = [line for line, _ in lines(journal.records())]
    assert Counter(
        (line["deleted"], line["redacted"]) for line in found if line["recordType"] == "REVISION_DETAILS"
    ) == {
        (True, False): 1,
        (False, True): 1,
        (False, False): len([line for line in found if line["documentId"]]) - 2,
    }
    for line in found:
        if line["recordType"] == "REVISION_DETAILS":
            assert (line["data"] is None) == (line["deleted"] or line["redacted"])


def test_block_summary_is_a_line_of_the_journals_own_table_with_its_payload(kept_journal):
    journal, _ = kept_journal
    found = [(line, keys) for line, keys in lines(journal.records()) if line["recordType"] == "BLOCK_SUMMARY"]
    for line, keys in found:
        assert keys["table"] == "journal.blocks"
        assert keys["hour"] == line["timestamp"][:13].replace("T", "-")
        assert line["data"]["blockHash"] == line["hash"]
        assert line["data"]["blockAddress"] == line["blockAddress"]
        assert (line["documentId"], line["version"]) == (None, None)
    assert {line["blockAddress"]["strandId"] for line, _ in found} == set(journal.strands)


def test_control_record_is_a_line_of_the_hour_when_it_arrived(kept_journal):
    _, before = kept_journal
    [(line, keys)] = lines(before[:1])
    assert line["data"] == {"controlRecordType": "CREATED"}
    assert (line["table"], line["timestamp"], line["blockAddress"], line["hash"]) == (
        "journal.control",
        None,
        None,
        None,
    )
    assert keys == {"ledger": LEDGER_NAME, "table": "journal.control", "hour": "2026-03-01-12"}


@settings(max_examples=examples(4))
@given(seed=st.integers(0, 2**32))
def test_archive_of_a_stream_in_any_order_with_repetitions_is_the_journal_once_those_are_left_out(kept_journal, seed):
    journal, _ = kept_journal
    records, chance = journal.records(), random.Random(seed)
    several = records + chance.sample(records, k=len(records) // 2)
    chance.shuffle(several)
    found = [line for line, _ in lines(several)]
    revisions = {(line["documentId"], line["version"]): line for line in found if line["documentId"]}
    summaries = {tuple(line["blockAddress"].values()): line for line in found if line["recordType"] == "BLOCK_SUMMARY"}
    blocks = [read_block(cell) for strand_id in journal.strands for cell in block_cells(journal.store, strand_id)]
    assert {key: b64decode(line["hash"]) for key, line in summaries.items()} == {
        tuple(stored.block.address): stored.hash for stored in blocks
    }
    kept = [revision for stored in blocks for revision in stored.block.revisions if revision.table_id]
    assert {key: b64decode(line["hash"]) for key, line in revisions.items()} == {
        (revision.metadata.id, revision.metadata.version): revision.hash for revision in kept
    }
    for revision in kept:
        shown = ion.loads(b64decode(revisions[revision.metadata.id, revision.metadata.version]["ion"]))
        assert ion.text(shown["payload"]["revision"]) == ion.text(revision.to_ion())


def test_numbers_keep_their_digits_and_text_stays_on_its_line(journal):
    document = {"email": "x", "big": 12345678901234567890123, "text": 'a\nb\u2028"c"'}
    journal.run(f"INSERT INTO {TABLE} ?", document)
    [(line, _)] = [(line, keys) for line, keys in lines(journal.records()) if (line["data"] or {}).get("email") == "x"]
    assert line["data"] == document


def test_damaged_record_fails_and_is_not_archived(kept_journal):
    _, before = kept_journal
    damaged = Record("p", before[1].data[:-1])
    assert [result for result, _, _ in answers(archive.handler, [before[0], damaged, before[1]])] == [
        "Ok",
        "ProcessingFailed",
        "Ok",
    ]
