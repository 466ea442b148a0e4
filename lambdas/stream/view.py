"""The view of the wallets' transactions in its DynamoDB table.

What it holds does not depend on the order of what comes, nor on how often: a revision never changes but by redaction,
and redaction is final. A redaction may come before the revision that it erases: then it leaves an item without `hash`,
which readers do not see, and the revision is written without its data when it comes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lambdas.stream import view_items
from lambdas.stream.errors import ContradictionError
from lambdas.stream.transactions import Transaction
from lambdas.stream.view_items import DATA, Item
from ledger.journal.block import Redaction

NEWEST = 10**18
"""More than any version: where to begin reading."""

# What came before is written over by itself, but never what has been redacted since.
_NEW_OR_SAME = "attribute_not_exists(wallet) OR (#hash = :hash AND attribute_not_exists(redacted))"
_UNKNOWN_OR_SAME = "attribute_not_exists(#hash) OR #hash = :hash"


class Page(NamedTuple):
    """Some transactions of a wallet, newest first; `before` asks for the next page, None if there is none."""

    transactions: list[Transaction]
    before: int | None


class View:
    """The view. Methods raise what the client raises."""

    def __init__(self, client: Any, table_name: str) -> None:
        """Use a boto3 DynamoDB client on a table that exists."""
        self._client = client
        self._table_name = table_name

    def put(self, transaction: Transaction) -> bool:
        """Write a transaction; tell whether that changed the view. Raises ContradictionError."""
        changed = None if transaction.redacted else self._put(transaction, _NEW_OR_SAME)
        if changed is None:
            changed = self._put(view_items.redacted(transaction), _UNKNOWN_OR_SAME)
        if changed is None:
            raise ContradictionError(transaction.wallet, transaction.version)
        return changed

    def redact(self, redaction: Redaction) -> None:
        """Erase the data of a revision, whether it has come yet or not.

        The summary of a block names documents by the ids of their tables only. So for a document of another table this
        leaves an item without `hash` for ever, or until the view is rebuilt.
        """
        values = {":true": True, ":address": redaction.address.to_ion()}
        self._client.update_item(
            TableName=self._table_name,
            Key=view_items.written({"wallet": redaction.document_id, "version": redaction.version}),
            UpdateExpression=f"SET redacted = :true, blockAddress = :address REMOVE {', '.join(DATA)}",
            ExpressionAttributeValues=view_items.written(values),
        )

    def page(self, wallet: str, *, size: int = 20, before: int = NEWEST) -> Page:
        """Read at most `size` transactions of a wallet, newest first, of versions less than `before`.

        What has not come yet is not there: the journal's truth is in `history()`, and balances are never read here.
        """
        answer = self._client.query(
            TableName=self._table_name,
            KeyConditionExpression="wallet = :wallet AND version < :before",
            FilterExpression="attribute_exists(#hash)",
            ExpressionAttributeNames={"#hash": "hash"},
            ExpressionAttributeValues=view_items.written({":wallet": wallet, ":before": before}),
            ScanIndexForward=False,
            Limit=size,
        )
        last = answer.get("LastEvaluatedKey", {}).get("version", {"N": "0"})
        found = [view_items.from_values(view_items.read(item)) for item in answer["Items"]]
        return Page(found, int(last["N"]) or None)

    def replace(self, transaction: Transaction) -> bool:
        """Write a transaction that is known from the journal, over whatever stands in its place; else as `put`."""
        try:
            return self.put(transaction)
        except ContradictionError:
            key = view_items.written({"wallet": transaction.wallet, "version": transaction.version})
            self._delete(key, "#hash <> :hash", view_items.written({":hash": transaction.hash}))
        return self.put(transaction)

    def items(self, after: Item | None) -> tuple[list[Item], Item | None]:
        """Read some items of the whole view behind the key `after`, and the key to go on behind, None at the end."""
        start = {} if after is None else {"ExclusiveStartKey": after}
        answer = self._client.scan(TableName=self._table_name, ConsistentRead=True, Limit=100, **start)
        return answer["Items"], answer.get("LastEvaluatedKey")

    def remove(self, item: Item) -> bool:
        """Remove an item, unless it has become that of another revision since it was read; tell whether it is gone."""
        conditions, values = [], {}
        for name, placeholder in (("hash", "#hash"), ("blockAddress", "blockAddress")):
            if name in item:
                conditions.append(f"{placeholder} = :{name}")
                values[f":{name}"] = item[name]
            else:
                conditions.append(f"attribute_not_exists({placeholder})")
        return self._delete({name: item[name] for name in ("wallet", "version")}, " AND ".join(conditions), values)

    def _put(self, transaction: Transaction, condition: str) -> bool | None:
        """Put an item; tell whether that changed the view, None if the condition does not hold."""
        values = view_items.to_values(transaction)
        try:
            answer = self._client.put_item(
                TableName=self._table_name,
                Item=view_items.written(values),
                ConditionExpression=condition,
                ExpressionAttributeNames={"#hash": "hash"},
                ExpressionAttributeValues=view_items.written({":hash": transaction.hash}),
                ReturnValues="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return view_items.read(answer.get("Attributes", {})) != values

    def _delete(self, key: Item, condition: str, values: Item) -> bool:
        try:
            self._client.delete_item(
                TableName=self._table_name,
                Key=key,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#hash": "hash"},
                **({"ExpressionAttributeValues": values} if values else {}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
