"""How the notary and the auditor reach the ledger, the archive of its digests, and the keys that sign them."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from lambdas.evidence.settings import AuditSettings, EvidenceSettings
from ledger.audit.auditor import Auditor
from ledger.audit.files import S3AuditFiles
from ledger.notary.archive import Archive
from ledger.notary.notary import Notary
from ledger.notary.s3 import Retention, S3Archive
from ledger.notary.signing import KmsSigner, kms_public_key
from ledger.store import DynamoDBStore

_CLIENT = Config(connect_timeout=2, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})


def open_notary(settings: EvidenceSettings, retention: Retention) -> Notary:
    """Connect a notary to what the settings name."""
    kms, (signing, *former) = _client("kms"), settings.key_arns
    return Notary(
        open_store(settings),
        settings.ledger_name,
        open_archive(settings, retention),
        KmsSigner(kms, signing),
        former={arn: kms_public_key(kms, arn) for arn in former},
    )


def open_auditor(settings: EvidenceSettings, audits: AuditSettings) -> Auditor:
    """Connect an auditor to what the settings name."""
    kms = _client("kms")
    return Auditor(
        open_store(settings),
        settings.ledger_name,
        open_archive(settings),
        {arn: kms_public_key(kms, arn) for arn in settings.key_arns},
        S3AuditFiles(_client("s3"), audits.bucket, settings.ledger_name, owner=audits.bucket_owner),
        carried=audits.carried,
    )


def open_archive(settings: EvidenceSettings, retention: Retention | None = None) -> Archive:
    """Connect to the archive; to write to it, with the retention of what is written."""
    return S3Archive(
        _client("s3"), settings.bucket, settings.ledger_name, retention=retention, owner=settings.bucket_owner
    )


def open_store(settings: EvidenceSettings) -> DynamoDBStore:
    """Connect to the ledger's table."""
    return DynamoDBStore(settings.ledger_table, namespace=settings.ledger_name)


def _client(service: str) -> Any:
    return boto3.client(service, config=_CLIENT)
