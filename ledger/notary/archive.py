"""Where notarised digests are kept: written once, found by their numbers, newest first or from any one on."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple, Protocol

from ledger.verification.ecdsa import PublicKey

_GROUP = 1000


class Entry(NamedTuple):
    """The place of one notarised digest.

    Attributes:
        version: of the object that was written there first, the authentic one; `None` if that is gone.
        is_sole: nothing was written over it, and it is not hidden by a deletion.
    """

    number: int
    version: str | None
    is_sole: bool


class Archive(Protocol):
    """Notarised digests of one ledger. What is written MUST NOT be changed by whoever can write to the ledger."""

    def newest(self) -> Entry | None:
        """Return the entry with the highest number; `None` if there is none."""

    def entries(self, first: int) -> Iterator[Entry]:
        """Give the entries from a number on, by number."""

    def read(self, entry: Entry) -> bytes:
        """Return what was first written there."""

    def locked_until(self, entry: Entry) -> datetime | None:
        """Return until when it cannot be removed; `None` if nothing promises that."""

    def write(self, number: int, data: bytes) -> bool:
        """Write an entry; `False`, and nothing is written, if there is one."""

    def publish(self, key: PublicKey) -> None:
        """Put a public key beside the digests, unless it is there."""


class FolderArchive:
    """An archive in a folder, laid out as in a bucket: for drills, and for auditors who copied the bucket."""

    def __init__(self, folder: Path, ledger: str) -> None:
        """Use a folder; it is made when first written to."""
        self._folder = folder
        self._ledger = ledger

    def newest(self) -> Entry | None:
        """Return the entry with the highest number."""
        paths = sorted(self._folder.glob(digest_key(self._ledger, None)))
        return _entry(paths[-1]) if paths else None

    def entries(self, first: int) -> Iterator[Entry]:
        """Give the entries from a number on."""
        for path in sorted(self._folder.glob(digest_key(self._ledger, None))):
            if int(path.stem) >= first:
                yield _entry(path)

    def read(self, entry: Entry) -> bytes:
        """Return what the file holds."""
        return (self._folder / digest_key(self._ledger, entry.number)).read_bytes()

    def locked_until(self, entry: Entry) -> None:
        """Return None: a file can be removed at any time."""

    def write(self, number: int, data: bytes) -> bool:
        """Write a file, unless it is there."""
        return _write_once(self._folder / digest_key(self._ledger, number), data)

    def publish(self, key: PublicKey) -> None:
        """Write the file of a public key, unless it is there."""
        _write_once(self._folder / public_key_key(self._ledger, key), key.to_pem().encode())


def digests_prefix(ledger: str) -> str:
    """Return what the keys of all digests of a ledger begin with."""
    return f"{ledger}/digests/"


def digest_key(ledger: str, number: int | None) -> str:
    """Return the key of a digest, such as `captable1/digests/000012/000012345.json`; of `None`, the pattern of all.

    It depends on the number alone, so that two notaries at once cannot both write a number. A thousand go together:
    one listing of the groups and one of the last group find the newest.
    """
    if number is None:
        return f"{digests_prefix(ledger)}[0-9]*/[0-9]*.json"
    return f"{digests_prefix(ledger)}{number // _GROUP:06d}/{number:09d}.json"


def public_key_key(ledger: str, key: PublicKey) -> str:
    """Return the key of a public key, named by its SHA-256."""
    return f"{ledger}/keys/{key.fingerprint}.pem"


def _entry(path: Path) -> Entry:
    return Entry(int(path.stem), "", is_sole=True)


def _write_once(path: Path, data: bytes) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        # A link is there with all that it holds or not at all, and never takes another's place.
        try:
            path.hardlink_to(file.name)
        except FileExistsError:
            return False
    return True
