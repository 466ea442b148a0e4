"""Proof of what the wallet says: the ledger's digest, and an account's revision with the proof that it is under one.

Whoever keeps a digest can check, today or in years, that a balance is the one that the ledger held then, without trust
in whoever runs the wallet: `verifier/verify.py` needs the answer and the digest, and nothing else.
"""

from __future__ import annotations

from base64 import b64encode

from pyqldb.driver.qldb_driver import QldbDriver

from lambdas.errors import BadInputError
from lambdas.gateway import Answer
from lambdas.wallet import history, requests
from lambdas.wallet.errors import NoSuchRevisionError
from ledger import clock, ion
from ledger.control.addresses import written
from ledger.control.digest import get_digest
from ledger.control.history import revision_address
from ledger.control.revision import ProvenRevision, get_revision
from ledger.errors import InvalidParameterException
from ledger.ledger import Ledger


class Verification:
    """The calls on one ledger. They only read."""

    def __init__(self, ledger: Ledger, driver: QldbDriver) -> None:
        """Take a ledger that has the wallet's tables, and a driver on it."""
        self._ledger = ledger
        self._driver = driver

    def digest(self) -> Answer:
        """Give the digest of the whole ledger as it is now: what to keep for checking answers against, later too."""
        found = get_digest(self._ledger)
        fields = {"digest": _base64(found.digest), "digestTipAddress": found.tip_address}
        return Answer(200, {**fields, "ledger": self._ledger.name, "date": clock.write(clock.now())})

    def verify(self, request: requests.Verify) -> Answer:
        """Give a revision of an account with its proof; values that are hashed are Ion text.

        Raises NoSuchAccountError, NoSuchRevisionError, and BadInputError for a digest that does not cover the revision.
        """
        document_id, newest = self._driver.execute_lambda(lambda txn: history.tip(txn, request.email))
        version = newest if request.version is None else request.version
        if version > newest:
            raise NoSuchRevisionError(newest)
        # Taken after the revision was read, a digest covers it.
        tip = request.digest_tip_address or get_digest(self._ledger).tip_address
        shown = self._revision(document_id, version, tip)
        fields = {"email": request.email, "documentId": document_id, "version": version, "ledger": self._ledger.name}
        proven = {"revision": ion.text(shown.revision), "proof": ion.text(shown.proof)}
        return Answer(200, {**fields, **proven, "digest": _base64(shown.digest or b""), "digestTipAddress": tip})

    def _revision(self, document_id: str, version: int, tip: str) -> ProvenRevision:
        address = written([revision_address(self._ledger, document_id, version)])
        try:
            return get_revision(self._ledger, address, document_id, tip)
        except InvalidParameterException as error:
            raise BadInputError(
                "digestTipAddress is not that of a digest of this ledger which covers the revision; "
                "send one from /digest that is younger than the revision, or none",
                field="digestTipAddress",
            ) from error


def _base64(digest: bytes) -> str:
    return b64encode(digest).decode()
