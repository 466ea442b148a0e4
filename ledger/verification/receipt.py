"""Checking a receipt offline: with its proof, a notarised digest and the notary's public key, and nothing else."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger import ion
from ledger.journal.revision import BlockAddress
from ledger.record import encode_bytes
from ledger.verification.ecdsa import PublicKey
from ledger.verification.json_text import read_object
from ledger.verification.notarised import Notarised, check_signature
from ledger.verification.revision import verify_revision
from ledger.verification.shapes import NotProvenError, Step, hash_of, items
from ledger.verification.statement import Statement

_STEP = "read the receipt"
_TEXTS = ("ledger", "transactionId", "blockTimestamp", "documentId", "hash", "revision", "proof")
_NUMBERS = ("version", "digestNumber")
_FIELDS = ("blockAddress", *_TEXTS, *_NUMBERS)
_COPIES = ("transactionId", "documentId", "version", "hash", "blockAddress")


class Receipt(NamedTuple):
    """A receipt with its proof, as POST /proof answers it.

    Attributes:
        fields: what it says beside the revision.
        revision: `{blockAddress, hash, data | dataHash, metadata}`.
        proof: the hashes that lead from the revision's to the digest.
    """

    fields: dict[str, Any]
    revision: ion.Value
    proof: ion.Value

    @staticmethod
    def read(data: str | bytes) -> "Receipt":
        """Return the receipt in a JSON object.

        Raises:
            NotProvenError: it is none, or has no proof yet.
        """
        fields = read_object(_STEP, data)
        _check_fields(fields)
        try:
            _as_written(fields["blockTimestamp"])
            return Receipt(fields, _as_written(fields["revision"]), _as_written(fields["proof"]))
        except ValueError as error:
            raise NotProvenError(_STEP, str(error)) from None

    @property
    def address(self) -> BlockAddress:
        """Return the address of the block that holds the revision."""
        return BlockAddress(self.fields["blockAddress"]["strandId"], self.fields["blockAddress"]["sequenceNo"])

    @property
    def place(self) -> ion.Value:
        """Return what the first entry of its block is the hash of."""
        return {
            "blockAddress": self.address.to_ion(),
            "transactionId": self.fields["transactionId"],
            "blockTimestamp": ion.parse(self.fields["blockTimestamp"]),
        }


def verify_receipt(receipt: str | bytes, digest: str | bytes, public_key: str) -> Iterator[Step]:
    """Check that a transaction left exactly this revision in the journal before a digest was notarised.

    Args:
        receipt: JSON, a receipt with its proof, as POST /proof answers it.
        digest: JSON, the notarised digest that the proof is against, as POST /digest answers it or as it is kept.
        public_key: of the notary, PEM.

    Raises:
        NotProvenError: which step failed, and how.
    """
    try:
        key = PublicKey.from_pem(public_key)
    except ValueError as error:
        raise NotProvenError("read the public key", str(error)) from None
    yield Step("read the public key", f"its SHA-256 is {key.fingerprint}")
    notarised = Notarised.read_answer(digest, key)
    statement = notarised.statement
    yield Step("read the notarised digest", f"{statement.name} of ledger {statement.ledger}")
    yield check_signature(notarised, {statement.key_id: key})
    given = Receipt.read(receipt)
    yield Step(_STEP, f"of transaction {given.fields['transactionId']}, {given.fields['blockTimestamp']}")
    yield _covers(statement, given)
    yield from verify_revision(given.revision, given.proof, statement.digest)
    yield _agrees(given)
    yield _is_placed(given)
    yield Step("this is proven, as it was", _told(given.revision))


def _check_fields(fields: dict[str, Any]) -> None:
    """Check that there are the fields of a receipt and no other: what is under no hash proves nothing."""
    if "proof" not in fields:
        raise NotProvenError(_STEP, _without_proof(fields))
    if unknown := [name for name in fields if name not in _FIELDS]:
        raise NotProvenError(_STEP, f"{unknown[0][:40]!r} is no field of a receipt, so nothing would prove it")
    if missing := [name for name in _FIELDS if name not in fields]:
        raise NotProvenError(_STEP, f"{missing[0]} is missing")
    address = fields["blockAddress"]
    if not isinstance(address, dict) or address.keys() != {"strandId", "sequenceNo"}:
        raise NotProvenError(_STEP, "blockAddress is none, with strandId and sequenceNo")
    texts = {"strandId": address["strandId"], **{name: fields[name] for name in _TEXTS}}
    numbers = {"sequenceNo": address["sequenceNo"], **{name: fields[name] for name in _NUMBERS}}
    if wrong := [name for name, value in texts.items() if not isinstance(value, str) or not value.isascii()]:
        raise NotProvenError(_STEP, f"{wrong[0]} is not a text in ASCII")
    if wrong := [name for name, value in numbers.items() if type(value) is not int or value < 0]:
        raise NotProvenError(_STEP, f"{wrong[0]} is not a number from 0 on")


def _without_proof(fields: dict[str, Any]) -> str:
    if "statuscode" in fields and "receipt" not in fields and "from" not in fields:
        return f"it is an answer without a receipt: {fields.get('message')}"
    return "it has no proof yet: send the receipt to POST /proof, and give the answer here"


def _as_written(text: str) -> ion.Value:
    """Return an Ion value from the one text that the ledger writes for it: no other is looked at by anybody."""
    value = ion.parse(text)
    if ion.text(value) != text:
        raise ValueError(f"{text[:40]}... is not Ion text as the ledger writes it")
    return value


def _covers(statement: Statement, receipt: Receipt) -> Step:
    step = "compare the receipt with what the digest covers"
    if receipt.fields["ledger"] != statement.ledger:
        raise NotProvenError(step, f"it is of ledger {receipt.fields['ledger']!r}, the digest of {statement.ledger!r}")
    if receipt.fields["digestNumber"] != statement.number:
        raise NotProvenError(
            step, f"its proof is against digest {receipt.fields['digestNumber']}, not {statement.name}"
        )
    for tip in statement.tips:
        if tip.strand_id == receipt.address.strand_id and receipt.address.sequence_no <= tip.sequence_no:
            return Step(step, f"block {receipt.address.sequence_no} of strand {tip.strand_id}")
    raise NotProvenError(step, f"{statement.name} does not cover its block; get the proof for one that does")


def _agrees(receipt: Receipt) -> Step:
    """Check that what the receipt says in plain is what its revision says."""
    step = "compare the receipt's fields with its revision"
    revision, metadata = receipt.revision, receipt.revision["metadata"]
    address = revision["blockAddress"]
    said = {
        "transactionId": str(metadata["txId"]),
        "documentId": str(metadata["id"]),
        "version": int(metadata["version"]),
        "hash": encode_bytes(bytes(revision["hash"])),
        "blockAddress": {"strandId": str(address["strandId"]), "sequenceNo": int(address["sequenceNo"])},
    }
    for name in _COPIES:
        if receipt.fields[name] != said[name]:
            raise NotProvenError(step, f"its {name} is given as {receipt.fields[name]}, in the revision {said[name]}")
    return Step(step, ", ".join(_COPIES))


def _is_placed(receipt: Receipt) -> Step:
    """Check that the proof goes past the hash of the block's address, transaction and time; so those are proven too."""
    step = "find the hash of block address, transaction and time in the proof"
    wanted = ion.digest(receipt.place)
    if wanted not in [hash_of(step, each) for each in items(step, receipt.proof)]:
        raise NotProvenError(step, "it is not there: they are not those of the block that holds the revision")
    return Step(step, encode_bytes(wanted))


def _told(revision: ion.Value) -> str:
    content = dict(ion.fields(revision))
    if "data" in content:
        return ion.text(content["data"])
    return "the data was redacted" if "dataHash" in content else "the document was deleted"
