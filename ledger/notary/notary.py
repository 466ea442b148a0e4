"""Taking the next digest: prove that it continues the newest one in the archive, sign it, put it there."""

from datetime import datetime

from ledger import clock, strand
from ledger import settings as ledger_settings
from ledger.clock import Clock
from ledger.notary.archive import Archive, Entry
from ledger.notary.consistency import continuation
from ledger.notary.errors import ArchiveDamagedError, HistoryRewrittenError
from ledger.notary.signing import Signer
from ledger.settings import LedgerNotFoundError, Settings
from ledger.store.base import Store
from ledger.verification.ecdsa import Keys
from ledger.verification.notarised import Notarised, check_signature
from ledger.verification.shapes import NotProvenError
from ledger.verification.statement import Statement


class Notary:
    """Notarises one ledger's digests. Any number of them MAY run at once.

    What came before it takes from the archive alone: the ledger's owner can change what is in the ledger's table.
    """

    def __init__(
        self, store: Store, ledger: str, archive: Archive, signer: Signer, *, former: Keys | None = None
    ) -> None:
        """Notarise the digests of a ledger in `store`.

        Args:
            former: keys that have signed before `signer` did, by their ids.
        """
        self._store = store
        self._ledger = ledger
        self._archive = archive
        self._signer = signer
        self._keys = {**(former or {}), signer.key_id: signer.public_key}

    def notarise(self, now: Clock = clock.now) -> Notarised | None:
        """Notarise the ledger's digest; `None` if nothing is new, or another notary was faster.

        Raises:
            HistoryRewrittenError: the ledger is not the continuation of what was notarised before.
            ArchiveDamagedError: the newest digest in the archive is none.
            StoreError: the ledger cannot be read.
            LedgerNotFoundError: there is no ledger, and never was one.
        """
        previous = self.newest()
        made = self._first(now()) if previous is None else self._next(previous, now())
        if made is None:
            return None
        if previous is None or previous.statement.key_id != self._signer.key_id:
            self._archive.publish(self._signer.public_key)
        # If the process dies before this line nothing has happened; after it, the digest counts.
        written = self._archive.write(made.statement.number, made.to_json().encode())
        return made if written else None

    def newest(self) -> Notarised | None:
        """Return the newest digest in the archive, its signature checked.

        Raises:
            ArchiveDamagedError: it is none.
        """
        return newest(self._archive, self._ledger, self._keys)

    def _first(self, now: datetime) -> Notarised:
        strands = ledger_settings.load(self._store, self._ledger).strands
        tips = [strand.tip(self._store, strand_id) for strand_id in strands]
        return self._signed(
            Statement(
                ledger=self._ledger,
                number=0,
                date=clock.write(now),
                tips=tuple(tip.address for tip in tips),
                roots=tuple(tip.digest for tip in tips),
                previous=None,
                key_id=self._signer.key_id,
            ),
            (),
        )

    def _next(self, previous: Notarised, now: datetime) -> Notarised | None:
        before = previous.statement
        found = continuation(self._store, self._settings(before), before)
        if found.problems:
            raise HistoryRewrittenError(self._ledger, found.problems)
        if not found.has_moved(before):
            return None
        statement = before._replace(
            number=before.number + 1,
            date=clock.write(now),
            tips=tuple(tip.address for tip in found.tips),
            roots=tuple(tip.digest for tip in found.tips),
            previous=before.hash,
            key_id=self._signer.key_id,
        )
        return self._signed(statement, found.proofs)

    def _settings(self, before: Statement) -> Settings:
        try:
            return ledger_settings.load(self._store, self._ledger)
        except LedgerNotFoundError as error:
            raise HistoryRewrittenError(self._ledger, [f"{before.name} covers it, and it is not there"]) from error

    def _signed(self, statement: Statement, proofs: tuple[tuple[bytes, ...], ...]) -> Notarised:
        return Notarised(statement, self._signer.sign(statement.text.encode()), proofs)


def newest(archive: Archive, ledger: str, keys: Keys) -> Notarised | None:
    """Return the newest digest in an archive, its signature checked; `None` if there is none.

    Raises:
        ArchiveDamagedError: it is none.
    """
    entry = archive.newest()
    return None if entry is None else _read(archive, ledger, keys, entry)


def numbered(archive: Archive, ledger: str, keys: Keys, number: int) -> Notarised | None:
    """Return the digest of this number in an archive, its signature checked; `None` if there is none.

    Raises:
        ArchiveDamagedError: it is none.
    """
    entry = next(archive.entries(number), None)
    return None if entry is None or entry.number != number else _read(archive, ledger, keys, entry)


def _read(archive: Archive, ledger: str, keys: Keys, entry: Entry) -> Notarised:
    where = f"number {entry.number} in the archive of ledger {ledger}"
    if entry.version is None:
        raise ArchiveDamagedError(f"{where} was removed: nothing can be proven to follow it")
    try:
        notarised = Notarised.read(archive.read(entry))
        check_signature(notarised, keys)
    except NotProvenError as error:
        raise ArchiveDamagedError(f"{where} is no digest that a notary has signed: {error}") from error
    if (notarised.statement.ledger, notarised.statement.number) != (ledger, entry.number):
        raise ArchiveDamagedError(f"{where} is {notarised.statement.name} of ledger {notarised.statement.ledger}")
    return notarised
