"""The deployed notary and auditor, called as their schedules call them, and what they keep."""

import json
from functools import cached_property
from typing import Any, NamedTuple

import boto3

from ledger.notary.archive import Entry, public_key_key
from ledger.notary.s3 import S3Archive
from ledger.store import DynamoDBStore, Key
from ledger.verification.ecdsa import PublicKey
from ledger.verification.notarised import Notarised
from tests.deployment import ONE_CALL, Deployed

LEDGER = "captable1"


class Called(NamedTuple):
    """What a function answered, or the message of the error that it ended with."""

    answer: Any
    error: str | None


class Evidence:
    """The deployed evidence of the deployed ledger."""

    def __init__(self, deployed: Deployed) -> None:
        self._options = deployed.cloud.client_options()
        self.outputs = deployed.outputs["captable1-evidence"]
        self.bucket = self.outputs["DigestBucket"]
        table = deployed.outputs["captable1-ledger"]["LedgerTableName"]
        self.store = DynamoDBStore(table, namespace=LEDGER, client=self.client("dynamodb"))
        self.archive = S3Archive(self.client("s3"), self.bucket, LEDGER)

    def client(self, service: str, role: str | None = None, **further: Any) -> Any:
        """Give a client of a service, with the account's own rights or those of a role."""
        options = {**self._options, **further}
        if role:
            sts = boto3.client("sts", **options)
            given = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            options["aws_access_key_id"] = given["AccessKeyId"]
            options["aws_secret_access_key"] = given["SecretAccessKey"]
            options["aws_session_token"] = given["SessionToken"]
        return boto3.client(service, **options)

    def role_of(self, output: str) -> str:
        """Give the ARN of the role of a function."""
        return str(self.client("lambda").get_function_configuration(FunctionName=self.outputs[output])["Role"])

    def notarise(self) -> Called:
        """Call the notary."""
        return self._call("NotaryFunction", {})

    def audit(self, **event: Any) -> Called:
        """Call the auditor."""
        return self._call("AuditorFunction", event)

    def report(self) -> Any:
        """Give the auditor's newest report."""
        s3, bucket = self.client("s3"), self.outputs["AuditBucket"]
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{LEDGER}/audits/2")["Contents"]
        key = max(each["Key"] for each in listed)
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def said(self) -> list[str]:
        """Audit, and give what the auditor says, each finding as one text."""
        called = self.audit()
        assert called.error is None, called.error
        return [f"{finding['where']}: {finding['what']}" for finding in self.report()["findings"]]

    def newest(self) -> Entry:
        """Give the place of the newest digest."""
        entry = self.archive.newest()
        assert entry is not None
        return entry

    def digest(self, number: int) -> Notarised:
        """Give a digest as it is kept."""
        return Notarised.read(self.archive.read(next(self.archive.entries(number))))

    @cached_property
    def keys(self) -> dict[str, PublicKey]:
        """The public key of the key that signs, from KMS, by what statements call it."""
        arn = self.outputs["SigningKeyArn"]
        return {arn: PublicKey.from_der(self.client("kms").get_public_key(KeyId=arn)["PublicKey"])}

    def published_key(self) -> str:
        """Give the public key that is beside the digests, in PEM."""
        (key,) = self.keys.values()
        found = self.client("s3").get_object(Bucket=self.bucket, Key=public_key_key(LEDGER, key))
        return str(found["Body"].read().decode())

    def overwrite(self, key: Key, data: bytes | None) -> bytes | None:
        """Write a cell as whoever can write to the table would; give what was there."""
        cell = self.store.get([key]).get(key)
        self.store.commit({key: data}, {key: cell and cell.version})
        return cell and cell.data

    def _call(self, output: str, event: Any) -> Called:
        answer = self.client("lambda", config=ONE_CALL).invoke(
            FunctionName=self.outputs[output], Payload=json.dumps(event)
        )
        payload = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            return Called(None, payload["errorMessage"])
        return Called(payload, None)
