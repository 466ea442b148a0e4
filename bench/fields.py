"""Ion Hash of the few shapes that blocks are made of, from parts that are hashed once."""

from hashlib import sha256


def field(name: str, serialized: bytes) -> bytes:
    """Return the hash of a struct's field from its value, serialized."""
    return sha256(b"\x0b\x70%b\x0e%b" % (name.encode(), serialized)).digest()


def struct(*hashes: bytes) -> bytes:
    """Return a struct, serialized, from the hashes of its fields."""
    return b"\x0b\xd0%b\x0e" % _escaped(b"".join(sorted(hashes)))


def string(text: str) -> bytes:
    """Return a string, serialized; only of letters, digits and spaces."""
    return b"\x0b\x80%b\x0e" % text.encode()


def integer(value: int) -> bytes:
    """Return a natural number, serialized."""
    return b"\x0b\x20%b\x0e" % _escaped(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _escaped(data: bytes) -> bytes:
    if b"\x0b" in data or b"\x0c" in data or b"\x0e" in data:
        return data.replace(b"\x0c", b"\x0c\x0c").replace(b"\x0b", b"\x0c\x0b").replace(b"\x0e", b"\x0c\x0e")
    return data
