"""The file of a digest that was kept, with the fields of the one that the QLDB console saved; JSON is Ion text too."""

import json
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ledger import clock, ion
from ledger.cli.errors import UsageError
from ledger.control.digest import Digest
from ledger.journal.hashing import HASH_LENGTH
from ledger.record import encode_bytes

_FIELDS = ("digest", "digestTipAddress", "ledger", "date")


class DigestFile(NamedTuple):
    """A digest, of which ledger it is, and when it was given, as text."""

    digest: bytes
    tip_address: str
    ledger: str
    date: str


def of(digest: Digest, ledger: str, now: datetime) -> DigestFile:
    """Return what is to be kept of a digest."""
    return DigestFile(digest.digest, digest.tip_address, ledger, clock.write(now))


def to_json(kept: DigestFile) -> str:
    """Return the content of the file."""
    tip = ion.parse(kept.tip_address)
    tips = [_plain(each) for each in tip] if isinstance(tip, list) else _plain(tip)
    values = (encode_bytes(kept.digest), tips, kept.ledger, kept.date)
    return json.dumps(dict(zip(_FIELDS, values, strict=True)), indent=2)


def save(kept: DigestFile, path: Path) -> None:
    """Write the file.

    Raises:
        UsageError: there is such a file, or it cannot be written. A digest that was kept is never written over.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(to_json(kept) + "\n")
    except FileExistsError:
        raise UsageError(
            f"{path} is there already, and a digest that was kept is worth keeping: name another"
        ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def read(path: Path) -> DigestFile:
    """Return the digest that a file keeps, in JSON or Ion text.

    Raises:
        UsageError: it is no such file.
    """
    try:
        value = ion.parse(path.read_text(encoding="utf-8"))
        digest, tip, ledger, date = (dict(ion.fields(value))[name] for name in _FIELDS)
        text = str(tip) if isinstance(tip, str) else ion.text(tip)
        return DigestFile(_digest(digest), text, str(ledger), date if isinstance(date, str) else ion.text(date))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        fields = ", ".join(_FIELDS)
        raise UsageError(f"{path} is no file of a digest, with {fields}: {error}") from None


def _digest(value: ion.Value) -> bytes:
    digest = b64decode(value, validate=True) if isinstance(value, str) else bytes(value)
    # The last character of base64 has bits that do not count; even those are not to change unnoticed.
    if len(digest) != HASH_LENGTH or (isinstance(value, str) and encode_bytes(digest) != value):
        raise ValueError("its digest is not 32 bytes in base64")
    return digest


def _plain(address: ion.Value) -> dict[str, object]:
    return {"strandId": str(address["strandId"]), "sequenceNo": int(address["sequenceNo"])}
