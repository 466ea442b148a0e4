"""Checks what a ledger shows against a digest, without the ledger: this file, Python, and an Ion reader (amazon.ion).

    python verifier/verify.py ANSWER [DIGEST]          a revision or a block with its proof, against the digest that you
                                                       kept in the file DIGEST, or else the one that came with it
    python verifier/verify.py --chain DIGEST FILE ...  all blocks of a journal, strand by strand, against a digest; with
                                                       - for DIGEST only that each is whole and follows the one before

It prints the steps that hold, and `ok` or the step that does not. Exit codes: 0 ok, 1 not proven, 2 wrong usage.
"""

import base64
import hashlib
import pathlib
import sys

from amazon.ion import simpleion
from amazon.ion.core import IonType

PLACE = ("blockAddress", "transactionId", "blockTimestamp")
HASHES = ("blockHash", "entriesHash", "previousBlockHash", "entriesHashList")
METADATA = ("id", "version", "txTime", "txId")


def need(holds, problem):
    if not holds:
        raise ValueError(problem)


# H: one hash for an Ion value, however it is written (Ion Hash with SHA-256, https://amazon-ion.github.io/ion-hash).


def H(value):
    return hashlib.sha256(serialized(value)).digest()


def frame(kind, data=b""):
    for byte in (b"\x0c", b"\x0b", b"\x0e"):
        data = data.replace(byte, b"\x0c" + byte)
    return b"\x0b%c%b\x0e" % (kind, data)


def symbol(name):
    text = getattr(name, "text", name)
    return frame(0x71) if text is None else frame(0x70, text.encode())


def serialized(value):
    names, value.ion_annotations = value.ion_annotations, ()
    plain, value.ion_annotations = bare(value), names
    return b"\x0b\xe0" + b"".join(map(symbol, names)) + plain + b"\x0e" if names else plain


def bare(value):
    kind = None if isinstance(value, simpleion.IonPyNull) else value.ion_type
    if kind is IonType.STRUCT:
        pairs = (symbol(name) + serialized(each) for name, each in value.iteritems())
        return frame(0xD0, b"".join(sorted(hashlib.sha256(pair).digest() for pair in pairs)))
    if kind in (IonType.LIST, IonType.SEXP):
        return b"\x0b%c" % (0xB0 if kind is IonType.LIST else 0xC0) + b"".join(map(serialized, value)) + b"\x0e"
    if kind is IonType.SYMBOL:
        return symbol(value)
    if kind in (IonType.STRING, IonType.BLOB):
        return frame(0x80, value.encode()) if kind is IonType.STRING else frame(0xA0, bytes(value))
    binary = simpleion.dumps(value, binary=True)[4:]  # behind the version marker: type and length, then the bytes
    if kind in (None, IonType.BOOL):
        return frame(binary[0])
    start = 1 if binary[0] & 15 < 14 else 2 + next(at for at, byte in enumerate(binary[1:]) if byte & 128)
    return frame(binary[0] & 0xF0, binary[start:])


# The journal's formulas: two hashes, the smaller first as signed bytes from the last on; and a tree of such pairs.


def dot(*pair):
    first, second = sorted(pair, key=lambda one: [(byte + 128) % 256 for byte in reversed(one)])
    return hashlib.sha256(first + second).digest() if first and second else first or second


def merkle(hashes):
    while len(hashes) > 1:
        hashes = [dot(*hashes[at : at + 2]) if at + 1 < len(hashes) else hashes[at] for at in range(0, len(hashes), 2)]
    return hashes[0] if hashes else b""


# What is shown has exactly these fields and hashes: what is under no hash proves nothing.


def fields(value, required, optional=()):
    pairs = [(getattr(name, "text", name), each) for name, each in value.iteritems()]
    names = sorted(name for name, _ in pairs)
    need(not value.ion_annotations and names == sorted(set(names)), "a field is there twice, or an annotation")
    need(set(required) <= set(names) <= {*required, *optional}, f"it has the fields {', '.join(names)}")
    return dict(pairs)


def hash_in(blob):
    need(blob.ion_type is IonType.BLOB and len(blob) == 32 and not blob.ion_annotations, "a hash is not one")
    return bytes(blob)


def equal(given, computed):
    given, computed = (base64.b64encode(one).decode() for one in (given, computed))
    need(given == computed, f"given is {given}, computed is {computed}")


# The checks. Each names a step and then takes it, so that the one named last is the one that fails.


def revision(value, named="the revision"):
    yield f"{named} has the fields of one"
    given = fields(value, ("blockAddress", "hash", "metadata"), ("data", "dataHash"))
    fields(given["metadata"], METADATA)
    no_data = H(simpleion.loads("null"))  # a revision that deletes its document has no data; one redacted, their hash
    of_data = hash_in(given["dataHash"]) if "dataHash" in given else H(given["data"]) if "data" in given else no_data
    need("dataHash" not in given or ("data" not in given and of_data != no_data), "it is not as redaction leaves it")
    yield f"hash of {named} = dot(H(metadata), H(data))"
    equal(hash_in(given["hash"]), dot(H(given["metadata"]), of_data))


def block(value):
    yield "the block has the fields of one"
    given = fields(value, PLACE + HASHES, ("transactionInfo", "redactionInfo", "revisions"))
    revisions, shown = given.get("revisions", []), []
    for number, each in enumerate(revisions):
        if list(each) != ["hash"]:  # those of the ledger's own catalog are shown as their hash only
            yield from revision(each, f"revision {number} of the block")
            need(H(each["blockAddress"]) == H(given["blockAddress"]), "it is of another block")
            need(each["metadata"]["txId"] == given["transactionId"], "it is of another transaction")
            shown.append(each["metadata"]["id"])
    yield "the block shows a revision of each document that its transaction changed"
    info = fields(given["transactionInfo"], ("statements", "documents")) if "transactionInfo" in given else {}
    changed = [getattr(name, "text", name) for name, _ in info["documents"].iteritems()] if info else []
    need(sorted(shown) == sorted(changed), "some are left out, or are of others")
    yield "entriesHashList = hashes of place, revisions, the ledger's own facts, transactionInfo, redactionInfo"
    place = simpleion.IonPyDict()
    for name in PLACE:
        place[name] = given[name]
    entries = [hash_in(entry) for entry in given["entriesHashList"]]
    before = [H(place), *([merkle([hash_in(each["hash"]) for each in revisions])] if revisions else [])]
    after = [H(given[name]) for name in ("transactionInfo", "redactionInfo") if name in given]
    need(len(entries) == len(before) + 1 + len(after), f"it has {len(entries)}")
    need([*before, entries[len(before)], *after] == entries, "one is the hash of something else")
    yield "entriesHash = Merkle root of entriesHashList"
    equal(hash_in(given["entriesHash"]), merkle(entries))
    yield "blockHash = dot(entriesHash, previousBlockHash)"
    first = given["blockAddress"]["sequenceNo"] == 0 and given["previousBlockHash"] == b""
    equal(hash_in(given["blockHash"]), dot(merkle(entries), b"" if first else hash_in(given["previousBlockHash"])))


def answer(given, digest):
    yield "the answer has a revision or a block, and its proof"
    kind, leaf = (revision, "hash") if "revision" in given else (block, "blockHash")
    shown = parsed(given[kind.__name__])
    yield from kind(shown)
    yield "the digest = that hash, folded with each hash of the proof"
    candidate = hash_in(shown[leaf])
    for sibling in parsed(given["proof"]):
        candidate = dot(candidate, hash_in(sibling))
    equal(digest_in(digest), candidate)
    # A revision's address is under no hash of the revision: the block at that address proves it.
    proven = {name: each for name, each in shown.items() if kind is block or name != "blockAddress"}
    yield f"this, and nothing else in the file: {text(proven)}"


def chain(blocks, digest):
    yield "the digest names the tip of each strand"
    tips = parsed(digest["digestTipAddress"]) if digest else []
    tips = {tip["strandId"]: tip["sequenceNo"] for tip in ([tips] if "strandId" in tips else tips)}
    hashes, last = {strand: [] for strand in tips}, {}
    for value in blocks:
        where = text(value["blockAddress"])
        yield from (f"{where}: {step}" for step in block(value))
        yield f"{where}: it follows the block before it"
        strand, number = value["blockAddress"]["strandId"], value["blockAddress"]["sequenceNo"]
        previous = last.get(strand, (-1 if digest else number - 1, value["previousBlockHash"]))
        need(number == previous[0] + 1, f"the one before is {previous[0]}")
        equal(value["previousBlockHash"], previous[1])
        last[strand] = number, value["blockHash"]
        if number <= tips.get(strand, -1):
            hashes[strand].append(bytes(value["blockHash"]))
    yield f"{sum(number + 1 for number, _ in last.values())} blocks, and all up to the digest's tips"
    need(all(len(hashes[strand]) == tip + 1 for strand, tip in tips.items()), "a strand ends before its tip")
    yield "the digest = the root over the roots of the strands"
    equal(digest_in(digest) if digest else b"", merkle([merkle(each) for each in hashes.values()]))


# Files: Ion text or binary. JSON is Ion text too; there, Ion values stand in strings.


def read(path):
    return simpleion.loads(pathlib.Path(path).read_bytes())


def parsed(value):
    return simpleion.loads(value) if isinstance(value, str) else value


def text(value):
    return simpleion.dumps(value, binary=False, omit_version_marker=True)


def digest_in(given):
    value = given["digest"]
    digest = base64.b64decode(value, validate=True) if isinstance(value, str) else bytes(value)
    need(len(digest) == 32 and value in (digest, base64.b64encode(digest).decode()), "the digest is not one")
    return digest


def blocks_in(paths):
    for path in paths:
        with pathlib.Path(path).open("rb") as file:
            yield from simpleion.load(file, single_value=False, parse_eagerly=False)


def steps_of(chained, paths):
    yield "the files can be read"
    first = None if paths[0] == "-" else read(paths[0])
    yield from chain(blocks_in(paths[1:]), first) if chained else answer(first, read(paths[-1]))


def main(arguments):
    chained = arguments[:1] == ["--chain"]
    paths = arguments[1:] if chained else arguments
    if len(paths) < 2 if chained else len(paths) not in (1, 2) or paths[0].startswith("-"):
        print(__doc__)
        return 2
    step = None
    try:
        for following in steps_of(chained, paths):
            if step and not chained:
                print("holds:", step)
            step = following
    except Exception as error:
        print(f"NOT PROVEN: {step}: {error}")
        return 1
    print(f"holds: {step}")
    if not paths[1:]:
        print("note: the digest came with the answer; compare it with one that you kept")
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
