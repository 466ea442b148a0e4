"""ECDSA over the curve P-256 with SHA-256 (FIPS 186-5, section 6), for what has no secrets: checking signatures.

Plain Python, 10 ms a signature: neither the functions' layer nor an auditor's machine needs compiled code for it.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple, TypeAlias

PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04"
_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
_PEM = re.compile(rf"[\r\n ]*{_BEGIN}\r?\n([A-Za-z0-9+/=\r\n]+)\n{_END}[\r\n ]*")
_LENGTH = 32

Point: TypeAlias = tuple[int, int] | None
"""A point of the curve; `None` is the one at infinity."""


class PublicKey(NamedTuple):
    """A public key: a point of the curve."""

    x: int
    y: int

    @staticmethod
    def from_pem(text: str) -> "PublicKey":
        """Return the key in a PEM file.

        Raises:
            ValueError: it holds no public key on P-256.
        """
        found = _PEM.fullmatch(text)
        if found is None:
            raise ValueError(f"not a public key in PEM: it must begin with {_BEGIN}, a line alone, and end with {_END}")
        encoded = found[1].replace("\r", "").replace("\n", "")
        data = b64decode(encoded, validate=True)
        if b64encode(data).decode() != encoded:
            raise ValueError("not a public key in PEM: its base64 has bits that do not count")
        return PublicKey.from_der(data)

    @staticmethod
    def from_der(data: bytes) -> "PublicKey":
        """Return the key in a SubjectPublicKeyInfo (RFC 5480), as KMS gives it.

        Raises:
            ValueError: it is none on P-256.
        """
        if len(data) != len(_SPKI) + 2 * _LENGTH or not data.startswith(_SPKI):
            raise ValueError("not a public key on the curve P-256")
        x, y = (int.from_bytes(data[at : at + _LENGTH], "big") for at in (len(_SPKI), len(_SPKI) + _LENGTH))
        if max(x, y) >= PRIME or (y * y - (x * x * x - 3 * x + _B)) % PRIME:
            raise ValueError("not a public key: its point is not on the curve P-256")
        return PublicKey(x, y)

    def to_der(self) -> bytes:
        """Return the SubjectPublicKeyInfo."""
        return _SPKI + self.x.to_bytes(_LENGTH, "big") + self.y.to_bytes(_LENGTH, "big")

    def to_pem(self) -> str:
        """Return the key as `openssl` and auditors read it."""
        encoded = b64encode(self.to_der()).decode()
        lines = [encoded[at : at + 64] for at in range(0, len(encoded), 64)]
        return "\n".join([_BEGIN, *lines, _END, ""])

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the SubjectPublicKeyInfo in hexadecimal: which key it is, wherever it is kept."""
        return sha256(self.to_der()).hexdigest()

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether a DER signature (RFC 3279, section 2.2.3), as KMS and openssl write it, is this key's."""
        numbers = _der_numbers(signature)
        if numbers is None or not all(0 < number < ORDER for number in numbers):
            return False
        r, s = numbers
        inverse = pow(s, -1, ORDER)
        found = combination(hash_number(message) * inverse % ORDER, r * inverse % ORDER, self)
        return found is not None and found[0] % ORDER == r


Keys: TypeAlias = Mapping[str, PublicKey]
"""The public keys that are trusted, by the ids that the statements name them by."""

BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def hash_number(message: bytes) -> int:
    """Return the number that is signed for a message."""
    return int.from_bytes(sha256(message).digest(), "big")


def combination(k: int, m: int, point: Point) -> Point:
    """Return `k` times the base point plus `m` times another."""
    sums, result = {(0, 0): None, (1, 0): BASE, (0, 1): point, (1, 1): _add(BASE, point)}, None
    for bit in reversed(range(256)):
        result = _add(_add(result, result), sums[k >> bit & 1, m >> bit & 1])
    return result


def der_signature(r: int, s: int) -> bytes:
    """Return the two numbers of a signature in DER."""
    encoded = b"".join(_der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in (r, s))
    return _der(0x30, encoded)


def _add(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 != x2:
        slope = (y2 - y1) * pow(x2 - x1, -1, PRIME)
    elif y1 == y2:
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, PRIME)
    else:
        return None
    x = (slope * slope - x1 - x2) % PRIME
    return x, (slope * (x1 - x) - y1) % PRIME


def _der(tag: int, content: bytes) -> bytes:
    return bytes((tag, len(content))) + content


def _der_numbers(signature: bytes) -> tuple[int, int] | None:
    """Return the two numbers of a signature; `None` if it is not exactly the DER of two."""
    if len(signature) < 8:
        return None
    length = signature[3]
    r, s = (int.from_bytes(part, "big") for part in (signature[4 : 4 + length], signature[6 + length :]))
    return (r, s) if max(r, s) < 2**256 and der_signature(r, s) == signature else None
