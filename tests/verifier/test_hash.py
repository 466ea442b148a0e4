"""The second verifier's own Ion Hash and tree against those of the ledger, on values of every type and all lengths."""

import hashlib

import pytest
from hypothesis import given

from ledger import ion
from ledger.journal import hashing
from tests.ledger.test_ion import VALUES, trees
from tests.verifier.verdicts import second


@pytest.mark.parametrize("value", VALUES, ids=ion.text)
def test_hash_of_every_kind_of_value_is_that_of_the_ledger(value):
    assert second.H(value) == ion.digest(value)
    assert ion.annotations(value) == ion.annotations(ion.loads(ion.dumps(value))), "hashing leaves values as they are"


@given(trees)
def test_hash_of_any_tree_is_that_of_the_ledger(tree):
    value = ion.loads(ion.dumps(tree))
    assert second.H(value) == ion.digest(value)


@pytest.mark.parametrize("count", range(40))
def test_merkle_root_is_that_of_the_ledger(count):
    leaves = [hashlib.sha256(bytes((number,))).digest() for number in range(count)]
    assert second.merkle(leaves) == hashing.merkle_root(leaves)
