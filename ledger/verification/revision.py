"""Checking a revision: its hash from its content, and the digest from its hash."""

from collections.abc import Iterator

from ledger import ion
from ledger.journal.hashing import dot
from ledger.journal.proof import fold
from ledger.journal.revision import NO_DATA_HASH
from ledger.record import encode_bytes
from ledger.verification.shapes import NotProvenError, Step, address, fields, hash_of, is_a, items, same_hash

_METADATA = {
    "id": ion.IonType.STRING,
    "version": ion.IonType.INT,
    "txTime": ion.IonType.TIMESTAMP,
    "txId": ion.IonType.STRING,
}


def verify_revision(revision: ion.Value, proof: ion.Value, digest: bytes) -> Iterator[Step]:
    """Check that a revision, as GetRevision shows it, has its hash and is under `digest`.

    Its `blockAddress` is under no hash here: the block at that address proves it.

    Raises:
        NotProvenError: the revision is not what the digest stands for.
    """
    yield from check_revision(revision)
    yield from fold_proof(bytes(revision["hash"]), proof, digest)


def check_revision(revision: ion.Value, named: str = "the revision") -> Iterator[Step]:
    """Check that a revision has the hash that its metadata and its data give.

    Raises:
        NotProvenError: it has not.
    """
    step = f"read {named}"
    given = fields(step, revision, ("blockAddress", "hash", "metadata"), ("data", "dataHash"))
    address(step, given["blockAddress"])
    metadata = fields(step, given["metadata"], _METADATA)
    if wrong := [name for name, ion_type in _METADATA.items() if not is_a(metadata[name], ion_type)]:
        raise NotProvenError(step, f"metadata.{wrong[0]} is not a {_METADATA[wrong[0]].name.lower()}")
    kind, data_hash = _data(step, given)
    yield Step(step, f"version {metadata['version']} of document {metadata['id']}, {kind}")
    metadata_hash = ion.digest(given["metadata"])
    yield Step(f"hash the metadata of {named}", encode_bytes(metadata_hash))
    yield Step(f"hash the data of {named}", encode_bytes(data_hash))
    step = f"compare the hash of {named} with dot(H(metadata), H(data))"
    yield same_hash(step, hash_of(step, given["hash"]), dot(metadata_hash, data_hash))


def fold_proof(leaf: bytes, proof: ion.Value, digest: bytes) -> Iterator[Step]:
    """Check that a proof leads from a hash to the digest.

    Raises:
        NotProvenError: it does not.
    """
    step = "read the proof"
    hashes = [hash_of(step, item) for item in items(step, proof)]
    yield Step(step, f"{len(hashes)} hashes")
    step = "compare the digest with the hash folded with the proof"
    yield same_hash(step, digest, fold(leaf, hashes))


def _data(step: str, given: dict[str, ion.Value]) -> tuple[str, bytes]:
    if "data" in given and "dataHash" in given:
        raise NotProvenError(step, "it has both data and dataHash")
    if "data" in given:
        if ion.type_of(given["data"]) is not ion.IonType.STRUCT or ion.is_null(given["data"]):
            raise NotProvenError(step, "its data is not a struct")
        return "with its data", ion.digest(given["data"])
    if "dataHash" not in given:
        return "which deleted it", NO_DATA_HASH
    redacted = hash_of(step, given["dataHash"])
    if redacted == NO_DATA_HASH:
        raise NotProvenError(step, "it is shown as redacted, but deleted its document")
    return "its data redacted", redacted
