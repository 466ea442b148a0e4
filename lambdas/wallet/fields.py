"""Fields of a request that are text or count: e-mail addresses, user names, pages. None is ever echoed in a message."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from lambdas.errors import BadInputError
from lambdas.wallet.rule import Rule

MAX_EMAIL = 254
MAX_USERNAME = 100
MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20
MAX_VERSION = 10**10 - 1

# The patterns are read alike by Python, ECMAScript and Rust, so that the schemas hold what the checks check.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = rf"^[ \t\r\n]*(?![^@]{{65}}){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+[ \t\r\n]*$"

_SPACES = r"\t\r\n \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_CONTROLS = r"\u0000-\u001f\u007f-\u009f"
_LINES_AND_DIRECTIONS = r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
_NO_CHARACTERS = r"\ufdd0-\ufdef\ufffe\uffff"
_UNSAFE = _CONTROLS + _LINES_AND_DIRECTIONS + _NO_CHARACTERS
_USERNAME = rf"^[{_SPACES}]*[^{_SPACES}{_UNSAFE}][^{_UNSAFE}]*[{_SPACES}]*$"

_is_email = re.compile(_EMAIL).fullmatch
_is_username = re.compile(_USERNAME).fullmatch


def email(value: Any, field: str = "email") -> str:
    """Check an e-mail address and give the form that names the account: no spaces around, all in lower case.

    RFC 5321 lets a host tell Ana@ from ana@; hosts that do are next to none, and money sent to the wrong one of two
    accounts that differ by a capital is lost. Takes the dot-atom form with a domain of two labels or more, ASCII only
    (international domains in their xn-- form), at most 254 characters as it was sent. Raises BadInputError.
    """
    address = text(value, field)
    if len(address) > MAX_EMAIL:
        raise BadInputError(f"{field} is longer than {MAX_EMAIL} characters; send a shorter address", field=field)
    # Before lower(), which makes ASCII letters of some that are not, such as the Kelvin sign.
    if not _is_email(address):
        raise BadInputError(
            f"{field} is not an e-mail address; send one like ana@example.com (in a query write + as %2B)", field=field
        )
    return address.strip().lower()


def username(value: Any, field: str = "username") -> str:
    """Check a user name: 1 to 100 characters in any script, no control characters; given trimmed and in Unicode NFC."""
    name = text(value, field)
    if len(name) > MAX_USERNAME or not name.strip():
        raise BadInputError(
            f"{field} must have 1 to {MAX_USERNAME} characters, got {len(name.strip())}; send a shorter or longer name",
            field=field,
        )
    if not _is_username(name):
        raise BadInputError(f"{field} has control characters in it; send letters, digits and spaces", field=field)
    return unicodedata.normalize("NFC", name).strip()


def page_size(value: Any, field: str = "pageSize") -> int:
    """Check how many revisions a page shall have: a whole number from 1 to 100."""
    if is_whole(value) and 1 <= value <= MAX_PAGE_SIZE:
        return int(value)
    raise BadInputError(
        f"{field} must be a whole number from 1 to {MAX_PAGE_SIZE}; leave it out for {DEFAULT_PAGE_SIZE}", field=field
    )


def version(value: Any, field: str = "version") -> int:
    """Check that a version is one that a revision can have: a whole number from 0 on."""
    if is_whole(value) and 0 <= value <= MAX_VERSION:
        return int(value)
    raise BadInputError(f"{field} must be a whole number from 0 on; leave it out for the newest", field=field)


def digest_tip_address(value: Any, field: str = "digestTipAddress") -> str:
    """Check that the tip of a digest is text; what it says is looked at where digests are made."""
    return text(value, field)


def page_token(value: Any, field: str = "pageToken") -> str:
    """Check that a page token is text; what it says is looked at where it was made."""
    return text(value, field)


EMAIL = Rule(
    email,
    {
        "type": "string",
        "maxLength": MAX_EMAIL,
        "pattern": _EMAIL,
        "description": "An e-mail address of at most 254 characters; case and spaces around it do not count",
        "examples": ["ana@example.com"],
    },
)
USERNAME = Rule(
    username,
    {
        "type": "string",
        "maxLength": MAX_USERNAME,
        "pattern": _USERNAME,
        "description": "1 to 100 characters of any script, no control characters",
        "examples": ["Ana"],
    },
)
PAGE_SIZE = Rule(
    page_size,
    {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_PAGE_SIZE,
        "default": DEFAULT_PAGE_SIZE,
        "description": "1 to 100, by default 20",
    },
)
PAGE_TOKEN = Rule(page_token, {"type": "string", "description": "The nextPageToken of an answer"})
VERSION = Rule(
    version,
    {
        "type": "integer",
        "minimum": 0,
        "maximum": MAX_VERSION,
        "description": "0 to the newest, by default that",
    },
)
DIGEST_TIP_ADDRESS = Rule(
    digest_tip_address,
    {"type": "string", "description": "The digestTipAddress of an earlier digest, by default a new digest's"},
)


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number."""
    return isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value()


def text(value: Any, field: str) -> str:
    """Check that a value is text, of whole characters. Raises BadInputError."""
    if not isinstance(value, str):
        raise BadInputError(f"{field} must be a string; put it in double quotes", field=field)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInputError(f"{field} has half of a surrogate pair in it; send whole characters", field=field) from None
    return value
