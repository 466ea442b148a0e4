"""A notarised digest: a notary's statement, its signature, and the proof that it continues the one before."""

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, NamedTuple

from ledger.journal.proof import is_extension
from ledger.record import encode_bytes
from ledger.verification.ecdsa import Keys, PublicKey
from ledger.verification.json_text import read_object
from ledger.verification.shapes import NotProvenError, Step
from ledger.verification.statement import Statement

_STEP = "read the notarised digest"
_COPIES = ("number", "keyId")
_FIELDS = ("statement", "signature", "consistencyProof", "publicKey", *_COPIES)


class Notarised(NamedTuple):
    """A notarised digest, as it is kept: enough to check without the ledger.

    Attributes:
        signature: over the statement's text, ECDSA with SHA-256 on P-256, in DER.
        proofs: for each strand, that its blocks up to the digest before are the beginning of those up to this one;
            none in the first.
    """

    statement: Statement
    signature: bytes
    proofs: tuple[tuple[bytes, ...], ...] = ()

    def to_fields(self) -> dict[str, Any]:
        """Return the fields of the JSON object."""
        return {
            "statement": self.statement.text,
            "signature": encode_bytes(self.signature),
            "consistencyProof": [[encode_bytes(each) for each in proof] for proof in self.proofs],
        }

    def to_json(self) -> str:
        """Return the object as it is kept."""
        return json.dumps(self.to_fields(), indent=2) + "\n"

    @staticmethod
    def read(data: str | bytes) -> "Notarised":
        """Return the notarised digest in a JSON object, as it is kept.

        Raises:
            NotProvenError: it is none, or says beside its statement something else than in it.
        """
        return _read(read_object(_STEP, data))

    @staticmethod
    def read_answer(data: str | bytes, key: PublicKey) -> "Notarised":
        """Return the notarised digest in an answer of POST /digest, or in a JSON object as it is kept.

        Args:
            key: the notary's; the answer may come with no other.

        Raises:
            NotProvenError: there is none, or it says beside its statement something else than in it.
        """
        given = read_object(_STEP, data)
        if "notarised" not in given and "digest" in given and "statement" not in given:
            raise NotProvenError(_STEP, "the answer has none: ask POST /digest again when the notary has run")
        found = given.get("notarised", given)
        if isinstance(found, dict) and "publicKey" in found:
            _check_key(found["publicKey"], key)
        return _read(found)


def check_signature(notarised: Notarised, keys: Keys) -> Step:
    """Check that the key which the statement names is trusted and has signed it.

    Raises:
        NotProvenError: it is not, or has not.
    """
    statement = notarised.statement
    step = f"check the signature of {statement.name}"
    key = keys.get(statement.key_id)
    if key is None:
        raise NotProvenError(step, f"it names the key {statement.key_id!r}, which is not one of those that are trusted")
    if not key.has_signed(statement.text.encode(), notarised.signature):
        raise NotProvenError(step, f"the key {statement.key_id!r} has not signed this statement")
    return Step(step, f"by {statement.key_id}")


def check_continuation(earlier: Statement, later: Notarised) -> Iterator[Step]:
    """Check that a notarised digest is the next one after a statement, and covers the same journal and more.

    Raises:
        NotProvenError: it is not.
    """
    statement = later.statement
    step = f"compare {statement.name} with the one before"
    if (statement.ledger, statement.number) != (earlier.ledger, earlier.number + 1):
        raise NotProvenError(step, f"before it comes {earlier.name} of ledger {earlier.ledger}")
    if statement.previous != earlier.hash:
        raise NotProvenError(step, f"it does not follow {earlier.name} but another statement of that number")
    if [tip.strand_id for tip in statement.tips] != [tip.strand_id for tip in earlier.tips]:
        raise NotProvenError(step, "it is over other strands")
    yield Step(step, f"it follows {earlier.name}")
    if len(later.proofs) != len(statement.tips):
        raise NotProvenError(step, f"it has {len(later.proofs)} consistency proofs for {len(statement.tips)} strands")
    for place, proof in enumerate(later.proofs):
        yield _continuation_of_strand(earlier, statement, place, proof)


def _continuation_of_strand(earlier: Statement, later: Statement, place: int, proof: tuple[bytes, ...]) -> Step:
    before, after = earlier.tips[place].sequence_no, later.tips[place].sequence_no
    step = f"check that strand {later.tips[place].strand_id} goes on in {later.name} as it was in the one before"
    if not is_extension(before + 1, earlier.roots[place], after + 1, later.roots[place], proof):
        raise NotProvenError(step, f"its blocks up to {before} are not the same in both")
    return Step(step, f"blocks 0 to {before} are the same, {after - before} came after")


def _read(given: Any) -> Notarised:
    if not isinstance(given, dict):
        raise NotProvenError(_STEP, "it is not a JSON object")
    if unknown := [name for name in given if name not in _FIELDS]:
        raise NotProvenError(_STEP, f"{unknown[0][:40]!r} is no field of it")
    try:
        proofs = tuple(tuple(map(_decoded, proof)) for proof in given.get("consistencyProof", ()))
        text, signature = given["statement"], _decoded(given["signature"])
    except (ValueError, TypeError, KeyError) as error:
        raise NotProvenError(_STEP, f"it is none, with statement and signature: {error!r}") from None
    if not isinstance(text, str):
        raise NotProvenError(_STEP, "its statement is not a text")
    statement = Statement.read(text)
    _check_copies(given, statement)
    return Notarised(statement, signature, proofs)


def _check_key(pem: Any, key: PublicKey) -> None:
    try:
        same = PublicKey.from_pem(pem) == key
    except (ValueError, TypeError):
        same = False
    if not same:
        raise NotProvenError(_STEP, "its publicKey is another than the one given: find out which is the notary's")


def _check_copies(given: dict[str, Any], statement: Statement) -> None:
    """Check what is said in plain beside the statement: a reader may look at that alone."""
    said = json.loads(statement.text)
    for name in _COPIES:
        if name in given and json.dumps(given[name]) != json.dumps(said[name]):
            raise NotProvenError(_STEP, f"its {name} is not the one in its statement")


def _decoded(text: str) -> bytes:
    decoded = b64decode(text, validate=True)
    if encode_bytes(decoded) != text:
        raise ValueError("base64 with bits that do not count")
    return decoded
