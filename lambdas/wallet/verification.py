"""Proof of what the wallet says: the ledger's digest, and an account's revision with the proof that it is under one.

Whoever keeps a digest can check, today or in years, that a balance is the one that the ledger held then, without trust
in whoever runs the wallet: `verifier/verify.py` needs the answer and the digest, and nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from pyqldb.driver.qldb_driver import QldbDriver

from lambdas.errors import BadInputError
from lambdas.gateway import Answer
from lambdas.wallet import accounts, history, requests
from lambdas.wallet.errors import (
    NoNotaryError,
    NoSuchAccountError,
    NoSuchRevisionError,
    NotCoveredYetError,
    NotYourWalletError,
    ReceiptMismatchError,
)
from lambdas.wallet.notarised import NotarisedDigests
from ledger import clock, ion
from ledger.control.addresses import written
from ledger.control.digest import get_digest
from ledger.control.history import revision_address
from ledger.control.receipt import NotCoveredError, prove, receipt_at
from ledger.control.revision import ProvenRevision, get_revision
from ledger.errors import InvalidParameterException
from ledger.ledger import Ledger


class Verification:
    """The calls on one ledger. They only read."""

    def __init__(self, ledger: Ledger, driver: QldbDriver, digests: NotarisedDigests | None = None) -> None:
        """Take a ledger that has the wallet's tables, a driver on it, and if it has a notary, its notarised digests."""
        self._ledger = ledger
        self._driver = driver
        self._digests = digests

    def digest(self, request: requests.Digest) -> Answer:
        """Give the digest of the whole ledger as it is now: what to keep for checking answers against, later too.

        And the notarised digest that is asked for, or the newest if there is one.
        Raises NoNotaryError, NothingNotarisedError, NoSuchDigestError, DigestsUnavailableError.
        """
        found = get_digest(self._ledger)
        fields = {"digest": _base64(found.digest), "digestTipAddress": found.tip_address}
        fields |= {"ledger": self._ledger.name, "date": clock.write(clock.now())}
        return Answer(200, {**fields, **self._notarised(request.digest_number)})

    def proof(self, request: requests.Proof, owner: str | None = None) -> Answer:
        """Give the receipt as the ledger has it, with its proof against a notarised digest.

        `owner` is the e-mail address of a caller who may see only the receipts of an own account.
        Raises NotYourWalletError, NoNotaryError, ReceiptMismatchError, NothingNotarisedError, NoSuchDigestError,
        NotCoveredYetError, DigestsUnavailableError, and BadInputError for a named digest that is too old.
        """
        if owner is not None:
            self._check_owner(owner, request.document_id)
        if self._digests is None:
            raise NoNotaryError
        self._check_receipt(request)
        statement = self._digests.get(request.digest_number).statement
        try:
            return Answer(200, prove(self._ledger, request.document_id, request.block_address, statement))
        except NotCoveredError as error:
            if request.digest_number is None:
                raise NotCoveredYetError(statement.number) from error
            raise BadInputError(
                "the digest of digestNumber is older than the transaction; send a newer one, or none for the newest",
                field="digestNumber",
            ) from error

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

    def _notarised(self, number: int | None) -> dict[str, Any]:
        if self._digests is None:
            if number is not None:
                raise NoNotaryError
            return {}
        found = self._digests.newest() if number is None else self._digests.get(number)
        return {} if found is None else {"notarised": self._digests.shown(found)}

    def _check_owner(self, email: str, document_id: str) -> None:
        try:
            own, _ = self._driver.execute_lambda(lambda txn: history.tip(txn, email))
        except NoSuchAccountError:
            own = None
        if own != document_id:
            raise NotYourWalletError("documentId")

    def _check_receipt(self, request: requests.Proof) -> None:
        """Check that the ledger holds what the receipt says, but for data that was redacted since."""
        try:
            kept = receipt_at(self._ledger, request.document_id, request.block_address, accounts.TABLE)
        except InvalidParameterException as error:
            raise ReceiptMismatchError(_FIELDS[error.parameter]) from error
        redacted = "dataHash" in dict(ion.fields(ion.parse(kept["revision"])))
        for name, said in request.copies.items():
            if kept[name] != said and not (redacted and name == "revision"):
                raise ReceiptMismatchError(name)

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


_FIELDS = {"BlockAddress": "blockAddress", "DocumentId": "documentId"}


def _base64(digest: bytes) -> str:
    return b64encode(digest).decode()
