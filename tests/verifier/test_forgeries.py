"""Answers made up by somebody who may hash as he likes but cannot change a digest that was kept: none is believed."""

import pytest

from ledger import ion
from ledger.journal.hashing import dot, merkle_root
from tests.verifier.verdicts import is_proven


def changed(struct, **fields):
    """The struct with fields replaced, added, or left out (None)."""
    kept = [(name, fields.pop(name, value)) for name, value in ion.fields(struct)]
    struct = ion.struct((name, value) for name, value in [*kept, *fields.items()] if value is not None)
    return ion.loads(ion.dumps(struct))


def as_ion(value):
    return ion.loads(ion.dumps(value))


@pytest.fixture
def revision(journal):
    return next(each for each in journal.shown() if each.kind == "revision" and "data" in each.value)


@pytest.fixture
def deletion(journal):
    return next(each for each in journal.shown() if each.kind == "revision" and "data" not in each.value)


@pytest.fixture
def block(journal):
    """A block with several revisions of documents."""
    return next(
        each for each in journal.shown() if each.kind == "block" and len(dict(each.value).get("revisions", ())) > 1
    )


def test_edited_value_behind_an_intact_hash_is_not_proven(revision):
    data = changed(revision.value["data"], CurrentBalance=1_000_000)
    assert not is_proven(*revision._replace(value=changed(revision.value, data=data)))


def test_edited_value_with_its_hash_made_anew_is_not_proven(revision):
    data = changed(revision.value["data"], CurrentBalance=1_000_000)
    made = dot(ion.digest(revision.value["metadata"]), ion.digest(data))
    assert not is_proven(*revision._replace(value=changed(revision.value, data=data, hash=made)))


def test_revision_shown_as_a_deletion_by_moving_its_data_into_the_proof_is_not_proven(revision):
    metadata_hash, data_hash = ion.digest(revision.value["metadata"]), ion.digest(revision.value["data"])
    value = changed(revision.value, data=None, hash=metadata_hash)
    assert not is_proven(*revision._replace(value=value, proof=as_ion([data_hash, *revision.proof])))
    assert not is_proven(*revision._replace(value=changed(revision.value, data=None)))


def test_deletion_shown_as_a_redaction_is_not_proven(deletion):
    assert is_proven(*deletion)
    assert not is_proven(*deletion._replace(value=changed(deletion.value, dataHash=ion.digest(None))))


def test_redacted_revision_is_proven_with_the_proof_that_it_had_before(revision):
    redacted = changed(revision.value, data=None, dataHash=ion.digest(revision.value["data"]))
    assert is_proven(*revision._replace(value=redacted))
    other = changed(redacted, dataHash=ion.digest({"k": 99}))
    assert not is_proven(*revision._replace(value=other))


@pytest.mark.parametrize(
    "fields", [{"balance": 1}, {"dataHash": bytes(32)}, {"hash": bytes(31)}, {"hash": None}, {"metadata": None}]
)
def test_revision_of_another_shape_is_not_proven(revision, fields):
    assert not is_proven(*revision._replace(value=changed(revision.value, **fields)))


@pytest.mark.parametrize("name", ["data", "metadata", "hash"])
def test_revision_with_a_field_twice_is_not_proven_whichever_a_reader_would_take(revision, name):
    other = {"data": {"CurrentBalance": 9}, "metadata": {"id": "x"}, "hash": bytes(32)}[name]
    pairs = list(ion.fields(revision.value))
    for doubled in ([(name, other), *pairs], [*pairs, (name, other)]):
        assert not is_proven(*revision._replace(value=as_ion(ion.struct(doubled))))


def test_annotated_revision_is_not_proven(revision):
    annotated = ion.typed(revision.value, ion.IonType.STRUCT, ["settled"])
    assert not is_proven(*revision._replace(value=as_ion(annotated)))


@pytest.mark.parametrize("hashes", [[b""], [bytes(31)], [bytes(33)], ["x" * 32], [None], [32], ["x"]])
def test_proof_with_something_else_than_hashes_is_refused(revision, hashes):
    assert not is_proven(*revision._replace(proof=as_ion([*revision.proof, *hashes])))


def test_proof_that_is_shorter_or_longer_is_not_one(revision):
    for proof in (revision.proof[1:], revision.proof[:-1], [*revision.proof, revision.proof[-1]], []):
        assert not is_proven(*revision._replace(proof=as_ion(proof)))


def test_proof_of_another_revision_proves_nothing(journal):
    shown = [each for each in journal.shown() if each.kind == "revision"]
    for one in shown:
        for other in shown:
            assert is_proven(*one._replace(proof=other.proof)) is (one is other)


def rehashed(block, **fields):
    """The block with fields changed and every hash above them that anybody can compute made anew."""
    value = changed(block.value, **fields)
    entries_hash = merkle_root(list(value["entriesHashList"]))
    block_hash = dot(entries_hash, value["previousBlockHash"])
    return block._replace(value=changed(value, entriesHash=entries_hash, blockHash=block_hash))


def test_block_with_a_revision_left_out_or_shown_as_a_hash_only_is_not_proven(block):
    revisions = list(block.value["revisions"])
    bare = {"hash": revisions[0]["hash"]}
    joined = {"hash": dot(revisions[0]["hash"], revisions[1]["hash"])}
    for shown in (revisions[1:], [bare, *revisions[1:]], [joined, *revisions[2:]], []):
        assert not is_proven(*block._replace(value=changed(block.value, revisions=shown)))
    assert not is_proven(*block._replace(value=changed(block.value, revisions=None)))


def test_block_without_what_its_transaction_was_is_not_proven(block):
    assert not is_proven(*block._replace(value=changed(block.value, transactionInfo=None)))
    bare = [{"hash": revision["hash"]} for revision in block.value["revisions"]]
    assert not is_proven(*block._replace(value=changed(block.value, transactionInfo=None, revisions=bare)))


def test_block_whose_entries_are_paired_into_fewer_is_not_proven(block):
    entries = list(block.value["entriesHashList"])
    paired = [dot(*entries[:2]), dot(*entries[2:])]
    made = rehashed(block, entriesHashList=paired)
    assert made.value["blockHash"] == block.value["blockHash"]
    assert not is_proven(*made)


def test_block_that_leaves_out_the_one_before_it_is_not_proven(block):
    value = changed(block.value, previousBlockHash=b"", blockHash=block.value["entriesHash"])
    proof = [block.value["previousBlockHash"], *block.proof]
    assert not is_proven(*block._replace(value=value, proof=as_ion(proof)))


def test_block_shown_at_another_place_is_not_proven(block):
    address = changed(block.value["blockAddress"], sequenceNo=1)
    revisions = [changed(revision, blockAddress=address) for revision in block.value["revisions"]]
    assert not is_proven(*block._replace(value=changed(block.value, blockAddress=address, revisions=revisions)))
    assert not is_proven(*block._replace(value=changed(block.value, revisions=revisions)))
