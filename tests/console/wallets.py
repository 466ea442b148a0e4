"""A folder with two ledgers full of wallets, and evidence of them: for the console's tests and its pictures.

Every run makes the same changes on the same strands, on a clock of its own that goes through weeks.
"""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from lambdas.wallet.requests import AddFunds, CreateAccount, TransferFunds, WithdrawFunds
from lambdas.wallet.wallet import Wallet
from ledger import clock, ion, settings
from ledger.audit.auditor import Auditor
from ledger.audit.files import FolderAuditFiles
from ledger.control.history import revisions
from ledger.driver import driver_of
from ledger.ledger import Ledger
from ledger.notary.archive import FolderArchive
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from ledger.store import SQLiteStore

PEOPLE = ("Ana Sousa", "Bob Lind", "Chandra Rao", "Dora Weiss", "Emre Aydin", "Fay O'Neil", "Goran Ilić", "Hana Sato")
EVIDENCE = "evidence"
LEAVING = "leaver@example.com"
BEGIN = datetime(2026, 8, 3, 7, 30, tzinfo=UTC)
SIGNER = LocalSigner("arn:aws:kms:us-east-1:000000000000:key/5f0c1c9e-55d7-4a34-9a53-3b9f2d6f7a10", secret=20260803)
INDEXES = {"wallettable": "email", "idempotency": "key", "Vehicle": "VIN"}
VEHICLE = ion.parse(
    """{VIN: "1N4AL11D75C109151", Owner: {Name: "Ann", Since: 2021T}, Tags: [fleet, "night shift"],
    Mileage: 41250, Price: 18999.50, Tank: 0.75e0, Photo: {{iVBORw0KGgo=}}, Sold: null.timestamp, Ok: true}"""
)


class Wallets(NamedTuple):
    """A folder, and what is in its ledgers `captable1`, on one strand, and `captable4`, on four.

    Attributes:
        evidence: the folder with notarised digests and the reports of two audits.
        public_key: the file of the key that signed the digests.
        ana, deleted, redacted: ids of documents in `captable1`: one with a long history, one that is no more, one with
            a redacted revision.
    """

    folder: Path
    evidence: Path
    public_key: Path
    ana: str
    deleted: str
    redacted: str


class Clock:
    """An instant that goes on by some minutes each time it is asked for."""

    def __init__(self) -> None:
        self._now = BEGIN
        self._random = random.Random(7)

    def __call__(self) -> datetime:
        self._now += timedelta(minutes=self._random.expovariate(1 / 130))
        return clock.milliseconds(self._now)


def make(folder: Path, transactions: int = 110) -> Wallets:
    """Make both ledgers, with about so many transactions each."""
    ids = [_make(folder, name, strands, transactions) for name, strands in (("captable4", 4), ("captable1", 1))][-1]
    public_key = folder / "notary.pem"
    public_key.write_text(SIGNER.public_key.to_pem())
    return Wallets(folder, folder / EVIDENCE, public_key, *ids)


def _make(folder: Path, name: str, strands: int, transactions: int) -> list[str]:
    store, time = SQLiteStore(folder / f"{name}.db"), Clock()
    with patch("ledger.clock.now", time):
        settings.create(store, name, strands=strands)
    ledger = Ledger(store, name, clock=time, work_in_background=False)
    with patch("ledger.transaction.commit.random", random.Random(strands)):  # it chooses the strand of each block
        ids = _fill(ledger, folder, time, transactions)
    store.close()
    return ids


def _fill(ledger: Ledger, folder: Path, time: Clock, transactions: int) -> list[str]:
    with driver_of(ledger) as driver:
        for table, field in INDEXES.items():
            for statement in (f"CREATE TABLE {table}", f'CREATE INDEX ON {table} ("{field}")'):
                driver.execute_lambda(lambda txn, text=statement: txn.execute_statement(text))
        watch = _Watch(ledger, folder / EVIDENCE, time)
        _open_accounts(Wallet(driver))
        for part in range(5):
            _move_money(Wallet(driver), transactions // 5, random.Random(part))
            watch.notarise()
        watch.audit()
        driver.execute_lambda(lambda txn: txn.execute_statement("INSERT INTO Vehicle ?", VEHICLE))
        driver.execute_lambda(
            lambda txn: txn.execute_statement("UPDATE Vehicle SET Owner.Name = 'Ben', Mileage = 41300")
        )
        ids = [_id_of(driver, email) for email in (address(PEOPLE[0]), LEAVING, address(PEOPLE[1]))]
        driver.execute_lambda(lambda txn: txn.execute_statement("DELETE FROM wallettable WHERE email = ?", LEAVING))
        _redact(driver, ledger, ids[2])
        watch.notarise()
        watch.audit()
    return ids


def address(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}@example.com"


class _Watch:
    """What keeps evidence of a ledger."""

    def __init__(self, ledger: Ledger, folder: Path, time: Clock) -> None:
        self._time = time
        archive, keys = FolderArchive(folder, ledger.name), {SIGNER.key_id: SIGNER.public_key}
        self._notary = Notary(ledger.store, ledger.name, archive, SIGNER)
        self._auditor = Auditor(ledger.store, ledger.name, archive, keys, FolderAuditFiles(folder, ledger.name))

    def notarise(self) -> None:
        assert self._notary.notarise(self._time)

    def audit(self) -> None:
        assert self._auditor.run(now=self._time).findings == ()


def _open_accounts(wallet: Wallet) -> None:
    chosen = random.Random(11)
    for name in PEOPLE:
        wallet.create_account(CreateAccount(address(name), name))
        wallet.add_funds(AddFunds(address(name), Decimal(chosen.randint(400, 2500))), key=f"pay-{address(name)}")
    wallet.create_account(CreateAccount(LEAVING, "Ivo Leaver"))


def _move_money(wallet: Wallet, transactions: int, chosen: random.Random) -> None:
    for _ in range(transactions):
        who = address(chosen.choices(PEOPLE, weights=(9, 5, 3, 2, 2, 1, 1, 1))[0])
        amount = Decimal(chosen.randint(100, 9000)).scaleb(-2)
        match chosen.choices(("add", "withdraw", "transfer"), weights=(2, 3, 3))[0]:
            case "add":
                wallet.add_funds(AddFunds(who, amount * 2))
            case "withdraw":
                wallet.withdraw_funds(WithdrawFunds(who, amount))
            case "transfer":
                other = chosen.choice([address(name) for name in PEOPLE if address(name) != who])
                wallet.transfer_funds(TransferFunds(who, other, amount))


def _id_of(driver, email: str) -> str:
    statement = "SELECT id FROM wallettable AS w BY id WHERE w.email = ?"
    [row] = driver.execute_lambda(lambda txn: list(txn.execute_statement(statement, email)))
    return str(row["id"])


def _redact(driver, ledger: Ledger, document_id: str) -> None:
    table_id = ledger.load_catalog(fresh=True).catalog.active("wallettable").id
    place = ion.text(list(revisions(ledger, document_id))[1].address.to_ion())
    statement = f"EXEC REDACT_REVISION `{place}`, '{table_id}', '{document_id}'"
    driver.execute_lambda(lambda txn: txn.execute_statement(statement))
