"""Checking a receipt offline: with its proof, a notarised digest and the notary's public key, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger import ion
from ledger.journal.revision import BlockAddress
from ledger.record import encode_bytes
from ledger.verification.ecdsa import PublicKey
from ledger.verification.notarised import Notarised, check_signature
from ledger.verification.revision import verify_revision
from ledger.verification.shapes import NotProvenError, Step, hash_of, items
from ledger.verification.statement import Statement

_STEP = "read the receipt"
_TEXTS = ("ledger", "transactionId", "blockTimestamp", "documentId", "hash", "revision", "proof")
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
        try:
            fields = json.loads(data)
            _check_shape(fields)
            return Receipt(fields, ion.parse(fields["revision"]), ion.parse(fields["proof"]))
        except NotProvenError:
            raise
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotProvenError(_STEP, f"it is none: {error!r}") from None

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
        receipt: JSON, a receipt with its proof.
        digest: JSON, a notarised digest that covers it.
        public_key: of the notary, PEM.

    Raises:
        NotProvenError: which step failed, and how.
    """
    try:
        key = PublicKey.from_pem(public_key)
    except ValueError as error:
        raise NotProvenError("read the public key", str(error)) from None
    yield Step("read the public key", f"its SHA-256 is {key.fingerprint}")
    notarised = Notarised.read(digest)
    statement = notarised.statement
    yield Step("read the notarised digest", f"{statement.name} of ledger {statement.ledger}")
    yield check_signature(notarised, {statement.key_id: key})
    given = Receipt.read(receipt)
    yield Step(_STEP, f"of transaction {given.fields['transactionId']}, {given.fields['blockTimestamp']}")
    yield _covers(statement, given)
    yield from verify_revision(given.revision, given.proof, statement.digest)
    yield _agrees(given)
    yield _is_placed(given)


def _check_shape(fields: dict[str, Any]) -> None:
    if "proof" not in fields:
        raise NotProvenError(_STEP, "it has no proof yet: get one with POST /proof")
    numbers = fields["version"], fields["blockAddress"]["sequenceNo"]
    texts = [fields["blockAddress"]["strandId"], *(fields[name] for name in _TEXTS)]
    if not all(type(number) is int for number in numbers) or not all(isinstance(text, str) for text in texts):
        raise TypeError("a field is of another type")
    if ion.text(ion.parse(fields["blockTimestamp"])) != fields["blockTimestamp"]:
        raise ValueError("blockTimestamp is no timestamp as the journal writes them")


def _covers(statement: Statement, receipt: Receipt) -> Step:
    step = "compare the receipt with what the digest covers"
    if receipt.fields["ledger"] != statement.ledger:
        raise NotProvenError(step, f"it is of ledger {receipt.fields['ledger']!r}, the digest of {statement.ledger!r}")
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
