"""Proofs about a strand's Merkle tree: that a leaf is in it, and that an older tree is the beginning of a newer one.

The tree over n leaves has two sides, the left one over the largest power of two below n, so every subtree is over a
range of leaves. A proof is the roots of some ranges (the shapes of RFC 9162, section 2.1, under QLDB's `dot`). Each
range is made of perfect subtrees, and those never change: the block that completed one holds its root. So a proof
needs a few cells, all known beforehand, however long the strand is.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.journal import tree
from ledger.journal.hashing import dot


class Node(NamedTuple):
    """A perfect subtree: the leaves from `number * 2**level` on, `2**level` of them."""

    level: int
    number: int

    @property
    def last(self) -> int:
        """Return its last leaf, the one that completes it."""
        return ((self.number + 1) << self.level) - 1


def fold(leaf: bytes, proof: Iterable[bytes]) -> bytes:
    """Return the root that `proof` leads to from `leaf`: the whole of what a client computes (QLDB guide, "Verify")."""
    for sibling in proof:
        leaf = dot(leaf, sibling)
    return leaf


def path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the siblings between `hashes[index]` and the root of `merkle_root(hashes)`, lowest first.

    Raises:
        IndexError: there is no such hash.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(f"no hash {index} among {len(hashes)}")
    nodes = {Node(0, number): value for number, value in enumerate(hashes)}
    for level in range(1, len(hashes).bit_length()):
        for number in range(len(hashes) >> level):
            below = Node(level - 1, 2 * number), Node(level - 1, 2 * number + 1)
            nodes[Node(level, number)] = dot(nodes[below[0]], nodes[below[1]])
    return [range_root(nodes, leaves) for leaves in siblings(index, len(hashes))]


def siblings(index: int, size: int) -> list[range]:
    """Return what proves that leaf `index` is in the tree over `size` leaves: ranges of leaves, lowest first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"no leaf {index} in a tree of {size}")
    found, leaves = list[range](), range(size)
    while len(leaves) > 1:
        left, right = _sides(leaves)
        found.append(right if index in left else left)
        leaves = left if index in left else right
    return found[::-1]


def extension(old: int, new: int) -> list[range]:
    """Return what proves that the tree over `old` leaves is the beginning of the one over `new`: ranges of leaves.

    Raises:
        ValueError: `old` is not from 1 to `new`.
    """
    if not 1 <= old <= new:
        raise ValueError(f"a tree of {old} leaves is not the beginning of one of {new}: give 1 to {new}")
    found, leaves, whole = list[range](), range(new), True
    while leaves.stop != old:
        left, right = _sides(leaves)
        if old <= left.stop:
            found.append(right)
            leaves = left
        else:
            found.append(left)
            leaves, whole = right, False
    return [*([] if whole else [leaves]), *found[::-1]]


def is_extension(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows that the tree of `old` leaves and `old_root` is the beginning of the newer one.

    RFC 9162, section 2.1.4.2. A proof is the roots of the ranges that `extension` names.
    """
    if not 1 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    hashes = [old_root, *proof] if old.bit_count() == 1 else list(proof)
    if not hashes:
        return False
    left, last = old - 1, new - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    old_candidate = new_candidate = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        new_candidate = dot(new_candidate, sibling)
        if left & 1 or left == last:
            old_candidate = dot(old_candidate, sibling)
            while left and not left & 1:
                left, last = left >> 1, last >> 1
        left, last = left >> 1, last >> 1
    return last == 0 and (old_candidate, new_candidate) == (old_root, new_root)


def holders(ranges: Iterable[range], size: int) -> set[int]:
    """Return which blocks of a strand of `size` hold the roots of these ranges; its tip holds those at its end."""
    peaks = set(_subtrees(range(size)))
    nodes = (node for leaves in ranges for node in _subtrees(leaves))
    return {size - 1 if node in peaks else node.last for node in nodes}


def nodes_of(sequence_no: int, block_hash: bytes, growth: tree.Growth) -> dict[Node, bytes]:
    """Return the subtrees that the cell of one block tells about: its leaf, those that it completed, and the peaks."""
    completed = {Node(level, sequence_no >> level): root for level, root in enumerate((block_hash, *growth.completed))}
    return {**completed, **dict(zip(_subtrees(range(sequence_no + 1)), growth.peaks, strict=True))}


def range_root(nodes: dict[Node, bytes], leaves: range) -> bytes:
    """Return the root over a range of leaves from its perfect subtrees.

    Raises:
        KeyError: one of them is not among `nodes`.
    """
    return tree.root([nodes[node] for node in _subtrees(leaves)])


def _sides(leaves: range) -> tuple[range, range]:
    middle = leaves.start + (1 << (len(leaves) - 1).bit_length() - 1)
    return range(leaves.start, middle), range(middle, leaves.stop)


def _subtrees(leaves: range) -> Iterator[Node]:
    """Give the perfect subtrees of a range, largest first: one for each bit of its length."""
    start = leaves.start
    for level in reversed(range(len(leaves).bit_length())):
        if len(leaves) >> level & 1:
            yield Node(level, start >> level)
            start += 1 << level
