"""The store on AWS: cells in one DynamoDB table, a commit being one TransactWriteItems."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from ledger.store.base import Conflict, Key, TooLarge, check_commit
from ledger.store.dynamodb_calls import TRANSACTION_BYTES, Failure, Patience, write
from ledger.store.dynamodb_items import Item, Layout, part_count, size, version
from ledger.store.dynamodb_reader import DynamoDBReader

_TRANSACTION_ITEMS = 100


class DynamoDBStore(DynamoDBReader):
    """A `Store` in a table with the keys `pk` and `sk`, both strings. Several ledgers may share it by namespace.

    Rights: GetItem, BatchGetItem and Query to read (also for a commit without writes); PutItem, DeleteItem and
    ConditionCheckItem to write.
    """

    def __init__(
        self, table_name: str, *, namespace: str, client: Any = None, patience: Patience | None = None
    ) -> None:
        """Use a table that exists; nothing is called yet.

        Args:
            table_name: the table's name or ARN.
            namespace: what keeps this ledger's cells apart in the table; not empty, without "/" and "|".
            client: a boto3 DynamoDB client, made from the environment if None. It SHOULD not retry by itself.
            patience: how long to retry.

        Raises:
            ValueError: the namespace cannot be used.
        """
        super().__init__(Layout(table_name, namespace), client or default_client(), patience or Patience())

    def commit(self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None]) -> None:
        """Write all cells or none, in at most 100 items and 4 MB; see `Store.commit`.

        A cell is one item for each 350,000 bytes begun; an expected one counts, too, and so do parts to be removed.
        """
        check_commit(writes, expected)
        if not writes:
            self._validate(expected)
            return
        parts_before = dict.fromkeys(writes, 0)
        while True:
            misjudged = self._send(writes, expected, parts_before)
            if not misjudged:
                break
            parts_before |= misjudged
        self._usage.writes += len(writes)

    def _send(
        self, writes: Mapping[Key, bytes | None], expected: Mapping[Key, int | None], parts_before: Mapping[Key, int]
    ) -> dict[Key, int]:
        """Commit, or give the true counts of parts where `parts_before` was wrong; nothing is written then."""
        actions, owners = [], []
        for key, wanted in expected.items():
            if key in writes:
                mine = self._layout.actions(key, writes[key], wanted, parts_before[key])
            else:
                mine = [self._layout.check(key, wanted)]
            actions += mine
            owners += [key] * len(mine)
        _check_limits(actions)
        call = partial(self._client.transact_write_items, TransactItems=actions)
        failed = write(lambda token: call(ClientRequestToken=token), self._patience, owners)
        return _misjudged(failed, owners, expected, parts_before) if failed else {}

    def _validate(self, expected: Mapping[Key, int | None]) -> None:
        try:
            self._hold(expected, _TRANSACTION_ITEMS)
        except TooLarge:
            # What is read counts in full towards 4 MB, however little is asked for. Ten heads never come to that.
            self._hold(expected, 10)

    def _hold(self, expected: Mapping[Key, int | None], most: int) -> None:
        keys = list(expected)
        chunks = [keys[at : at + most] for at in range(0, len(keys), most)]
        # Each chunk is read at one instant, apart from all transactions, but the chunks at different ones. Versions
        # only grow. So a chunk that holds both before and after the last chunk was read held at that very instant;
        # hence all but the last are read twice, and then the whole of `expected` held when the last one was read.
        for chunk in [*chunks, *chunks[:-1]]:
            heads = self._at_one_instant([self._layout.head(key) for key in chunk], chunk, "v")
            lost = [key for key, head in zip(chunk, heads, strict=True) if version(head) != expected[key]]
            if lost:
                raise Conflict(lost)

    def scrub(self) -> None:
        """Do nothing: DynamoDB keeps no older versions, except in backups, which the table's owner must see to."""

    def close(self) -> None:
        """Let go of the connections; closing twice is fine."""
        self._client.close()


def default_client() -> Any:
    """Make a DynamoDB client from the environment; it leaves all retries to the store."""
    # A retry inside the client would hide that an earlier try may have taken place. An answer takes 25 ms, seldom
    # 100; 5 seconds are what DynamoDB itself waits before it takes over a transaction whose coordinator died.
    config = Config(
        connect_timeout=2,
        read_timeout=5,
        max_pool_connections=50,
        retries={"mode": "standard", "total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return boto3.session.Session().client("dynamodb", config=config)


def _check_limits(actions: Sequence[Item]) -> None:
    if len(actions) > _TRANSACTION_ITEMS:
        raise TooLarge("items in one commit", len(actions), _TRANSACTION_ITEMS)
    got = sum(map(size, actions))
    if got > TRANSACTION_BYTES:
        raise TooLarge("bytes in one commit", got, TRANSACTION_BYTES)


def _misjudged(
    failed: Failure, owners: Sequence[Key], expected: Mapping[Key, int | None], parts_before: Mapping[Key, int]
) -> dict[Key, int]:
    """Give the true counts of parts, if those alone made conditions fail; else raise the conflict."""
    counts, lost = {}, []
    for key, reason in zip(owners, failed.reasons, strict=True):
        if reason["Code"] == "ConditionalCheckFailed":
            head = reason.get("Item")
            if key in parts_before and head and version(head) == expected[key]:
                counts[key] = part_count(head)
            else:
                lost.append(key)
    if lost:
        raise Conflict(lost)
    return counts
