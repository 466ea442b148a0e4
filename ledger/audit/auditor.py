"""The auditor: run again and again, it goes on where it stopped, and reports what it finds."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ledger import clock
from ledger import settings as ledger_settings
from ledger.audit.budget import Budget, Stopwatch
from ledger.audit.checkpoint import CheckpointError, OtherLedgerError
from ledger.audit.files import AuditFiles
from ledger.audit.finding import Finding, Item, Kind
from ledger.audit.noting import Carried
from ledger.audit.report import Report, finding_fields, findings_of
from ledger.audit.rolling import RollingCheck, last_sighting
from ledger.audit.scratch import scratch_folder
from ledger.clock import Clock
from ledger.notary.archive import Archive
from ledger.notary.consistency import uncovered_since
from ledger.settings import LedgerNotFoundError
from ledger.store.base import Corrupt, Store
from ledger.strand import UNREADABLE
from ledger.verification.ecdsa import Keys

_UNLIMITED = Budget()


class Auditor:
    """Audits one ledger. Two runs at once do no harm, but what one of them learned is lost."""

    def __init__(
        self,
        store: Store,
        ledger: str,
        archive: Archive,
        keys: Keys,
        files: AuditFiles,
        *,
        carried: Carried = MappingProxyType({}),
    ) -> None:
        """Audit a ledger in `store`; nothing is read yet.

        Args:
            archive: of its notarised digests.
            keys: those that may have signed them.
            files: where the auditor keeps what it knows.
            carried: fields that must have the value which another one, the value here, had in the revision before, in
                documents that have both. So is found what somebody changed and others then built upon.
        """
        self._store = store
        self._ledger = ledger
        self._archive = archive
        self._keys = keys
        self._files = files
        self._carried = carried

    def run(self, budget: Budget = _UNLIMITED, *, anew: bool = False, now: Clock = clock.now) -> Report:
        """Check what is new, then go on with checking everything again; keep what was learned, and the report.

        Args:
            anew: forget what earlier runs learned.

        Raises:
            StoreError: the ledger cannot be read.
            ClientError: the archive or the files cannot be used.
        """
        watch = Stopwatch(budget.seconds)
        with scratch_folder() as folder:
            path = folder / "state.db"
            if not anew:
                self._files.fetch_state(path)
                # It grows with the ledger, and is to be kept in the end, which takes as long again.
                watch.reserve(watch.seconds)
            try:
                report = self._run(path, watch, budget.rolling_seconds, now())
            finally:
                # Also after an error: what was saved up to it is sound, and the next run goes on there.
                if path.exists():
                    self._files.keep_state(path)
        self._files.add_report(report.date, report.to_json())
        return report

    def _run(self, path: Path, watch: Stopwatch, rolling_seconds: float, now: datetime) -> Report:
        problem = self._problem_with_settings()
        if problem:
            return self._unreadable(problem, now, last_sighting(path, now))
        try:
            return self._audited(path, watch, rolling_seconds, now)
        except OtherLedgerError:
            what = "its strands are not those that were audited before: it is another ledger"
            return self._unreadable(what, now, last_sighting(path, now))
        except (CheckpointError, sqlite3.DatabaseError):
            # Of another version of this program, or damaged: all of it can be learned again.
            path.unlink()
            return self._audited(path, watch, rolling_seconds, now)

    def _audited(self, path: Path, watch: Stopwatch, rolling_seconds: float, now: datetime) -> Report:
        check = RollingCheck(
            self._store,
            self._ledger,
            self._archive,
            self._keys,
            checkpoint=path,
            progress=watch.progress,
            carried=self._carried,
            now=now,
        )
        with closing(check):
            try:
                finished = self._check(check, watch, rolling_seconds, now)
            except Corrupt as corrupt:
                finished = False
                check.expected.undo()
                finding = Finding(f"ledger {self._ledger}", f"has a cell that cannot be read: {corrupt}")
                check.expected.add_finding(finding, Item(Kind.CELL))
            check.expected.save()
            return self._report(check, watch.seconds, now, finished=finished)

    def _check(self, check: RollingCheck, watch: Stopwatch, rolling_seconds: float, now: datetime) -> bool:
        save = check.expected.save
        if not watch.run(check.catch_up, save):
            return False
        check.expected.store("finished", clock.write(now))
        with watch.limited(rolling_seconds):
            is_done = watch.run(check.roll, save)
        if not is_done:
            # What was found before the time for that was up is to be in this report, not in the next one.
            watch.run(check.settle, save)
        return True

    def _report(self, check: RollingCheck, seconds: float, now: datetime, *, finished: bool) -> Report:
        newest, last = check.newest_digest(), check.expected.load("finished", None)
        return Report(
            ledger=self._ledger,
            date=now,
            seconds=seconds,
            finished=finished,
            blocks=check.blocks_read,
            digests=check.digests_read,
            newest_digest=newest,
            full_audit={**check.passes, "stage": check.stage},
            finding_count=check.expected.finding_count(),
            findings=findings_of(check),
            audit_age=_age(check.settings.created if last is None else clock.read(last), now),
            digest_age=_age(uncovered_since(self._store, check.settings, newest), now),
        )

    def _problem_with_settings(self) -> str | None:
        try:
            ledger_settings.load(self._store, self._ledger)
        except LedgerNotFoundError as error:
            return f"it is not there: {error}"
        except UNREADABLE as error:
            return f"its settings cannot be read: {error!r}"
        return None

    def _unreadable(self, what: str, now: datetime, seen: Any) -> Report:
        finding = finding_fields(Finding(f"ledger {self._ledger}", what), seen) | {"kind": Kind.SETTINGS}
        return Report(
            ledger=self._ledger,
            date=now,
            seconds=0.0,
            finished=False,
            blocks=0,
            digests=0,
            newest_digest=None,
            full_audit={},
            finding_count=1,
            findings=(finding,),
            audit_age=None,
            digest_age=None,
        )


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
