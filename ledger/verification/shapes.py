"""The shapes of what is verified, and the steps of a verification."""

from collections.abc import Collection
from typing import NamedTuple

from ledger import ion
from ledger.journal.hashing import HASH_LENGTH
from ledger.journal.revision import BlockAddress
from ledger.record import encode_bytes


class NotProvenError(ValueError):
    """A step failed: what was shown is not what the digest stands for.

    Attributes:
        step: the step that failed.
        problem: how it failed.
    """

    def __init__(self, step: str, problem: str) -> None:
        self.step = step
        self.problem = problem
        super().__init__(f"{step}: {problem}")


class Step(NamedTuple):
    """A step that was passed: what was checked, and what was found there."""

    name: str
    found: str


def same_hash(step: str, given: bytes, computed: bytes) -> Step:
    """Return the step of comparing two hashes.

    Raises:
        NotProvenError: they differ.
    """
    if given != computed:
        raise NotProvenError(step, f"it is given as {encode_bytes(given)}, computed is {encode_bytes(computed)}")
    return Step(step, encode_bytes(computed))


def fields(
    step: str, value: ion.Value, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, ion.Value]:
    """Return the fields of a struct.

    Raises:
        NotProvenError: it is none, or lacks a required field, or has one twice or that is neither.
    """
    if not is_a(value, ion.IonType.STRUCT):
        raise NotProvenError(step, f"expected a struct, got {_described(value)}")
    pairs = list(ion.fields(value))
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotProvenError(step, "a field is there twice")
    if missing := [name for name in required if name not in found]:
        raise NotProvenError(step, f"{missing[0]} is missing")
    if unknown := [name for name in found if name not in required and name not in optional]:
        raise NotProvenError(step, f"{unknown[0][:40]!r} is no field of it")
    return found


def items(step: str, value: ion.Value) -> list[ion.Value]:
    """Return the items of a list.

    Raises:
        NotProvenError: it is none.
    """
    if not is_a(value, ion.IonType.LIST):
        raise NotProvenError(step, f"expected a list, got {_described(value)}")
    return list(value)


def hash_of(step: str, value: ion.Value) -> bytes:
    """Return the hash that a blob holds.

    Raises:
        NotProvenError: it holds none.
    """
    if not is_a(value, ion.IonType.BLOB):
        raise NotProvenError(step, f"expected a hash, got {_described(value)}")
    if len(value) != HASH_LENGTH:
        raise NotProvenError(step, f"a hash has {HASH_LENGTH} bytes, got {len(value)}")
    return bytes(value)


def address(step: str, value: ion.Value) -> BlockAddress:
    """Return the block address that a struct holds.

    Raises:
        NotProvenError: it holds none.
    """
    strand_id, sequence_no = (fields(step, value, BLOCK_ADDRESS)[name] for name in BLOCK_ADDRESS)
    if not is_a(strand_id, ion.IonType.STRING) or not is_a(sequence_no, ion.IonType.INT) or sequence_no < 0:
        raise NotProvenError(step, "the block address is none")
    return BlockAddress(str(strand_id), int(sequence_no))


def is_a(value: ion.Value, ion_type: ion.IonType) -> bool:
    """Tell whether a value is of this type, not null, and without annotations."""
    return ion.type_of(value) is ion_type and not ion.is_null(value) and not ion.annotations(value)


def _described(value: ion.Value) -> str:
    plain = ion.type_of(value).name.lower()
    if ion.is_null(value):
        return f"null.{plain}"
    return f"an annotated {plain}" if ion.annotations(value) else f"a {plain}"


BLOCK_ADDRESS = ("strandId", "sequenceNo")
