"""GetDigest, GetBlock and GetRevision by the SDK's client, after documents that the official driver has written."""

import pytest
from botocore.exceptions import ClientError

from ledger import ion
from tests.server.test_ledgers import refusal
from tests.verifier.verdicts import is_proven

NOWHERE = '{strandId:"' + "0" * 22 + '",sequenceNo:0}'


@pytest.fixture
def rows(new_driver):
    """Rows of the committed view: three documents, the first of them updated."""
    driver = new_driver()
    driver.execute_lambda(lambda txn: txn.execute_statement("CREATE TABLE Vehicle"))
    for number in range(3):
        driver.execute_lambda(lambda txn, n=number: txn.execute_statement("INSERT INTO Vehicle ?", {"VIN": n}))
    driver.execute_lambda(lambda txn: txn.execute_statement("UPDATE Vehicle SET Owner = 'Ann' WHERE VIN = 0"))
    return driver.execute_lambda(
        lambda txn: list(txn.execute_statement("SELECT metadata.id, blockAddress FROM _ql_committed_Vehicle"))
    )


def address_of(row):
    return {"IonText": ion.text(row["blockAddress"])}


def test_every_document_and_its_block_are_proven_by_what_the_client_gets(qldb, ledger_name, rows):
    digest = qldb.get_digest(Name=ledger_name)
    assert len(digest["Digest"]) == 32
    tip = ion.parse(digest["DigestTipAddress"]["IonText"])
    tips = tip if isinstance(tip, list) else [tip]
    assert all(list(each) == ["strandId", "sequenceNo"] for each in tips)
    for row in rows:
        asked = {"Name": ledger_name, "BlockAddress": address_of(row), "DigestTipAddress": digest["DigestTipAddress"]}
        revision = qldb.get_revision(DocumentId=row["id"], **asked)
        assert proven("revision", revision, digest)
        assert ion.parse(revision["Revision"]["IonText"])["metadata"]["id"] == row["id"]
        assert proven("block", qldb.get_block(**asked), digest)
        assert not proven("revision", revision, {"Digest": bytes(32)})


def proven(kind, answer, digest):
    shown, proof = (ion.parse(answer[name]["IonText"]) for name in (kind.title(), "Proof"))
    return is_proven(kind, shown, proof, digest["Digest"])


def test_without_a_tip_there_is_no_proof(qldb, ledger_name, rows):
    asked = {"Name": ledger_name, "BlockAddress": address_of(rows[0])}
    assert "Proof" not in qldb.get_block(**asked)
    assert "Proof" not in qldb.get_revision(DocumentId=rows[0]["id"], **asked)


def test_fields_of_an_address_may_come_in_any_order_and_with_spaces(qldb, ledger_name, rows):
    strand_id, sequence_no = (rows[0]["blockAddress"][name] for name in ("strandId", "sequenceNo"))
    spelt = {"IonText": f" {{ sequenceNo : {sequence_no} , \"strandId\" : '''{strand_id}''' }} "}
    assert ion.parse(qldb.get_block(Name=ledger_name, BlockAddress=spelt)["Block"]["IonText"])["transactionId"]


@pytest.mark.parametrize("text", [NOWHERE, "{", "7", '{strandId:"x"}'])
def test_an_address_of_no_block_is_an_invalid_parameter(qldb, ledger_name, text):
    with pytest.raises(qldb.exceptions.InvalidParameterException) as raised:
        qldb.get_block(Name=ledger_name, BlockAddress={"IonText": text})
    assert refusal(raised) == (400, "InvalidParameterException", {"ParameterName": "BlockAddress"})


def test_an_address_without_text_is_missing(qldb, ledger_name):
    for ask in (qldb.get_block, lambda **members: qldb.get_revision(DocumentId="0" * 22, **members)):
        with pytest.raises(qldb.exceptions.InvalidParameterException) as raised:
            ask(Name=ledger_name, BlockAddress={})
        assert refusal(raised)[2] == {"ParameterName": "BlockAddress"}


def test_a_tip_before_the_block_is_an_invalid_parameter(qldb, ledger_name, new_driver, rows):
    digest = qldb.get_digest(Name=ledger_name)
    driver = new_driver()
    driver.execute_lambda(lambda txn: txn.execute_statement("INSERT INTO Vehicle ?", {"VIN": 9}))
    [row] = driver.execute_lambda(
        lambda txn: list(txn.execute_statement("SELECT blockAddress FROM _ql_committed_Vehicle WHERE data.VIN = 9"))
    )
    with pytest.raises(qldb.exceptions.InvalidParameterException) as raised:
        qldb.get_block(Name=ledger_name, BlockAddress=address_of(row), DigestTipAddress=digest["DigestTipAddress"])
    assert refusal(raised)[2] == {"ParameterName": "DigestTipAddress"}


def test_a_document_that_is_not_in_the_block_is_an_invalid_parameter(qldb, ledger_name, rows):
    with pytest.raises(qldb.exceptions.InvalidParameterException) as raised:
        qldb.get_revision(Name=ledger_name, BlockAddress=address_of(rows[0]), DocumentId=rows[1]["id"])
    assert refusal(raised)[2] == {"ParameterName": "DocumentId"}


@pytest.mark.parametrize("operation", ["get_digest", "get_block", "get_revision"])
def test_a_ledger_that_is_not_there_is_not_found(qldb, new_name, operation):
    members = {"get_digest": {}, "get_block": {"BlockAddress": {"IonText": NOWHERE}}}
    members["get_revision"] = {**members["get_block"], "DocumentId": "0" * 22}
    name = new_name()
    with pytest.raises(ClientError) as raised:
        getattr(qldb, operation)(Name=name, **members[operation])
    described = {"ResourceType": "Ledger", "ResourceName": name}
    assert refusal(raised) == (404, "ResourceNotFoundException", described)
