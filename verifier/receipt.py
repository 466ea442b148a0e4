#!/usr/bin/env python3
"""Checks a receipt of the wallet: Python alone, without packages, network, AWS or anything of the ledger's.

    python3 receipt.py RECEIPT DIGEST KEY      an answer of POST /proof, one of POST /digest, the notary's key (PEM)

It prints the steps that hold, and what is proven or the step that does not. Exit codes: 0 ok, 1 not proven, 2 usage.
"""

import base64
import hashlib
import json
import pathlib
import re
import sys


def need(holds, problem):
    if not holds:
        raise ValueError(problem)


def sha256(data):
    return hashlib.sha256(data).digest()


def base64_of(data):
    return base64.b64encode(data).decode()


def bytes_of(text):
    data = base64.b64decode(text, validate=True)
    need(base64_of(data) == text, "the last bits of base64 that do not count are set")
    return data


# ECDSA with SHA-256 on the curve P-256 (FIPS 186-5): whether a key, a point of the curve, has signed a message.

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
PEM = r"[\r\n ]*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)\n-----END PUBLIC KEY-----[\r\n ]*"
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")  # what a key in DER begins with


def key_in(pem):
    found = re.fullmatch(PEM, pem)
    der = bytes_of("".join(found[1].split())) if found else b""
    x, y = int.from_bytes(der[27:59], "big"), int.from_bytes(der[59:], "big")
    on_curve = x < P and y < P and (y * y - (x * x * x - 3 * x + B)) % P == 0
    need(len(der) == 91 and der.startswith(SPKI) and on_curve, "it is no public key on the curve P-256, in PEM")
    return x, y


def plus(one, other):
    if not one or not other:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and y1 != y2:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if x1 == x2 else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(number, point):
    result = None
    for bit in f"{number:b}":
        result = plus(plus(result, result), point if bit == "1" else None)
    return result


def has_signed(key, message, signature):
    end = 4 + (signature + bytes(4))[3]  # 30 length 02 length r 02 length s; no other spelling of r and s is taken
    r, s = int.from_bytes(signature[4:end], "big"), int.from_bytes(signature[end + 2 :], "big")
    pair = b"".join(b"\x02%c%b" % (len(n), n) for n in (v.to_bytes(v.bit_length() // 8 + 1, "big") for v in (r, s)))
    if not (0 < r < N and 0 < s < N and signature == b"\x30%c%b" % (len(pair), pair)):
        return False
    w = pow(s, -1, N)
    found = plus(times(int.from_bytes(sha256(message), "big") * w % N, (GX, GY)), times(r * w % N, key))
    return bool(found) and found[0] % N == r


# What Ion Hash (https://amazon-ion.github.io/ion-hash) feeds to SHA-256 for the kinds of values that a receipt has.


def frame(kind, data=b""):
    return b"\x0b%c%b\x0e" % (kind, re.sub(b"[\x0b\x0c\x0e]", lambda found: b"\x0c" + found[0], data))


def struct(fields):
    hashes = (sha256(frame(0x70, name.encode()) + value) for name, value in fields.items())
    return frame(0xD0, b"".join(sorted(hashes)))


def whole(number):
    return frame(0x20, number.to_bytes((number.bit_length() + 7) // 8, "big"))


def places(number, exponent):
    return bytes((0xC0 | exponent,)) + (number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def time(spelled):
    year, *parts, milliseconds = map(int, re.findall(r"\d+", spelled))
    utc = bytes((0x80, year >> 7, *(part & 127 | 128 for part in (year, *parts))))
    return frame(0x60, utc + places(milliseconds, 3))


def text(value):
    return frame(0x80, value.encode())


def value(spelled):
    if spelled[0] == '"':
        return text(spelled[1:-1].encode().decode("unicode_escape"))
    return frame(0x11) if spelled == "true" else frame(0x50, places(int(spelled.replace(".", "")), 2))


# A revision in the one spelling that the ledger gives it; no other is taken, so that no field is left unlooked at.

CODE = r"x(?:0[0-8bcef]|[189a-f][\da-f]|7f)|u(?!00|d[89a-f])[\da-f]{4}|U(?!0000)[\da-f]{8}"
TEXT = rf'"(?:[ !#-\[\]-~]|\\(?:["\\tnr]|{CODE}))*"'
FIELD = re.compile(rf"([A-Za-z]+):({TEXT}|[0-9]+\.[0-9][0-9]|true)")
WORD, NUMBER, HASH = '"([0-9A-Za-z]+)"', "(0|[1-9][0-9]*)", r"\{\{([A-Za-z0-9+/]{43}=)\}\}"
TIME = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)"
REVISION = (
    rf"\{{blockAddress:\{{strandId:{WORD},sequenceNo:{NUMBER}\}},hash:{HASH},(?:data:\{{(.*)\}}|dataHash:{HASH}),"
    rf"metadata:\{{id:{WORD},version:{NUMBER},txTime:{TIME},txId:{WORD}\}}\}}"
)


def parts_of(spelled):
    found = re.fullmatch(REVISION, spelled)
    need(found, "it is not spelled as the ledger does")
    strand_id, sequence_no, given, data, data_hash, document_id, version, tx_time, tx_id = found.groups()
    pairs = FIELD.findall(data or "")
    need(
        ",".join(map(":".join, pairs)) == (data or "") and len(dict(pairs)) == len(pairs), "these are no account's data"
    )
    place = {"strandId": strand_id, "sequenceNo": int(sequence_no)}
    return place, given, data_hash, dict(pairs), (document_id, int(version), tx_time, tx_id)


def dot(*pair):
    return sha256(b"".join(sorted(pair, key=lambda each: [(byte + 128) % 256 for byte in reversed(each)])))


# The checks. Each names a step and then takes it, so that the one named last is the one that fails.


def signed(digest, pem):
    yield "the key is a public key on P-256"
    key = key_in(pem)
    yield "the key has signed the digest"
    kept = digest.get("notarised", digest)
    need("statement" in kept, "no digest is notarised in it: ask POST /digest again when the notary has run")
    need(set(kept) <= {"number", "statement", "signature", "keyId", "publicKey", "consistencyProof"}, sorted(kept))
    need(has_signed(key, kept["statement"].encode(), bytes_of(kept["signature"])), "it has not")
    said = json.loads(kept["statement"])
    need(said["type"] == "verifiable-ledger/digest/1", "it has signed something else")
    yield "what the answer says beside the digest is so"
    need(all(json.dumps(kept[n]) == json.dumps(said[n]) for n in ("number", "keyId") if n in kept), "it is not")
    need("publicKey" not in kept or key_in(kept["publicKey"]) == key, "it comes with another public key")
    return said


def proven(receipt, said):
    yield "the receipt has its proof"
    need("proof" in receipt, "send the receipt to POST /proof, and give the answer here")
    yield "hash of the revision = dot(H(metadata), H(data))"
    place, given, data_hash, data, (document_id, version, tx_time, tx_id) = parts_of(receipt["revision"])
    metadata = {"id": text(document_id), "version": whole(version), "txTime": time(tx_time), "txId": text(tx_id)}
    of_data = sha256(struct({name: value(each) for name, each in data.items()}))
    computed = dot(sha256(struct(metadata)), bytes_of(data_hash) if data_hash else of_data)
    need(bytes_of(given) == computed and data_hash != base64_of(sha256(frame(0x0F))), "given is another")
    yield "the digest = that hash, folded with each hash of the proof"
    siblings = [bytes_of(each) for each in re.findall(HASH, receipt["proof"])]
    spelled = ",".join("{{" + base64_of(each) + "}}" for each in siblings)
    need(receipt["proof"] == f"[{spelled}]", "it is no list of hashes")
    for sibling in siblings:
        computed = dot(computed, sibling)
    need(said["digest"] == base64_of(computed), f"given is {said['digest']}, computed is {base64_of(computed)}")
    yield "the proof goes past the hash of the block's address, transaction and time"
    need(re.fullmatch(TIME, receipt["blockTimestamp"]), "its blockTimestamp is none")
    address = struct({"strandId": text(place["strandId"]), "sequenceNo": whole(place["sequenceNo"])})
    head = {"blockAddress": address, "transactionId": text(tx_id), "blockTimestamp": time(receipt["blockTimestamp"])}
    need(sha256(struct(head)) in siblings, "it does not: they are those of another block")
    yield "the receipt says that, and nothing else"
    same = {name: receipt[name] for name in ("blockTimestamp", "revision", "proof")}
    same |= {"ledger": said["ledger"], "transactionId": tx_id, "blockAddress": place, "documentId": document_id}
    same |= {"version": version, "hash": given, "digestNumber": said["number"]}
    need(json.dumps(receipt, sort_keys=True) == json.dumps(same, sort_keys=True), "it says something else")
    yield f"digest {said['number']} of {said['date']} covers that block"
    tips = said["digestTipAddress"] if isinstance(said["digestTipAddress"], list) else [said["digestTipAddress"]]
    reached = {tip["strandId"]: tip["sequenceNo"] for tip in tips}
    need(place["sequenceNo"] <= reached.get(place["strandId"], -1), "it does not")
    told = "data that were redacted" if data_hash else " ".join(map(" ".join, data.items()))
    yield f"PROVEN, of {receipt['blockTimestamp']} in ledger {said['ledger']}: {told}"


def steps(receipt, digest, pem):
    yield "the files can be read"
    receipt, digest = (json.loads(each, object_pairs_hook=once) for each in (receipt, digest))
    yield from proven(receipt, (yield from signed(digest, pem)))


def once(pairs):
    need(len(dict(pairs)) == len(pairs), "a field is there twice")
    return dict(pairs)


def main(paths):
    if len(paths) != 3 or paths[0].startswith("-"):
        print(__doc__)
        return 2
    step = "the files can be read"
    try:
        found = steps(*(pathlib.Path(path).read_bytes().decode() for path in paths))
        next(found)
        for following in found:
            print("holds:", step)
            step = following
    except Exception as error:
        print(f"NOT PROVEN: {step}: {error}")
        return 1
    print(step)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
