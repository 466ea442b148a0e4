"""Measures what the auditor uses: for each block that is new, for each that it checks again, for each digest.

    python -m bench.audit [--accounts 1000]

On a cloud of its own on this machine. The ledger is a wallet's, with 4 strands and as many documents as accounts; each
new block changes another one, so that nothing is compared once for many blocks. Read units and requests are counted;
the processor's time is this machine's, and that of boto3 is in it.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import boto3

from bench.costs.meter import READ_UNITS, REQUESTS, Meter
from ledger import settings
from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.audit.files import S3AuditFiles, state_key
from ledger.driver import connect
from ledger.notary.notary import Notary
from ledger.notary.s3 import Retention, S3Archive
from ledger.notary.signing import LocalSigner
from ledger.store import DynamoDBStore, Key, SQLiteStore
from local.cloud import running_cloud

LEDGER, TABLE, STRANDS = "audited", "wallettable", 4
_NEW_ONLY, _ALL = Budget(rolling_seconds=0), Budget()
_AT_ONCE = 50

Cells = Mapping[Key, bytes]
"""All cells of a ledger."""


class Use(NamedTuple):
    """What something used: the processor, in seconds; DynamoDB; S3, in requests; and what the auditor noted of it."""

    processor: float
    read_units: float
    requests: float
    s3_requests: float
    state_bytes: float

    def less(self, other: "Use", times: float = 1) -> "Use":
        """Return what is left without something that was used so many times."""
        return Use(*(mine - times * its for mine, its in zip(self, other, strict=True)))

    def each(self, count: int) -> "Use":
        """Return the mean of so many."""
        return Use(*(value / count for value in self))


class Recording(SQLiteStore):
    """A store in memory that remembers which cells were ever written."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self._keys = set[Key]()

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        """Commit, and remember the keys."""
        super().commit(writes, expected)
        self._keys.update(writes)

    def cells(self) -> Cells:
        """Return all cells."""
        return {key: cell.data for key, cell in self.get(self._keys).items()}


class Past(NamedTuple):
    """A ledger's cells: before, with new blocks, and with a few more blocks, one at a time."""

    before: Cells
    grown: Cells
    then: Sequence[Cells]


def past(accounts: int, digests: int) -> Past:
    """Let a ledger live: each account is opened and has a transaction, then half of them have one, then a few."""
    store = Recording()
    settings.create(store, LEDGER, strands=STRANDS)
    change = f"UPDATE {TABLE} SET CurrentBalance = CurrentBalance + 1 WHERE email = ?"
    with connect(LEDGER, store) as driver:

        def run(statement: str, *parameters: Any) -> None:
            driver.execute_lambda(lambda txn: txn.execute_statement(statement, *parameters))

        run(f"CREATE TABLE {TABLE}")
        run(f"CREATE INDEX ON {TABLE} (email)")
        for number in range(accounts):
            run(f"INSERT INTO {TABLE} ?", {"email": _email(number), "username": "A Customer", "CurrentBalance": 100})
        for number in range(accounts):
            run(change, _email(number))
        before = store.cells()
        for number in range(accounts // 2):
            run(change, _email(number))
        grown, then = store.cells(), list[Cells]()
        for number in range(digests):
            run(change, _email(number % accounts))
            then.append(store.cells())
    store.close()
    return Past(before, grown, then)


def uses(options: Mapping[str, Any], accounts: int, digests: int = 50) -> Iterator[tuple[str, Use]]:
    """Give what the auditor uses for what.

    Args:
        options: of boto3 clients, for a cloud in which a table and a bucket may be made and left behind.
        accounts: in the ledger.
        digests: that are notarised in the end, each of one block.
    """
    made, bench = past(accounts, digests), _Bench(options)
    blocks, grown = _blocks(made.before), _blocks(made.grown)
    bench.write({}, made.before)
    bench.notary.notarise()
    yield "a block of a history that is audited for the first time", bench.audited(_ALL, blocks).each(blocks)
    idle = bench.audited(_NEW_ONLY, 0)
    yield "a run with nothing new", idle
    bench.write(made.before, made.grown)
    bench.notary.notarise()
    fresh = bench.audited(_NEW_ONLY, grown - blocks).less(idle).each(grown - blocks)
    yield "a new block", fresh
    yield "a block that is checked again", bench.audited(_ALL, grown).less(idle).each(grown)
    before = made.grown
    for after in made.then:
        bench.write(before, after)
        bench.notary.notarise()
        before = after
    yield "a new digest", bench.audited(_NEW_ONLY, digests).less(idle).less(fresh, digests).each(digests)


class _Bench:
    def __init__(self, options: Mapping[str, Any]) -> None:
        dynamodb, s3 = (boto3.client(service, **options) for service in ("dynamodb", "s3"))
        name = f"audited-{time.time_ns()}"
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk")],
        )
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        self._s3, self._name = s3, name
        self._meter, self._calls, files = Meter(dynamodb), Counter[str](), S3AuditFiles(s3, name, LEDGER)
        s3.meta.events.register("after-call.s3.*", lambda model, **_: self._calls.update([model.name]))
        store, signer = DynamoDBStore(name, namespace=LEDGER, client=dynamodb), LocalSigner()
        archive = S3Archive(s3, name, LEDGER, retention=Retention("GOVERNANCE", 1))
        self._store = store
        self.notary = Notary(store, LEDGER, archive, signer)
        self._auditor = Auditor(store, LEDGER, archive, {signer.key_id: signer.public_key}, files)

    def write(self, before: Cells, after: Cells) -> None:
        """Write what has changed."""
        changed = [key for key, data in after.items() if before.get(key) != data]
        for at in range(0, len(changed), _AT_ONCE):
            keys = changed[at : at + _AT_ONCE]
            there = self._store.get(keys)
            expected = {key: there[key].version if key in there else None for key in keys}
            self._store.commit({key: after[key] for key in keys}, expected)

    def audited(self, budget: Budget, blocks: int) -> Use:
        size = self._state_bytes()
        counted, calls, processor = self._meter.counts.copy(), self._calls.total(), time.process_time()
        report = self._auditor.run(budget)
        if not report.finished or report.finding_count or report.blocks < blocks:
            raise AssertionError(f"the audit is not what is to be measured: {report}")
        used = time.process_time() - processor
        calls = self._calls.total() - calls
        return Use(
            used,
            self._meter.counts[READ_UNITS] - counted[READ_UNITS],
            self._meter.counts[REQUESTS] - counted[REQUESTS],
            calls,
            self._state_bytes() - size,
        )

    def _state_bytes(self) -> int:
        found = self._s3.list_objects_v2(Bucket=self._name, Prefix=state_key(LEDGER)).get("Contents", [])
        return sum(each["Size"] for each in found)


def _email(number: int) -> str:
    return f"account{number:06}@example.com"


def _blocks(cells: Cells) -> int:
    return sum(key.partition.startswith("block/") for key in cells)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description="Measure what the auditor uses.")
    parser.add_argument("--accounts", type=int, default=1000, help="in the ledger (1000)")
    options = parser.parse_args()
    print("| For | processor, ms | read units | requests to DynamoDB | requests to S3 | bytes noted |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    with running_cloud() as cloud:
        for what, use in uses(cloud.client_options(), options.accounts):
            figures = (use.processor * 1000, use.read_units, use.requests, use.s3_requests)
            print(
                f"| {what} | {' | '.join(f'{each:.2f}' for each in figures)} | {max(0, use.state_bytes):.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
