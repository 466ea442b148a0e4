"""Checking a block: every hash in it from its content, and the digest from its hash."""

from collections.abc import Iterator, Mapping, Sequence

from ledger import ion
from ledger.journal.hashing import NO_HASH, dot, merkle_root
from ledger.verification.revision import check_revision, fold_proof
from ledger.verification.shapes import NotProvenError, Step, address, fields, hash_of, is_a, items, same_hash

_PLACE = ("blockAddress", "transactionId", "blockTimestamp")
_HASHES = ("blockHash", "entriesHash", "previousBlockHash", "entriesHashList")
_PARTS = ("transactionInfo", "redactionInfo", "revisions")
_Fields = Mapping[str, ion.Value]


def verify_block(block: ion.Value, proof: ion.Value, digest: bytes) -> Iterator[Step]:
    """Check that a block, as GetBlock shows it, has its hashes and is under `digest`.

    Raises:
        NotProvenError: the block is not what the digest stands for.
    """
    yield from check_block(block)
    yield from fold_proof(bytes(block["blockHash"]), proof, digest)


def check_block(block: ion.Value) -> Iterator[Step]:
    """Check that a block has the hashes that its content gives, down to each revision.

    Raises:
        NotProvenError: it has not.
    """
    step = "read the block"
    given = fields(step, block, (*_PLACE, *_HASHES), _PARTS)
    place = address(step, given["blockAddress"])
    revisions = items(step, given["revisions"]) if "revisions" in given else []
    yield Step(step, f"block {place.sequence_no} of strand {place.strand_id}, {len(revisions)} revision(s)")
    leaves = []
    for number, revision in enumerate(revisions):
        named = f"revision {number} of the block"
        if not _is_hash_only(revision):
            yield from check_revision(revision, named)
            _check_belongs(f"read {named}", given, revision)
        leaves.append(hash_of(f"read {named}", revision["hash"]))
    yield _documents(given, revisions)
    entries = [
        hash_of("read entriesHashList", entry) for entry in items("read entriesHashList", given["entriesHashList"])
    ]
    yield from _entries(given, entries, leaves)
    yield from _chain(given, entries, first=place.sequence_no == 0)


def _is_hash_only(revision: ion.Value) -> bool:
    """Tell whether a revision is one of the catalog, of which the journal shows only the hash."""
    return is_a(revision, ion.IonType.STRUCT) and [name for name, _ in ion.fields(revision)] == ["hash"]


def _check_belongs(step: str, block: _Fields, revision: ion.Value) -> None:
    if address(step, revision["blockAddress"]) != address(step, block["blockAddress"]):
        raise NotProvenError(step, "its blockAddress is not that of the block")
    if revision["metadata"]["txId"] != block["transactionId"]:
        raise NotProvenError(step, "its txId is not the transactionId of the block")


def _documents(block: _Fields, revisions: Sequence[ion.Value]) -> Step:
    """Check that a revision of each changed document is shown: none left out, none as a hash only."""
    step = "compare transactionInfo.documents with the revisions"
    shown = sorted(str(each["metadata"]["id"]) for each in revisions if not _is_hash_only(each))
    changed = list[str]()
    if "transactionInfo" in block:
        info = fields(step, block["transactionInfo"], ("statements", "documents"))
        changed = (
            sorted(name for name, _ in ion.fields(info["documents"]))
            if is_a(info["documents"], ion.IonType.STRUCT)
            else []
        )
    if shown != changed:
        raise NotProvenError(
            step, f"{len(changed)} document(s) were changed, {len(shown)} revision(s) are of others or left out"
        )
    return Step(step, f"{len(shown)} document(s)")


def _entries(block: _Fields, entries: Sequence[bytes], leaves: Sequence[bytes]) -> Iterator[Step]:
    """Check each entry against what it is the hash of; only the ledger's own facts, the system entry, stay a hash."""
    expected = {"blockAddress, transactionId, blockTimestamp": ion.digest({name: block[name] for name in _PLACE})}
    if leaves:
        expected["the revisions"] = merkle_root(leaves)
    expected[_SYSTEM] = NO_HASH
    expected |= {name: ion.digest(block[name]) for name in ("transactionInfo", "redactionInfo") if name in block}
    if len(entries) != len(expected):
        raise NotProvenError(
            "read entriesHashList", f"it has {len(entries)} entries, the content of the block gives {len(expected)}"
        )
    for entry, (name, computed) in zip(entries, expected.items(), strict=True):
        if name != _SYSTEM:
            yield same_hash(f"compare the entry of entriesHashList for {name}", entry, computed)


def _chain(block: _Fields, entries: Sequence[bytes], *, first: bool) -> Iterator[Step]:
    step = "compare entriesHash with the Merkle root of entriesHashList"
    entries_hash = hash_of(step, block["entriesHash"])
    yield same_hash(step, entries_hash, merkle_root(entries))
    step = "compare blockHash with dot(entriesHash, previousBlockHash)"
    # A strand's first block has nothing before it. Anywhere else an empty hash would make a block out of an entry.
    empty = first and is_a(block["previousBlockHash"], ion.IonType.BLOB) and not block["previousBlockHash"]
    previous = NO_HASH if empty else hash_of(step, block["previousBlockHash"])
    yield same_hash(step, hash_of(step, block["blockHash"]), dot(entries_hash, previous))


_SYSTEM = "the ledger's own facts"
