"""A ground in a cloud on this machine: the deployed table, and the deployed notary and auditor, which are called."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from drill.ground import Cells, Report, Writes
from ledger.audit.files import state_key
from ledger.notary.archive import digest_key
from ledger.store import DynamoDBStore, Key, Store

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_FOR_LONG = Config(read_timeout=900, retries={"total_max_attempts": 1})
_AT_ONCE = 25
_REFUSALS = ("nothing was signed", "in the archive of ledger")
"""What a NotaryError says. The local cloud does not tell an error's type."""


class NotLoopbackError(ValueError):
    """A drill damages what it is let loose on: only a cloud on this machine will do."""


class FunctionFailedError(RuntimeError):
    """A deployed function failed, which no manipulation may bring about."""


class DeployedGround:
    """The deployed ledger. Items of its table are written by DynamoDB's own calls, not by the ledger's store."""

    def __init__(self, endpoint_url: str, outputs: Mapping[str, Mapping[str, str]]) -> None:
        """Use what the outputs of the stacks name.

        Raises:
            NotLoopbackError: the endpoint is of a cloud somewhere else.
            KeyError: an output is missing: the notary or the auditor is not deployed.
        """
        if urlsplit(endpoint_url).hostname not in _LOOPBACK:
            raise NotLoopbackError(f"the endpoint is {endpoint_url}: a drill needs a cloud on this machine")
        named = {name: value for values in outputs.values() for name, value in values.items()}
        self.ledger = named["QLDBLedgerName"]
        self._table, self._digests, self._audits = (
            named[name] for name in ("LedgerTableName", "DigestBucket", "AuditBucket")
        )
        self._notary, self._auditor = named["NotaryFunction"], named["AuditorFunction"]
        self._dynamodb, self._s3 = (boto3.client(name, endpoint_url=endpoint_url) for name in ("dynamodb", "s3"))
        self._lambda = boto3.client("lambda", endpoint_url=endpoint_url, config=_FOR_LONG)
        self.store: Store = DynamoDBStore(self._table, namespace=self.ledger)

    def close(self) -> None:
        """Let go of the connections."""
        for client in (self._dynamodb, self._s3, self._lambda):
            client.close()
        self.store.close()

    def cells(self) -> Cells:
        """Return all cells, by a scan of the table."""
        return {_key(item): item["d"]["B"] for item in self._items()}

    def write(self, writes: Writes) -> None:
        """Put and delete items; a cell keeps the version that it has."""
        versions = {key: cell.version for key, cell in self.store.get(writes).items()}
        requests = [self._request(key, data, versions.get(key, 1)) for key, data in writes.items()]
        for at in range(0, len(requests), _AT_ONCE):
            self._dynamodb.batch_write_item(RequestItems={self._table: requests[at : at + _AT_ONCE]})

    def notarise(self) -> str:
        """Call the deployed notary."""
        answer = self._call(self._notary, {})
        if "errorMessage" not in answer:
            return ""
        message = str(answer["errorMessage"])
        if not any(words in message for words in _REFUSALS):
            raise FunctionFailedError(message)
        return message

    def audit(self, *, anew: bool = False) -> Report:
        """Call the deployed auditor until a run has been over everything, and read its newest report."""
        while True:
            answer = self._call(self._auditor, {"anew": anew})
            if "errorMessage" in answer:
                raise FunctionFailedError(answer["errorMessage"])
            report = self._newest_report()
            if report["findingCount"] or report["fullAudit"].get("stage") == "digests":
                return report
            anew = False

    def notes(self) -> bytes | None:
        """Return the auditor's state."""
        place = {"Bucket": self._audits, "Key": state_key(self.ledger)}
        return bytes(self._s3.get_object(**place)["Body"].read())

    def write_notes(self, notes: bytes | None) -> None:
        """Replace the auditor's state."""
        place = {"Bucket": self._audits, "Key": state_key(self.ledger)}
        if notes is None:
            self._s3.delete_object(**place)
        else:
            self._s3.put_object(**place, Body=notes)

    def digest(self, number: int) -> bytes:
        """Return a notarised digest."""
        return bytes(self._s3.get_object(**self._place(number))["Body"].read())

    def write_digest(self, number: int, data: bytes) -> None:
        """Write a newer version: the one under Object Lock stays behind it."""
        self._s3.put_object(**self._place(number), Body=data)

    def remove_digest(self, number: int) -> str:
        """Try to remove the locked version, then hide it behind a delete marker."""
        version = self._s3.head_object(**self._place(number))["VersionId"]
        refusal = ""
        try:
            self._s3.delete_object(**self._place(number), VersionId=version)
        except ClientError as error:
            refusal = f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
            self._s3.delete_object(**self._place(number))
        return refusal

    def _place(self, number: int) -> dict[str, str]:
        return {"Bucket": self._digests, "Key": digest_key(self.ledger, number)}

    def _items(self) -> Iterator[dict[str, Any]]:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True):
            yield from page["Items"]

    def _request(self, key: Key, data: bytes | None, version: int) -> dict[str, Any]:
        primary = {"pk": {"S": f"{self.ledger}/{key.partition}"}, "sk": {"S": f".{key.sort}"}}
        if data is None:
            return {"DeleteRequest": {"Key": primary}}
        return {"PutRequest": {"Item": {**primary, "v": {"N": str(version)}, "d": {"B": data}}}}

    def _call(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read()) or {}

    def _newest_report(self) -> Report:
        prefix = f"{self.ledger}/audits/2"
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._audits, Prefix=prefix)
        newest = max(each["Key"] for page in pages for each in page.get("Contents", []))
        report: Report = json.loads(self._s3.get_object(Bucket=self._audits, Key=newest)["Body"].read())
        return report


def _key(item: dict[str, Any]) -> Key:
    return Key(item["pk"]["S"].partition("/")[2], item["sk"]["S"][1:])
