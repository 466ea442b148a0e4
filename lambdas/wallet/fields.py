"""Fields of a request that are text: e-mail addresses, user names, page sizes. None is ever echoed in a message."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from lambdas.errors import BadInputError

MAX_EMAIL = 254
MAX_USERNAME = 100
MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Cn", "Co", "Zl", "Zp"})
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def email(value: Any, field: str = "email") -> str:
    """Check an e-mail address and give the form that names the account: no spaces around, all in lower case.

    RFC 5321 lets a host tell Ana@ from ana@; hosts that do are next to none, and money sent to the wrong one of two
    accounts that differ by a capital is lost. Takes the dot-atom form with a domain of two labels or more, ASCII only
    (international domains in their xn-- form), at most 254 characters. Raises BadInputError.
    """
    text = _text(value, field).strip(" \t\r\n").lower()
    if len(text) > MAX_EMAIL:
        raise BadInputError(f"{field} is longer than {MAX_EMAIL} characters; send a shorter address", field=field)
    if not text.isascii() or not _EMAIL.fullmatch(text):
        raise BadInputError(
            f"{field} is not an e-mail address; send one like ana@example.com (in a query write + as %2B)", field=field
        )
    return text


def username(value: Any, field: str = "username") -> str:
    """Check a user name: 1 to 100 characters in any script, no control characters; given trimmed and in Unicode NFC."""
    text = unicodedata.normalize("NFC", _text(value, field)).strip()
    if not 1 <= len(text) <= MAX_USERNAME:
        raise BadInputError(
            f"{field} must have 1 to {MAX_USERNAME} characters, got {len(text)}; send a shorter or longer name",
            field=field,
        )
    if any(unicodedata.category(char) in _UNSAFE_CATEGORIES or char in _BIDI_CONTROLS for char in text):
        raise BadInputError(f"{field} has control characters in it; send letters, digits and spaces", field=field)
    return text


def page_size(value: Any, field: str = "pageSize") -> int:
    """Check how many revisions a page shall have: a whole number from 1 to 100."""
    if isinstance(value, Decimal) and value in range(1, MAX_PAGE_SIZE + 1):
        return int(value)
    raise BadInputError(
        f"{field} must be a whole number from 1 to {MAX_PAGE_SIZE}; leave it out for {DEFAULT_PAGE_SIZE}", field=field
    )


def version(value: Any, field: str = "version") -> int:
    """Check that a version is one that a revision can have: a whole number from 0 on."""
    # adjusted() is the exponent of the first digit: it bounds the size before anything is expanded.
    if (
        isinstance(value, Decimal)
        and value.is_finite()
        and value >= 0
        and value.adjusted() < 10
        and value == int(value)
    ):
        return int(value)
    raise BadInputError(f"{field} must be a whole number from 0 on; leave it out for the newest", field=field)


def digest_tip_address(value: Any, field: str = "digestTipAddress") -> str:
    """Check that the tip of a digest is text; what it says is looked at where digests are made."""
    return _text(value, field)


def page_token(value: Any, field: str = "pageToken") -> str:
    """Check that a page token is text; what it says is looked at where it was made."""
    return _text(value, field)


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise BadInputError(f"{field} must be a string; put it in double quotes", field=field)
    return value
