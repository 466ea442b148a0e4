"""The documents of the search index."""

import json
from collections import Counter

from lambdas.stream import search
from ledger import ion
from ledger.export.down_conversion import to_json
from ledger.stream import Record
from tests.consumers.deliveries import aggregated
from tests.consumers.journals import CLEO, TABLE
from tests.consumers.test_firehose import answers
from tests.wallet.ledgers import LEDGER_NAME


def documents(records):
    return [json.loads(text) for result, text, _ in answers(search.handler, records) if result == "Ok"]


def test_revision_is_a_flat_document_with_the_data_under_its_table(kept_journal):
    journal, _ = kept_journal
    row = journal.row(journal.wallet_id(CLEO), 2)
    [found] = [each for each in documents(journal.records()) if each["revisionId"] == f"{row['metadata']['id']}/2"]
    assert found == {
        "revisionId": f"{row['metadata']['id']}/2",
        "ledger": LEDGER_NAME,
        "table": TABLE,
        "documentId": row["metadata"]["id"],
        "version": 2,
        "transactionId": row["metadata"]["txId"],
        "transactionTime": ion.text(row["metadata"]["txTime"]),
        "strandId": row["blockAddress"]["strandId"],
        "sequenceNo": row["blockAddress"]["sequenceNo"],
        "hash": json.loads(to_json(row["hash"])),
        "deleted": False,
        "redacted": False,
        "data": {TABLE: json.loads(to_json(row["data"]))},
    }


def test_only_revisions_are_documents_and_all_else_is_dropped(kept_journal):
    journal, _ = kept_journal
    found = answers(search.handler, journal.records())
    types = [str(ion.loads(record.data)["recordType"]) for record in journal.records()]
    assert Counter(zip(types, (result for result, _, _ in found), strict=True)) == {
        ("CONTROL", "Dropped"): 2,
        ("BLOCK_SUMMARY", "Dropped"): types.count("BLOCK_SUMMARY"),
        ("REVISION_DETAILS", "Ok"): types.count("REVISION_DETAILS"),
    }
    assert all(keys is None for _, _, keys in found)


def test_revision_that_comes_twice_has_one_revision_id(kept_journal):
    journal, _ = kept_journal
    once, twice = documents(journal.records()), documents(journal.records() * 2)
    assert len({each["revisionId"] for each in twice}) == len(once) == len(twice) // 2


def test_deletion_and_redacted_revision_have_no_data(kept_journal):
    without = [each for each in documents(kept_journal[0].records()) if "data" not in each]
    assert sorted((each["deleted"], each["redacted"]) for each in without) == [(False, True), (True, False)]


def test_aggregate_becomes_one_document_or_fails(kept_journal):
    records = kept_journal[0].records()
    revisions = [record for record in records if b"REVISION_DETAILS" in record.data]
    batch = [
        aggregated([records[0], revisions[0]]),
        aggregated(revisions[:2]),
        aggregated([records[0], records[-1]]),
        Record("p", b"no Ion"),
    ]
    assert [result for result, _, _ in answers(search.handler, batch)] == [
        "Ok",
        "ProcessingFailed",
        "Dropped",
        "ProcessingFailed",
    ]
