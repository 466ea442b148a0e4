"""Every flipped bit is caught, by both verifiers: in digest, proof, hash, metadata, data, and in all of a block."""

import random

import pytest

from ledger import ion
from tests.depth import DEEP
from tests.verifier.verdicts import is_proven


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def some_of(bits, count, everything):
    return bits if everything else random.sample(bits, min(count, len(bits)))


def flips(value, count, everything):
    """The value with bits of its Ion binary flipped, one at a time; what is no Ion any more is caught already.

    What is the same value as before, written another way, is left out: nothing in it has changed.
    """
    encoded, written = ion.dumps(value), ion.text(value)
    for bit in some_of(range(32, 8 * len(encoded)), count, everything):
        try:
            changed = ion.loads(flipped(encoded, bit))
            if ion.text(changed) != written:
                yield changed
        except (ValueError, ArithmeticError, TypeError, AttributeError, KeyError):
            continue


def with_field(struct, name, value):
    return ion.struct((field, value if field == name else old) for field, old in ion.fields(struct))


def cases(journal, *kinds):
    """What the journal shows, and for each whether every bit is to be tried: in `make deep` always, else for the first.

    The other bits are sampled, anew in each run.
    """
    exhausted = set() if len(journal.ledger.settings.strands) == 1 else set(kinds)
    for shown in journal.shown():
        is_plain = shown.kind == "block" or "data" in shown.value
        if shown.kind in kinds:
            yield shown, DEEP or (is_plain and shown.kind not in exhausted)
            exhausted |= {shown.kind} if is_plain else set()


def test_what_the_ledger_shows_is_proven(journal):
    verdicts = [is_proven(*shown) for shown in journal.shown()]
    assert all(verdicts)
    assert len(verdicts) >= 15


def test_a_flipped_bit_of_the_digest_is_caught(journal):
    for shown, everything in cases(journal, "block", "revision"):
        for bit in some_of(range(256), 10, everything):
            assert not is_proven(*shown._replace(digest=flipped(shown.digest, bit)))


def test_a_flipped_bit_of_a_hash_of_the_proof_is_caught(journal):
    for shown, everything in cases(journal, "block", "revision"):
        for position, sibling in enumerate(shown.proof):
            for bit in some_of(range(256), 2, everything):
                proof = [*shown.proof[:position], flipped(sibling, bit), *shown.proof[position + 1 :]]
                assert not is_proven(*shown._replace(proof=ion.loads(ion.dumps(proof))))


@pytest.mark.parametrize("field", ["hash", "metadata", "data"])
def test_a_flipped_bit_of_a_revision_is_caught(journal, field):
    tried = 0
    for shown, everything in cases(journal, "revision"):
        if field in shown.value:
            for changed in flips(shown.value[field], 40, everything):
                tried += 1
                assert not is_proven(*shown._replace(value=with_field(shown.value, field, changed)))
    assert tried > 50


@pytest.mark.timeout(3600)  # `make deep` flips a hundred thousand bits
def test_a_flipped_bit_of_a_block_is_caught(journal):
    tried = 0
    for shown, everything in cases(journal, "block"):
        for changed in flips(shown.value, 40, everything):
            tried += 1
            assert not is_proven(*shown._replace(value=changed)), ion.text(changed)
    assert tried > 100
