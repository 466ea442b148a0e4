"""The two operations that every proof is made of: `dot` of two hashes, and the Merkle root of a list.

QLDB guide, "Data verification"; both are checked here against a block that QLDB wrote.
"""

import hashlib
from collections.abc import Sequence

HASH_LENGTH = 32
NO_HASH = b""

_SIGNED_ORDER = bytes((byte + 128) % 256 for byte in range(256))


def dot(left: bytes, right: bytes) -> bytes:
    """Return the hash of two hashes, whichever way round they come; an empty one leaves the other unchanged.

    The smaller goes first, compared as signed bytes from the last to the first.
    """
    if not left or not right:
        return left or right
    if _order(right) < _order(left):
        left, right = right, left
    return hashlib.sha256(left + right).digest()


def _order(digest: bytes) -> bytes:
    return digest[::-1].translate(_SIGNED_ORDER)


def merkle_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over `hashes`: neighbours are paired level by level, an odd last one moves up unchanged."""
    level = list(hashes)
    while len(level) > 1:
        paired = [dot(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0] if level else NO_HASH
