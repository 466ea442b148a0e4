"""Addresses as requests bring them and answers show them: Ion text of a block, and of the tips that a digest covers.

Over one strand a digest's tip is the address of a block, exactly as QLDB's. Over several it is the list of the
addresses of their tips, every strand once: `[{strandId:"...",sequenceNo:7},{strandId:"...",sequenceNo:4}]`.
"""

from collections.abc import Sequence

from ledger import ion
from ledger.errors import InvalidParameterException
from ledger.journal.revision import BlockAddress

_MOST = 1 << 62


def block_address(text: str, parameter: str = "BlockAddress") -> BlockAddress:
    """Return the block address in `text`.

    Raises:
        InvalidParameterException: it is none.
    """
    address = _address(_parsed(text, parameter))
    if address is None:
        raise _refused(text, parameter, '{strandId:"<id>",sequenceNo:<number>}')
    return address


def tip_addresses(text: str, strands: Sequence[str], parameter: str = "DigestTipAddress") -> tuple[BlockAddress, ...]:
    """Return the tip of each strand, in the order of `strands`.

    Raises:
        InvalidParameterException: the text does not name a block of every strand.
    """
    value = _parsed(text, parameter)
    addresses = [_address(item) for item in (value if isinstance(value, list) else [value])]
    tips = {address.strand_id: address for address in addresses if address is not None}
    if len(addresses) != len(strands) or tips.keys() != set(strands):
        raise _refused(text, parameter, "the DigestTipAddress of a digest of this ledger, as it was given")
    return tuple(tips[strand_id] for strand_id in strands)


def written(tips: Sequence[BlockAddress]) -> str:
    """Return a block's address, or the tips of several strands, as Ion text."""
    addresses = [tip.to_ion() for tip in tips]
    return ion.text(addresses[0] if len(addresses) == 1 else addresses)


def _parsed(text: str, parameter: str) -> ion.Value:
    try:
        return ion.parse(text)
    except ion.IonError as error:
        raise InvalidParameterException(f"{parameter} is {error}", parameter) from None


def _address(value: ion.Value) -> BlockAddress | None:
    if ion.type_of(value) is not ion.IonType.STRUCT or ion.is_null(value):
        return None
    pairs = list(ion.fields(value))
    match dict(pairs):
        case {"strandId": str(strand_id), "sequenceNo": int(sequence_no), **rest} if not rest and len(pairs) == 2:
            numbered = ion.type_of(sequence_no) is ion.IonType.INT and 0 <= sequence_no < _MOST
            return BlockAddress(str(strand_id), int(sequence_no)) if numbered else None
    return None


def _refused(text: str, parameter: str, expected: str) -> InvalidParameterException:
    shown = text if len(text) <= 100 else f"{text[:100]}..."
    return InvalidParameterException(f"{parameter} is {shown}: give {expected}", parameter)
