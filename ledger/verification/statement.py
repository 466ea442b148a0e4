"""What a notary signs: the digest of a ledger at one moment, and which earlier digest it follows.

A statement is JSON in one form only, so that its text is what was signed, byte for byte, and reads in any language:
ASCII, no spaces, the fields below in this order. It has the fields of the file that QLDB's console saved.
"""

import json
from base64 import b64decode
from hashlib import sha256
from typing import Any, NamedTuple

from ledger.journal.hashing import HASH_LENGTH, merkle_root
from ledger.journal.revision import BlockAddress
from ledger.record import encode_bytes
from ledger.verification.shapes import NotProvenError

TYPE = "verifiable-ledger/digest/1"
_STEP = "read the statement"


class Statement(NamedTuple):
    """A digest as a notary states it.

    Attributes:
        number: 0 for the first of a ledger, one more for each that follows.
        date: when it was taken, `2026-07-30T10:15:00.123Z`.
        tips: the last block that it covers of each strand, in the order of the ledger's strands.
        roots: the root over each strand's blocks up to there.
        previous: the hash of the statement before it; `None` for the first.
        key_id: which key is to have signed it.
    """

    ledger: str
    number: int
    date: str
    tips: tuple[BlockAddress, ...]
    roots: tuple[bytes, ...]
    previous: bytes | None
    key_id: str

    @property
    def digest(self) -> bytes:
        """Return the digest: the root over the strands' roots."""
        return merkle_root(self.roots)

    @property
    def tip_addresses(self) -> Any:
        """Return `digestTipAddress` as JSON: an address, or with several strands the list of them."""
        addresses = [{"strandId": tip.strand_id, "sequenceNo": tip.sequence_no} for tip in self.tips]
        return addresses[0] if len(addresses) == 1 else addresses

    @property
    def text(self) -> str:
        """Return the text whose bytes are signed."""
        fields = {
            "type": TYPE,
            "ledger": self.ledger,
            "number": self.number,
            "date": self.date,
            "digest": encode_bytes(self.digest),
            "digestTipAddress": self.tip_addresses,
            "strandRoots": [encode_bytes(root) for root in self.roots],
            "previous": None if self.previous is None else encode_bytes(self.previous),
            "keyId": self.key_id,
        }
        return json.dumps(fields, separators=(",", ":"))

    @property
    def hash(self) -> bytes:
        """Return the SHA-256 of the text, by which the next statement names this one."""
        return sha256(self.text.encode()).digest()

    @property
    def name(self) -> str:
        """Return how messages name it."""
        return f"digest {self.number} of {self.date}"

    @staticmethod
    def read(text: str) -> "Statement":
        """Return the statement with this text.

        Raises:
            NotProvenError: it is none, or is written in another way than statements are.
        """
        try:
            statement = _statement(json.loads(text))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotProvenError(_STEP, f"it is none: {error!r}") from None
        if statement.text != text:
            raise NotProvenError(_STEP, "it is not written as statements are, or its digest is not that of its roots")
        return statement


def _statement(fields: Any) -> Statement:
    tips = fields["digestTipAddress"]
    texts = [fields[name] for name in ("ledger", "date", "keyId")]
    roots = tuple(_hash(root) for root in fields["strandRoots"])
    addresses = tuple(_address(tip) for tip in (tips if isinstance(tips, list) else [tips]))
    if not all(isinstance(text, str) for text in texts) or type(fields["number"]) is not int or fields["number"] < 0:
        raise ValueError("ledger, date and keyId are texts, and number a number from 0 on")
    if not roots or len({tip.strand_id for tip in addresses}) != len(roots) or len(addresses) != len(roots):
        raise ValueError("it does not have one tip and one root for each strand")
    previous = None if fields["previous"] is None else _hash(fields["previous"])
    if (previous is None) != (fields["number"] == 0):
        raise ValueError("the first statement follows none, and every other one follows one")
    ledger, date, key_id = texts
    return Statement(ledger, fields["number"], date, addresses, roots, previous, key_id)


def _address(value: Any) -> BlockAddress:
    strand_id, sequence_no = value["strandId"], value["sequenceNo"]
    if not isinstance(strand_id, str) or type(sequence_no) is not int or sequence_no < 0:
        raise ValueError("a tip is not a block address")
    return BlockAddress(strand_id, sequence_no)


def _hash(value: Any) -> bytes:
    decoded = b64decode(value, validate=True)
    if len(decoded) != HASH_LENGTH:
        raise ValueError(f"a hash has {HASH_LENGTH} bytes, got {len(decoded)}")
    return decoded
