"""What stands outside the ledger as evidence for it: digests that were notarised, and the runs of an auditor.

A page shows it from here alone; whoever keeps such evidence gives the console a `Source`.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class NotarisedDigest(NamedTuple):
    """A digest that was signed and put where the ledger's owner cannot change it.

    Attributes:
        date, retain_until: instants as `2019-12-11T07:20:51.245Z`; `None` for a store that promises no retention.
        digest, signature: base64.
        tip_address: Ion text.
        algorithm: such as `ECDSA_SHA_256`.
        key_id: of the key that signed.
        location: where the object is, such as `s3://bucket/key`.
    """

    date: str
    digest: str
    tip_address: str
    signature: str
    algorithm: str
    key_id: str
    location: str
    retain_until: str | None = None


class Finding(NamedTuple):
    """What an audit found wrong: where, what, and since when, as far as that is known."""

    where: str
    what: str
    since: str | None = None


class AuditRun(NamedTuple):
    """One run of the auditor.

    Attributes:
        status: `RUNNING`, `PASSED` or `FAILED`.
        kind: `INCREMENTAL` or `FULL`.
        started, finished: instants.
        blocks: how many were checked.
        covers: the newest digest that it compared the journal with, base64.
    """

    started: str
    finished: str | None
    status: str
    kind: str
    blocks: int
    covers: str | None = None
    findings: Sequence[Finding] = ()


class Evidence(NamedTuple):
    """All of it for one ledger, the newest first; each list may be cut off."""

    digests: Sequence[NotarisedDigest] = ()
    audits: Sequence[AuditRun] = ()


Source = Callable[[str], Evidence]
"""Gives the evidence for the ledger of this name."""


def to_json(evidence: Evidence) -> dict[str, Any]:
    """Return it as pages read it: names in camel case."""
    audits = [{**_members(run), "findings": [_members(finding) for finding in run.findings]} for run in evidence.audits]
    return {"digests": [_members(digest) for digest in evidence.digests], "audits": audits}


def _members(value: Any) -> dict[str, Any]:
    return {_camel_case(name): member for name, member in value._asdict().items()}


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
