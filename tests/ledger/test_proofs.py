"""Trees and proofs as pure functions, for all small sizes, against plain restatements of the rules."""

import hashlib
from itertools import product

import pytest

from ledger.journal import proof, tree
from ledger.journal.hashing import dot, merkle_root

SIZES = range(65)
LEAVES = [hashlib.sha256(bytes((number,))).digest() for number in SIZES]


def grown(leaves):
    """What each leaf added to the tree when it came."""
    growths, peaks = [], ()
    for number, leaf in enumerate(leaves):
        growths.append(tree.append(number, peaks, leaf))
        peaks = growths[-1].peaks
    return growths


GROWTHS = grown(LEAVES)


def proof_of(ranges, size):
    """The roots of these ranges, from the few cells that are said to hold them."""
    nodes = {}
    for number in proof.holders(ranges, size):
        nodes |= proof.nodes_of(number, LEAVES[number], GROWTHS[number])
    return [proof.range_root(nodes, leaves) for leaves in ranges]


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_leaf_of_every_small_tree_is_proven_from_few_cells_and_no_other_leaf_is(size):
    root = merkle_root(LEAVES[:size])
    for index in range(size):
        ranges = proof.siblings(index, size)
        hashes = proof_of(ranges, size)
        assert proof.fold(LEAVES[index], hashes) == root
        assert hashes == proof.path(LEAVES[:size], index)
        assert len(hashes) <= (size - 1).bit_length()
        assert len(proof.holders(ranges, size)) <= len(hashes) + 1
        assert sum(proof.fold(leaf, hashes) == root for leaf in LEAVES) == 1


@pytest.mark.parametrize("old", SIZES[1:])
def test_every_tree_is_the_beginning_of_every_larger_one_and_of_none_that_differs(old):
    old_root = merkle_root(LEAVES[:old])
    for new in SIZES[old:]:
        new_root = merkle_root(LEAVES[:new])
        hashes = proof_of(proof.extension(old, new), new)
        assert proof.is_extension(old, old_root, new, new_root, hashes)
        assert len(hashes) <= new.bit_length() + 1
        assert not proof.is_extension(old, dot(old_root, old_root), new, new_root, hashes)
        assert not proof.is_extension(old, old_root, new, dot(new_root, new_root), hashes)
        for position, changed in product(range(len(hashes)), (bytes(32), LEAVES[0])):
            spoilt = [*hashes[:position], changed, *hashes[position + 1 :]]
            assert spoilt == hashes or not proof.is_extension(old, old_root, new, new_root, spoilt)
        for shorter in (hashes[1:], hashes[:-1]):
            assert shorter == hashes or not proof.is_extension(old, old_root, new, new_root, shorter)
        assert not proof.is_extension(old, old_root, new, new_root, [*hashes, LEAVES[0]])


def test_a_tree_of_nothing_or_of_more_leaves_is_the_beginning_of_none():
    for old, new in product(SIZES, SIZES):
        if old == 0 or old > new:
            with pytest.raises(ValueError, match=f"a tree of {old} leaves is not the beginning of one of {new}"):
                proof.extension(old, new)
            assert not proof.is_extension(old, merkle_root(LEAVES[:old]), new, merkle_root(LEAVES[:new]), [])


@pytest.mark.parametrize("size", SIZES)
def test_there_is_no_proof_of_a_leaf_that_is_not_there(size):
    for index in (-1, size, size + 1):
        with pytest.raises(IndexError):
            proof.siblings(index, size)
        with pytest.raises(IndexError):
            proof.path(LEAVES[:size], index)


def test_an_older_tree_with_other_leaves_is_no_beginning():
    for old, new in product(range(1, 20), range(20)):
        if old < new:
            forked = [*LEAVES[: old - 1], LEAVES[64]]
            hashes = proof_of(proof.extension(old, new), new)
            assert not proof.is_extension(old, merkle_root(forked), new, merkle_root(LEAVES[:new]), hashes)
