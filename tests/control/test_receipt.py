"""Receipts, their proofs against notarised digests, and verifying them offline, over one strand and over four."""

import json

import pytest

from ledger import ion
from ledger.control.receipt import NotCoveredError, prove, receipt, receipt_at
from ledger.errors import InvalidParameterException
from ledger.journal.revision import BlockAddress
from ledger.notary.archive import FolderArchive
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from ledger.store.base import Corrupt
from ledger.strand import block_key
from ledger.verification.receipt import verify_receipt
from ledger.verification.shapes import NotProvenError
from tests.ledger.test_audit import overwrite

FIELDS = [
    "ledger",
    "transactionId",
    "blockAddress",
    "blockTimestamp",
    "documentId",
    "version",
    "hash",
    "revision",
]


@pytest.fixture(scope="module")
def signer():
    return LocalSigner("the notary's key")


@pytest.fixture
def notarise(local_client, signer, tmp_path):
    """Notarises the ledger as it is."""
    archive = FolderArchive(tmp_path / "archive", "demo")
    return lambda: Notary(local_client.ledger.store, "demo", archive, signer).notarise()


def documents(client):
    """The id and the version of every revision of a document, with the address of its block and its transaction."""
    return [
        (revision.metadata.id, revision.metadata.version, block.address, block.transaction_id)
        for block in client.blocks()
        for revision in block.revisions
        if revision.table_id is not None
    ]


def fill(client):
    for number in range(6):
        client.run("INSERT INTO T << ?, ? >>", {"k": number, "CurrentBalance": number}, {"k": 100 + number})
        client.run("UPDATE T SET v = ? WHERE k = ?", number, number // 2)
    client.run("DELETE FROM T WHERE k = 4")


def verified(given, digest, signer):
    """The names of the steps of an offline verification of what was put into JSON."""
    pem = signer.public_key.to_pem()
    return [step.name for step in verify_receipt(json.dumps(given), digest.to_json(), pem)]


def test_every_revision_has_a_receipt_by_its_version_or_its_block(local_client):
    fill(local_client)
    found = documents(local_client)
    assert len(found) > 15
    for document_id, version, address, transaction_id in found:
        given = receipt(local_client.ledger, document_id, transaction_id)
        assert list(given) == FIELDS
        assert given == receipt_at(local_client.ledger, document_id, address)
        assert given["blockAddress"] == {"strandId": address.strand_id, "sequenceNo": address.sequence_no}
        revision = ion.parse(given["revision"])
        assert (revision["metadata"]["id"], revision["metadata"]["version"]) == (document_id, version)
        assert revision["metadata"]["txId"] == given["transactionId"]


def test_every_receipt_is_proven_offline_against_every_digest_that_covers_it_and_refused_for_the_others(
    local_client, notarise, signer
):
    digests = []
    for _ in range(3):
        fill(local_client)
        digests.append(notarise())
    proven = refused = 0
    for document_id, _, address, transaction_id in documents(local_client):
        for digest in digests:
            tips = {tip.strand_id: tip.sequence_no for tip in digest.statement.tips}
            if tips[address.strand_id] < address.sequence_no:
                with pytest.raises(NotCoveredError, match=f"digest {digest.statement.number} of .* does not cover"):
                    prove(local_client.ledger, document_id, address, digest.statement)
                refused += 1
                continue
            given = prove(local_client.ledger, document_id, address, digest.statement)
            assert list(given) == [*FIELDS, "proof", "digestNumber"]
            assert given["digestNumber"] == digest.statement.number
            assert {**receipt(local_client.ledger, document_id, transaction_id), **given} == given
            if digest is digests[-1]:
                assert verified(given, digest, signer)[-1] == "this is proven, as it was"
            proven += 1
    assert proven > refused > 20


def test_a_receipt_with_a_proof_against_another_digest_is_not_proven_by_this_one(local_client, notarise, signer):
    fill(local_client)
    first = notarise()
    document_id, _, address, _ = documents(local_client)[0]
    fill(local_client)
    second = notarise()
    given = prove(local_client.ledger, document_id, address, first.statement)
    with pytest.raises(NotProvenError, match="its proof is against digest 0, not digest 1"):
        verified(given, second, signer)
    with pytest.raises(NotProvenError, match="compare the digest with the hash folded with the proof"):
        verified({**given, "digestNumber": 1}, second, signer)


def test_the_receipt_of_a_deletion_says_so(local_client, notarise, signer):
    local_client.run("INSERT INTO T {'k': 1}")
    local_client.run("DELETE FROM T WHERE k = 1")
    [(document_id, _, address, _)] = [each for each in documents(local_client) if each[1] == 1]
    digest = notarise()
    given = prove(local_client.ledger, document_id, address, digest.statement)
    assert "data" not in ion.parse(given["revision"])
    steps = list(verify_receipt(json.dumps(given), digest.to_json(), signer.public_key.to_pem()))
    assert steps[-1].found == "the document was deleted"


def test_a_receipt_from_before_a_redaction_still_proves_what_is_redacted_now(local_client, notarise, signer):
    local_client.run("INSERT INTO T {'k': 1, 'name': 'Ana'}")
    local_client.run("UPDATE T SET name = 'Bob' WHERE k = 1")
    [(document_id, _, address, transaction_id)] = [each for each in documents(local_client) if each[1] == 0]
    before = receipt(local_client.ledger, document_id, transaction_id)
    table_id = local_client.ledger.load_catalog(fresh=True).catalog.tables[0].id
    place = ion.text(address.to_ion())
    local_client.run(f"EXEC REDACT_REVISION `{place}`, '{table_id}', '{document_id}'")
    digest = notarise()
    given = prove(local_client.ledger, document_id, address, digest.statement)
    assert "Ana" not in given["revision"]
    assert given["hash"] == before["hash"]
    redacted = list(verify_receipt(json.dumps(given), digest.to_json(), signer.public_key.to_pem()))
    assert redacted[-1].found == "the data was redacted"
    steps = list(verify_receipt(json.dumps({**given, **before}), digest.to_json(), signer.public_key.to_pem()))
    assert 'name:"Ana"' in steps[-1].found


def test_what_is_not_there_is_refused_naming_the_parameter(local_client, notarise):
    fill(local_client)
    document_id, _, address, _ = documents(local_client)[0]
    other, _, elsewhere, transaction_id = [each for each in documents(local_client) if each[0] != document_id][-1]
    statement = notarise().statement
    ledger = local_client.ledger
    cases = [
        (lambda: receipt(ledger, "0" * 22, transaction_id), "DocumentId"),
        (lambda: receipt(ledger, document_id, "0" * 22), "TransactionId"),
        (lambda: receipt_at(ledger, other, address), "DocumentId"),
        (lambda: receipt_at(ledger, document_id, address, "Other"), "DocumentId"),
        (lambda: receipt_at(ledger, document_id, BlockAddress("0" * 22, 0)), "BlockAddress"),
        (lambda: receipt_at(ledger, document_id, elsewhere._replace(sequence_no=10**6)), "BlockAddress"),
        (lambda: prove(ledger, other, address, statement), "DocumentId"),
    ]
    for ask, parameter in cases:
        with pytest.raises(InvalidParameterException) as refused:
            ask()
        assert refused.value.parameter == parameter
    assert receipt_at(ledger, document_id, address, "T")["documentId"] == document_id
    with pytest.raises(NotCoveredError):
        prove(ledger, document_id, BlockAddress("0" * 22, 0), statement)


def test_a_digest_of_another_past_is_corrupt_not_proven(local_client, notarise):
    fill(local_client)
    document_id, _, address, _ = documents(local_client)[0]
    statement = notarise().statement
    roots = (bytes(32), *statement.roots[1:])
    with pytest.raises(Corrupt, match=r"the journal of ledger demo is not the one that digest 0 of .* is of"):
        prove(local_client.ledger, document_id, address, statement._replace(roots=roots))


def last_of(client):
    """The document, the address and the transaction of a document of one revision that is inserted now."""
    client.run("INSERT INTO T {'k': 'last'}")
    found = [
        each for each in documents(client) if 'k:"last"' in receipt_at(client.ledger, each[0], each[2])["revision"]
    ]
    document_id, _, address, transaction_id = found[-1]
    return document_id, address, transaction_id


def test_a_pointer_to_a_block_that_is_gone_or_holds_something_else_is_corrupt(local_client):
    fill(local_client)
    document_id, address, transaction_id = last_of(local_client)
    elsewhere = next(other for _, _, other, _ in documents(local_client) if other != address)
    store = local_client.ledger.store
    keys = block_key(address), block_key(elsewhere)
    cells = store.get(keys)
    overwrite(local_client, keys[0], cells[keys[1]].data)
    with pytest.raises(Corrupt, match=f"holds no revision of document {document_id}"):
        receipt(local_client.ledger, document_id, transaction_id)
    overwrite(local_client, keys[0], None)
    with pytest.raises(Corrupt, match=f"block {address.sequence_no} of strand {address.strand_id} is missing"):
        receipt(local_client.ledger, document_id, transaction_id)


def test_few_cells_are_read_however_long_the_journal_is(local_client, notarise):
    for _ in range(5):
        fill(local_client)
    document_id, address, transaction_id = last_of(local_client)
    statement, store = notarise().statement, local_client.ledger.store
    before = store.reads
    receipt(local_client.ledger, document_id, transaction_id)
    assert store.reads - before == 2
    prove(local_client.ledger, document_id, address, statement)
    assert store.reads - before <= 2 + 1 + 7 + len(local_client.ledger.settings.strands)
