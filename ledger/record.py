"""The bytes of a cell: a JSON header, then payloads kept exactly as they came.

Structure (ids, hashes, times) goes into the header; documents stay the Ion bytes that the client sent, so that they are
neither parsed nor printed on the way in or out. Layout: format byte, header length (4 bytes, big-endian), header, then
each payload with its length (4 bytes).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

from ledger.store.base import Corrupt

FORMAT = 1


def pack(header: Any, payloads: Iterable[bytes] = ()) -> bytes:
    """Return the cell bytes of `header` (JSON-able) and `payloads`."""
    encoded = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    parts = [bytes((FORMAT,)), len(encoded).to_bytes(4, "big"), encoded]
    for payload in payloads:
        parts += (len(payload).to_bytes(4, "big"), payload)
    return b"".join(parts)


def unpack(data: bytes) -> tuple[Any, list[bytes]]:
    """Return the header and the payloads that `pack` was given.

    Raises:
        Corrupt: the bytes are damaged or of an unknown format.
    """
    if data[:1] != bytes((FORMAT,)):
        raise Corrupt(f"unknown cell format {data[:1].hex() or 'nothing'}, this version reads format {FORMAT}")
    first, *rest = _chunks(data, 1)
    try:
        return json.loads(first), rest
    except ValueError as error:
        raise Corrupt(f"the cell's header is damaged: {error}") from error


def _chunks(data: bytes, position: int) -> list[bytes]:
    chunks: list[bytes] = []
    while position < len(data) or not chunks:
        end = position + 4 + int.from_bytes(data[position : position + 4], "big")
        if position + 4 > len(data) or end > len(data):
            raise Corrupt(f"the cell ends after {len(data)} bytes, expected at least {end}")
        chunks.append(data[position + 4 : end])
        position = end
    return chunks


def encode_bytes(data: bytes) -> str:
    """Return `data` as base64, the form of a hash in a header."""
    return b64encode(data).decode()


def decode_bytes(text: str) -> bytes:
    """Return the bytes that `encode_bytes` wrote."""
    return b64decode(text, validate=True)
