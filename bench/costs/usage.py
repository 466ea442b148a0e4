"""Counts what each call of the wallet uses, on a ledger with a deployed one's strands, tables and indexes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from bench.costs.meter import READ_UNITS, REQUESTS, STORED_BYTES, WRITE_UNITS, Meter
from custom_resources.ledger_tables.handler import bring_about
from custom_resources.ledger_tables.properties import Properties
from lambdas.gateway import Answer
from lambdas.wallet import connection, requests
from lambdas.wallet.notarised import NotarisedDigests
from lambdas.wallet.profiles import DynamoDBProfiles
from lambdas.wallet.receipts import Receipts
from lambdas.wallet.verification import Verification
from lambdas.wallet.wallet import Wallet
from ledger import driver, strand
from ledger.journal.revision import BlockAddress
from ledger.ledger import Ledger
from ledger.notary.archive import FolderArchive
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from ledger.store import DynamoDBStore, Store
from ledger.stream.records import block_records

LEDGER, CELLS, PROFILES = "captable1", "cost-cells", "cost-profiles"
STRANDS, ACCOUNTS, ROUNDS = 8, 20, 40
STREAMED_BYTES = "streamedBytes"
COUNTS = (READ_UNITS, WRITE_UNITS, REQUESTS, STORED_BYTES)

Act = Callable[[], object]


def usage(options: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return what each call uses, on average.

    These are read units, write units, requests to DynamoDB, bytes that stay there, and bytes of its block's records in
    a journal stream.

    Args:
        options: of boto3 clients, for a cloud whose tables may be made and left behind.
    """
    cells, profiles, unmetered = (boto3.client("dynamodb", **options) for _ in range(3))
    _table(cells, CELLS, {"pk": "HASH", "sk": "RANGE"})
    _table(profiles, PROFILES, {"email": "HASH"})
    meters = Meter(cells), Meter(profiles)
    store = DynamoDBStore(CELLS, namespace=LEDGER, client=cells)
    bring_about(store, Properties.parse(_TABLES))
    ledger = Ledger(store, LEDGER)
    drive = driver.driver_of(ledger, retry_config=connection.retries())
    wallet = Wallet(drive, DynamoDBProfiles(profiles, PROFILES), Receipts(ledger))
    journal = Journal(DynamoDBStore(CELLS, namespace=LEDGER, client=unmetered), ledger.settings.strands)
    with TemporaryDirectory() as folder:
        archive, signer = FolderArchive(Path(folder), LEDGER), LocalSigner()
        digests = NotarisedDigests(archive, LEDGER, lambda: {signer.key_id: signer.public_key})
        calls = _calls(wallet, Verification(ledger, drive, digests), journal, Notary(store, LEDGER, archive, signer))
        return {
            name: _mean([_counted(meters, act) for _ in range(ROUNDS)], journal.streamed_bytes() / ROUNDS)
            for name, act in calls
        }


class Journal:
    """What blocks there are beside those that were looked at before."""

    def __init__(self, store: Store, strands: Sequence[str]) -> None:
        """Begin at the first blocks."""
        self._store = store
        self._seen = [BlockAddress(strand_id, 0) for strand_id in strands]

    def streamed_bytes(self) -> int:
        """Return the bytes of the stream's records of the blocks since the last time."""
        addresses = [tip.address for seen in self._seen for tip in strand.tips_after(self._store, seen)]
        newest = {address.strand_id: address for address in [*self._seen, *addresses]}
        self._seen = list(newest.values())
        blocks = strand.blocks(self._store, addresses).values() if addresses else ()
        return sum(len(record.data) for block in blocks for record in block_records(_ARN, block))


_ARN = f"arn:aws:qldb:us-east-1:{12 * '0'}:stream/{LEDGER}/{22 * '0'}"
_TABLES = {
    "LedgerName": LEDGER,
    "LedgerTable": CELLS,
    "Strands": str(STRANDS),
    "Tables": [{"Name": "wallettable", "Indexes": ["email"]}, {"Name": "idempotency", "Indexes": ["key"]}],
}


def _table(client: Any, name: str, keys: Mapping[str, str]) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )


def _calls(wallet: Wallet, verification: Verification, journal: Journal, notary: Notary) -> Iterator[tuple[str, Act]]:
    """Give each call's name and how to make it once, in an order in which each finds what it needs."""
    numbers = count(1000)
    first, second = _email(0), _email(1)

    def create() -> Answer:
        return wallet.create_account(requests.CreateAccount(_email(next(numbers)), "A Customer"))

    def add(key: str | None = None) -> Answer:
        return wallet.add_funds(requests.AddFunds(first, Decimal("250.25")), key)

    def transfer(key: str | None = None) -> Answer:
        return wallet.transfer_funds(requests.TransferFunds(first, second, Decimal("0.25")), key)

    receipts: list[requests.Proof] = []

    def add_with_receipt() -> None:
        given = wallet.add_funds(requests.AddFunds(first, Decimal("250.25")), receipt=True).fields["receipt"]
        place = BlockAddress(given["blockAddress"]["strandId"], given["blockAddress"]["sequenceNo"])
        receipts.append(requests.Proof(given["documentId"], place, *(None,) * 7))

    def keyed(act: Callable[[str], Answer]) -> Act:
        return lambda: act(f"{next(numbers):036}")

    for number in range(ACCOUNTS):
        wallet.create_account(requests.CreateAccount(_email(number), "A Customer"))
    add()
    journal.streamed_bytes()
    yield "createaccount", create
    yield "checkfunds", partial(wallet.check_funds, requests.CheckFunds(first))
    yield "addfunds", add
    yield "addfunds with Idempotency-Key", keyed(add)
    yield "withdrawfunds", partial(wallet.withdraw_funds, requests.WithdrawFunds(first, Decimal("1.25")), None)
    yield "transferfunds", transfer
    yield "transferfunds with Idempotency-Key", keyed(transfer)
    yield "history (20 revisions)", partial(wallet.history, requests.History(first, 20, None))
    yield "digest", partial(verification.digest, requests.Digest(None))
    # How long a proof is depends on its block's place, so each round proves another one.
    yield "verify", lambda: verification.verify(requests.Verify(first, next(numbers) % ROUNDS, None))
    yield "addfunds with receipt", add_with_receipt
    notary.notarise()
    yield "proof", lambda: verification.proof(receipts.pop())


def _email(number: int) -> str:
    return f"customer{number:06}@example.com"


def _counted(meters: tuple[Meter, ...], act: Act) -> dict[str, float]:
    for meter in meters:
        meter.counts.clear()
    act()
    return {name: sum(meter.counts[name] for meter in meters) for name in COUNTS}


def _mean(counted: list[dict[str, float]], streamed: float) -> dict[str, float]:
    return {name: round(fmean(each[name] for each in counted), 1) for name in COUNTS} | {
        STREAMED_BYTES: round(streamed, 1)
    }
