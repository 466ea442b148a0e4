"""How the functions reach the ledger: the official driver, wired to it in this process."""

from __future__ import annotations

import random

import boto3
from botocore.config import Config
from pyqldb.config.retry_config import RetryConfig

from lambdas.wallet import metrics
from lambdas.wallet.notarised import NotarisedDigests
from lambdas.wallet.profiles import DynamoDBProfiles, Profiles
from lambdas.wallet.receipts import Receipts
from lambdas.wallet.settings import Settings
from lambdas.wallet.verification import Verification
from lambdas.wallet.wallet import Wallet
from ledger import driver
from ledger.ledger import Ledger
from ledger.notary.s3 import S3Archive
from ledger.notary.signing import kms_public_key
from ledger.store import DynamoDBStore

RETRY_LIMIT = 12
"""Runs of a transaction after the first: together they may take 4 seconds, far less than the gateway waits (29)."""

_LONGEST_PAUSE_MS = 500
_EVIDENCE_CLIENT = Config(connect_timeout=1, read_timeout=4, retries={"total_max_attempts": 3, "mode": "standard"})
_PROFILE_CLIENT = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 2, "mode": "standard"})


def open_wallet(settings: Settings) -> Wallet:
    """Connect to the ledger and the profile table that the settings name."""
    ledger = Ledger(_store(settings), settings.ledger_name)
    return Wallet(driver.driver_of(ledger, retry_config=retries()), _profiles(settings), Receipts(ledger))


def open_verification(settings: Settings) -> Verification:
    """Connect to the ledger that the settings name and to its notarised digests, for reading."""
    ledger = Ledger(_store(settings), settings.ledger_name)
    return Verification(ledger, driver.driver_of(ledger, retry_config=retries()), _digests(settings))


def retries() -> RetryConfig:
    """Retry conflicts with full jitter: 10 ms doubled each time, up to half a second.

    Many calls on one account want more and shorter pauses than the driver's default of four.
    """
    return RetryConfig(retry_limit=RETRY_LIMIT, custom_backoff=_pause_ms)


def _pause_ms(attempt: int, error: Exception, _transaction_id: str | None) -> float:
    metrics.retried(error)
    return random.uniform(0, min(10 * 2**attempt, _LONGEST_PAUSE_MS))  # noqa: S311 - jitter


def _store(settings: Settings) -> DynamoDBStore:
    return DynamoDBStore(settings.ledger_table, namespace=settings.ledger_name)


def _digests(settings: Settings) -> NotarisedDigests | None:
    if settings.digest_bucket is None:
        return None
    s3, kms = (boto3.client(service, config=_EVIDENCE_CLIENT) for service in ("s3", "kms"))
    archive = S3Archive(s3, settings.digest_bucket, settings.ledger_name, owner=settings.digest_bucket_owner)
    arns = settings.signing_key_arns
    return NotarisedDigests(archive, settings.ledger_name, lambda: {arn: kms_public_key(kms, arn) for arn in arns})


def _profiles(settings: Settings) -> Profiles | None:
    if settings.profile_table is None:
        return None
    return DynamoDBProfiles(boto3.client("dynamodb", config=_PROFILE_CLIENT), settings.profile_table)
