"""Where the commands get digests, blocks and revisions from: a store that they open, or a server that speaks QLDB."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from ledger import ion
from ledger.cli.places import opened_store
from ledger.control.addresses import written
from ledger.control.block import get_block
from ledger.control.digest import Digest, get_digest
from ledger.control.history import revision_address
from ledger.control.revision import get_revision
from ledger.ledger import Ledger


class Shown(NamedTuple):
    """A block or a revision as clients see it, and its proof, a list of hashes; `None` if no tip was given."""

    value: ion.Value
    proof: ion.Value | None


class Journal(Protocol):
    """What QLDB's control plane answers about one journal; addresses are Ion text."""

    def digest(self) -> Digest:
        """Return the digest of the ledger as it is now."""

    def block(self, address: str, tip: str | None) -> Shown:
        """Return a block. Raises InvalidParameterException."""

    def revision(self, address: str, document_id: str, tip: str | None) -> Shown:
        """Return a revision of a document. Raises InvalidParameterException."""

    def address(self, document_id: str, version: int | None) -> str:
        """Return the address of the block with a version of a document, or with its newest."""


@contextmanager
def opened_journal(options: argparse.Namespace) -> Iterator[Journal]:
    """Open the journal of the ledger that the arguments name."""
    if options.endpoint is not None:
        # Imported here: the other places have no use of it.
        from ledger.cli.remote_journal import opened_remote_journal  # noqa: PLC0415

        with opened_remote_journal(options.endpoint, options.ledger) as journal:
            yield journal
    else:
        with opened_store(options) as store:
            yield _Local(Ledger(store, options.ledger))


class _Local:
    """A journal in a store."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def digest(self) -> Digest:
        return get_digest(self._ledger)

    def block(self, address: str, tip: str | None) -> Shown:
        return Shown(*get_block(self._ledger, address, tip)[:2])

    def revision(self, address: str, document_id: str, tip: str | None) -> Shown:
        return Shown(*get_revision(self._ledger, address, document_id, tip)[:2])

    def address(self, document_id: str, version: int | None) -> str:
        return written([revision_address(self._ledger, document_id, version)])
