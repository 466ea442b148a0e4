"""The notarised digests of the wallet's ledger, read from where its notary has put them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.wallet.errors import DigestsUnavailableError, NoSuchDigestError, NothingNotarisedError
from ledger.notary.archive import Archive
from ledger.notary.notary import newest, numbered
from ledger.record import encode_bytes
from ledger.verification.ecdsa import Keys
from ledger.verification.notarised import Notarised


class NotarisedDigests:
    """The digests of one ledger. Each is given only if a key that is trusted has signed it."""

    def __init__(self, archive: Archive, ledger_name: str, keys: Callable[[], Keys]) -> None:
        """Take the archive; `keys` gives the public keys that may have signed, and is asked at the first digest."""
        self._archive = archive
        self._ledger_name = ledger_name
        self._ask_keys = keys
        self._known: Keys | None = None

    def newest(self) -> Notarised | None:
        """Give the newest digest, if there is one. Raises DigestsUnavailableError, ArchiveDamagedError."""
        with _available():
            return newest(self._archive, self._ledger_name, self._keys())

    def get(self, number: int | None) -> Notarised:
        """Give the digest of this number, or the newest.

        Raises NoSuchDigestError, NothingNotarisedError if there is none at all, and as `newest`.
        """
        if number is not None:
            with _available():
                found = numbered(self._archive, self._ledger_name, self._keys(), number)
            if found is not None:
                return found
        last = self.newest()
        if last is None:
            raise NothingNotarisedError
        if number is not None:
            raise NoSuchDigestError(last.statement.number)
        return last

    def shown(self, notarised: Notarised) -> dict[str, Any]:
        """Give a digest as answers show it: what was signed, the signature, and whose it is."""
        statement = notarised.statement
        return {
            "number": statement.number,
            "statement": statement.text,
            "signature": encode_bytes(notarised.signature),
            "keyId": statement.key_id,
            "publicKey": self._keys()[statement.key_id].to_pem(),
        }

    def _keys(self) -> Keys:
        if self._known is None:
            self._known = self._ask_keys()
        return self._known


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except BotoCoreError as error:
        raise DigestsUnavailableError from error
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) < 500:
            raise
        raise DigestsUnavailableError from error
