"""Records over Kinesis' limit: shortened or left out, never without a word, and never in the way of the others."""

import logging

import pytest

from ledger import ion
from ledger.journal.hashing import dot, merkle_root
from ledger.store import SQLiteStore
from ledger.stream import fitting
from ledger.stream.entries import MOST_RECORD_BYTES, record_size
from ledger.stream.fitting import fitting_records
from ledger.stream.records import block_records
from tests.stream.journals import Journal, document_id

ARN = "arn:aws:qldb:us-east-1:000000000000:stream/demo/17CR7ArZ1AMHgHOeOk6G9C"


@pytest.fixture
def journal():
    store = SQLiteStore(":memory:")
    yield Journal(store, strands=1)
    store.close()


def block_with(journal, characters):
    journal.commit(0, [1, 2], text="x" * characters)
    return journal.blocks()[-1]


def test_records_that_fit_are_those_of_the_block(journal, caplog):
    stored = block_with(journal, 1000)
    assert fitting_records(ARN, stored) == (list(block_records(ARN, stored)), True)
    assert caplog.records == []


def test_a_summary_up_to_the_limit_is_whole_and_one_byte_more_is_shortened(journal):
    stored = block_with(journal, 700_000)
    spare = MOST_RECORD_BYTES - record_size(next(block_records(ARN, stored)))
    stored = block_with(journal, 700_000 + spare)
    assert record_size(next(block_records(ARN, stored))) == MOST_RECORD_BYTES
    assert fitting_records(ARN, stored).is_whole
    assert not fitting_records(ARN, block_with(journal, 700_001 + spare)).is_whole


def test_a_summary_that_is_too_large_goes_without_its_transaction_info_and_still_proves_its_hash(journal, caplog):
    stored = block_with(journal, MOST_RECORD_BYTES)
    fitted = fitting_records(ARN, stored)
    whole = ion.loads(next(block_records(ARN, stored)).data)
    summary, *details = [ion.loads(record.data) for record in fitted.records]
    assert list(summary) == ["qldbStreamArn", "recordType", "payload"]
    assert list(summary["payload"]) == [name for name in whole["payload"] if name != "transactionInfo"]
    entries, previous = summary["payload"]["entriesHashList"], summary["payload"]["previousBlockHash"]
    assert dot(merkle_root(entries), previous) == summary["payload"]["blockHash"] == stored.hash
    assert [one["payload"]["revision"]["metadata"]["id"] for one in details] == [document_id(1), document_id(2)]
    [logged] = caplog.records
    assert logged.levelno == logging.ERROR
    assert f"block 1 of strand {journal.strands[0]}: 1 of its records" in logged.getMessage()
    assert "xxx" not in logged.getMessage()


def test_a_revision_that_is_too_large_is_left_out_and_named_by_the_summary(journal, caplog, monkeypatch):
    stored = block_with(journal, 10)
    summary, first, second = block_records(ARN, stored)
    monkeypatch.setattr(fitting, "_fits", lambda record: record != second)
    fitted = fitting_records(ARN, stored)
    assert fitted == ([summary, first], False)
    assert ion.loads(summary.data)["payload"]["revisionSummaries"][1]["documentId"] == document_id(2)
    assert len(caplog.records) == 1
