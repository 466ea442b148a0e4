"""Ids of documents, tables, indexes, strands and transactions: 128 random bits in QLDB's 22 characters of base62.

The two 64-bit halves are written as 11 digits each, most significant first (QLDB guide, "Unique IDs"; the exact
encoding was found by decoding published ids). Clients MUST treat an id as opaque.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 22
_HALF = LENGTH // 2


def new_id() -> str:
    """Return a fresh id."""
    return encode(secrets.token_bytes(16))


def is_id(text: str) -> bool:
    """Tell whether `text` can be an id."""
    return len(text) == LENGTH and text.isascii() and text.isalnum()


def encode(data: bytes) -> str:
    """Return the id of 16 bytes."""
    return _digits(int.from_bytes(data[:8], "big")) + _digits(int.from_bytes(data[8:], "big"))


def decode(text: str) -> bytes:
    """Return the 16 bytes of an id.

    Raises:
        ValueError: the text is not an id.
    """
    try:
        return _number(text[:_HALF]).to_bytes(8, "big") + _number(text[_HALF:]).to_bytes(8, "big")
    except (ValueError, OverflowError):
        raise ValueError(f"not an id of {LENGTH} base62 characters: {text!r}") from None


def _digits(number: int) -> str:
    digits = []
    for _ in range(_HALF):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def _number(digits: str) -> int:
    if len(digits) != _HALF:
        raise ValueError(digits)
    number = 0
    for digit in digits:
        number = number * 62 + ALPHABET.index(digit)
    return number
