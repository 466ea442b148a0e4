"""What stands outside a ledger as evidence for it, as pages show it: notarised digests, and the reports of an auditor.

Pages get what is kept as it is kept, and the keys to trust: signatures are checked in the browser.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice, takewhile
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ledger.audit.reports import Kept, Reports
from ledger.console.errors import EvidenceUnreadableException
from ledger.notary.archive import Archive, Entry, digest_key
from ledger.verification.ecdsa import PublicKey

MOST_DIGESTS = 20
MOST_REPORTS = 10
_MOST_FINDINGS = 100
_AT_ONCE = 8


class TrustedKey(NamedTuple):
    """A public key that may have signed digests; `name` is what a page calls it."""

    name: str
    key: PublicKey


class Evidence(NamedTuple):
    """Where the evidence of all ledgers is. What the console was not told of is `None`.

    Attributes:
        digests_place, audits_place: as pages name them, such as `s3://bucket`.
        archive, reports: open what is kept of the ledger of a name.
        trusted: gives the keys whose signatures count.
    """

    digests_place: str | None = None
    archive: Callable[[str], Archive] | None = None
    audits_place: str | None = None
    reports: Callable[[str], Reports] | None = None
    trusted: Callable[[], Sequence[TrustedKey]] = tuple


def digests(evidence: Evidence, ledger: str, *, limit: int, before: int | None = None) -> dict[str, Any]:
    """Return `{place, keys, digests, isLast}`, the digests newest first.

    Args:
        before: the number that bounds the wanted ones, itself not wanted.

    Raises:
        EvidenceUnreadableException: they, or the keys, cannot be read.
    """
    if evidence.archive is None:
        return {"place": None, "keys": [], "digests": [], "isLast": True}
    archive, place = evidence.archive(ledger), str(evidence.digests_place)
    with _told(place):
        first, entries = _entries(archive, min(limit, MOST_DIGESTS), before)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(partial(_digest, archive, f"{place}/", ledger), reversed(entries)))
    with _told("the public key"):
        keys = [
            {"name": name, "key": b64encode(key.to_der()).decode(), "fingerprint": key.fingerprint}
            for name, key in evidence.trusted()
        ]
    return {"place": place, "keys": keys, "digests": found, "isLast": first == 0}


def audits(evidence: Evidence, ledger: str) -> dict[str, Any]:
    """Return `{place, audits}`: the newest reports, `{location, report}` each; `report` is null if it is none.

    Raises:
        EvidenceUnreadableException: they cannot be read.
    """
    if evidence.reports is None:
        return {"place": None, "audits": []}
    place = str(evidence.audits_place)
    with _told(place):
        kept = list(islice(evidence.reports(ledger).newest(), MOST_REPORTS))
    return {
        "place": place,
        "audits": [{"location": f"{place}/{each.key}", "report": _report(each)} for each in kept],
    }


def _entries(archive: Archive, limit: int, before: int | None) -> tuple[int, list[Entry]]:
    """Return the number from which on entries were looked for, and the entries."""
    if before is None:
        newest = archive.newest()
        if newest is None:
            return 0, []
        before = newest.number + 1
    first = max(0, before - limit)
    return first, list(takewhile(lambda entry: entry.number < before, archive.entries(first)))


def _digest(archive: Archive, place: str, ledger: str, entry: Entry) -> dict[str, Any]:
    until = None if entry.version is None else archive.locked_until(entry)
    return {
        "number": entry.number,
        "location": place + digest_key(ledger, entry.number),
        "content": None if entry.version is None else archive.read(entry).decode("utf-8", "replace"),
        "isSole": entry.is_sole,
        "lockedUntil": until and until.isoformat(),
    }


def _report(kept: Kept) -> dict[str, Any] | None:
    try:
        report = json.loads(kept.text)
        return {**report, "findings": report["findings"][:_MOST_FINDINGS]}
    except (ValueError, TypeError, KeyError):
        return None


@contextmanager
def _told(place: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code, message = (error.response["Error"].get(name, "") for name in ("Code", "Message"))
        raise EvidenceUnreadableException(place, f"{code}: {message}") from error
    except (BotoCoreError, OSError, ValueError) as error:
        raise EvidenceUnreadableException(place, str(error)) from error
