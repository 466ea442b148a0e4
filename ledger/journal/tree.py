"""The Merkle tree over a strand's block hashes, grown one leaf at a time.

A tree of n leaves is a row of perfect subtrees, its peaks, one for each bit of n, largest first. Appending a leaf
completes at most log2(n) subtrees; those nodes are final and stored with the leaf, so that no node is ever rewritten.
The root equals `merkle_root` over all leaves.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.journal.hashing import NO_HASH, dot


class Growth(NamedTuple):
    """What appending one leaf gives: the subtree roots it completes, lowest first, and the peaks after it."""

    completed: tuple[bytes, ...]
    peaks: tuple[bytes, ...]


def append(size: int, peaks: Sequence[bytes], leaf: bytes) -> Growth:
    """Append `leaf` to a tree of `size` leaves with these peaks.

    Raises:
        ValueError: `peaks` are not those of a tree of this size.
    """
    if len(peaks) != size.bit_count():
        raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, got {len(peaks)}")
    rest, node, completed = list(peaks), leaf, []
    while size & 1:
        node = dot(rest.pop(), node)
        completed.append(node)
        size >>= 1
    return Growth(tuple(completed), (*rest, node))


def root(peaks: Sequence[bytes]) -> bytes:
    """Return the root of a tree from its peaks, largest first; empty for a tree without leaves."""
    node = NO_HASH
    for peak in reversed(peaks):
        node = dot(peak, node)
    return node
