"""Run in the cloud's own process when it checks IAM policies: completes what it knows of a request, as AWS knows it.

- `dynamodb:LeadingKeys`: the partition keys of a request; of each item of a transaction, its own.
- The resource policy of a DynamoDB table, also one that CloudFormation gives it.
- A call over the loopback address counts as one over TLS, as there is none here and policies ask for it.
"""
# ruff: noqa: SLF001 - the cloud has no other way to be completed

import json
import re
from collections.abc import Iterator
from functools import partial, wraps
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

_LEADING_KEYS = "dynamodb:LeadingKeys"
_TABLE = "AWS::DynamoDB::Table"


class _Item(str):
    """The ARN of the table of one item of a transaction, with the item's partition key."""

    __slots__ = ("key",)
    key: str


def complete() -> None:
    """Put what is missing into the evaluator, before the cloud imports it."""
    iam_evaluator.pin_request_origin = partial(_over_tls, iam_evaluator.pin_request_origin)
    iam_evaluator.enforce = partial(_enforce_item, iam_evaluator.enforce)
    iam_actions.dynamodb_service_context = partial(_context, iam_actions.dynamodb_service_context)
    iam_actions.dynamodb_transaction_checks = partial(_items, iam_actions.dynamodb_transaction_checks)
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["dynamodb"] = ("dynamodb", "table_policy_for_arn")
    dynamodb.table_policy_for_arn = _table_policy
    handlers = provisioners._RESOURCE_HANDLERS[_TABLE]
    handlers["create"] = _with_policy(handlers["create"], 1)
    handlers["update"] = _with_policy(handlers["update"], 2)


def _over_tls(pin: Any, source_ip: str, _secure: bool) -> None:
    pin(source_ip, True)


def _enforce_item(enforce: Any, *args: Any, resource_arn: str = "*", **options: Any) -> Any:
    if isinstance(resource_arn, _Item):
        options["service_context"] = {**options["service_context"], _LEADING_KEYS: [resource_arn.key]}
    return enforce(*args, resource_arn=resource_arn, **options)


def _context(known: Any, body: bytes) -> dict[str, Any]:
    keys = list(_leading_keys(_request(body)))
    return {**known(body), **({_LEADING_KEYS: keys} if keys else {})}


def _request(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}  # to be refused by the service
    return found if isinstance(found, dict) else {}


def _leading_keys(request: dict[str, Any]) -> Iterator[str]:
    if "TransactItems" in request:
        yield from map(_item_key, request["TransactItems"])
    for table, asked in request.get("RequestItems", {}).items():
        found = asked["Keys"] if isinstance(asked, dict) else map(_of_a_batch, asked)
        yield from (_value(table, key) for key in found)
    if "TableName" in request:
        table = request["TableName"]
        primary = request.get("Key") or request.get("Item")
        yield from [_value(table, primary)] if primary else _queried(table, request)


def _of_a_batch(write: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = write["PutRequest"]["Item"] if "PutRequest" in write else write["DeleteRequest"]["Key"]
    return found


def _queried(table: str, request: dict[str, Any]) -> Iterator[str]:
    named = {name for name, real in request.get("ExpressionAttributeNames", {}).items() if real == _key_name(table)}
    for name, value in re.findall(r"(\S+)\s*=\s*(:\w+)", request.get("KeyConditionExpression", "")):
        if name in {*named, _key_name(table)}:
            yield from request["ExpressionAttributeValues"][value].values()


def _items(checks: Any, iam_action: str, body: bytes, *place: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    items = _request(body).get("TransactItems", [])
    for (action, arn), item in zip(checks(iam_action, body, *place), items, strict=True):
        named = _Item(arn)
        named.key = _item_key(item)
        found.append((action, named))
    return found


def _item_key(item: dict[str, Any]) -> str:
    (action,) = item.values()
    return _value(action["TableName"], action.get("Key") or action["Item"])


def _value(table: str, primary: dict[str, Any]) -> str:
    return str(next(iter(primary.get(_key_name(table), {"S": ""}).values())))


def _key_name(table: str) -> str:
    found = dynamodb._tables.get(dynamodb._table_name_from_arn(table) or table)
    return str(found["pk_name"]) if found else ""


def _table_policy(arn: str) -> tuple[str, str | None] | None:
    found = dynamodb._resource_policies.get(arn)
    return (found["Policy"], iam_evaluator._account_from_arn(arn)) if found else None


def _with_policy(handle: Any, properties_at: int) -> Any:
    @wraps(handle)
    def handled(*args: Any, **options: Any) -> Any:
        name, attributes = handle(*args, **options)
        policy = args[properties_at].get("ResourcePolicy", {}).get("PolicyDocument")
        if policy:
            dynamodb._put_resource_policy({"ResourceArn": attributes["Arn"], "Policy": json.dumps(policy)})
        else:
            dynamodb._delete_resource_policy({"ResourceArn": attributes["Arn"]})
        return name, attributes

    return handled
