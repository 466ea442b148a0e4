"""A drill: every manipulation, one after the other, each on the sound ledger, each followed by notary and audit."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from drill.ground import Ground, write
from drill.manipulations import MANIPULATIONS, Manipulation, Named
from drill.wallet import Past
from ledger.audit.auditor import Auditor
from ledger.audit.report import Report
from ledger.notary.errors import NotaryError
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from ledger.verification.notarised import Notarised

Finding = Mapping[str, Any]
_REPLACED = 4


class Result(NamedTuple):
    """How one manipulation came out.

    Attributes:
        cells: how many were written behind the ledger's back.
        refusal: why the notary refused; empty if it did not.
        findings: of the audit, the first thousand; `finding_count`, how many there are.
        named: the finding that names what was done, and since when; `None` if there is none.
        is_caught: whether everything that had to be noticed was.
    """

    name: str
    cells: int
    refusal: str
    findings: tuple[Finding, ...]
    finding_count: int
    named: Finding | None
    is_caught: bool


class Drill:
    """A ledger that was sound when it was last audited, and what watches over it.

    Attributes:
        sound: the report of the audit before any manipulation.
    """

    def __init__(self, ground: Ground, past: Past) -> None:
        """Put a ledger with this past into the ground's store, with a digest notarised after each stage; audit it."""
        self._ground = ground
        self._past = past
        ledger, keys = past.settings.name, {ground.signer.key_id: ground.signer.public_key}
        self._notary = Notary(ground.store, ledger, ground.archive, ground.signer)
        self._auditor = Auditor(ground.store, ledger, ground.archive, keys, ground.files)
        before: Mapping[Any, bytes] = {}
        for cells in past.stages:
            write(ground.store, {key: data for key, data in cells.items() if before.get(key) != data})
            self._notary.notarise()
            before = cells
        self.sound = self._auditor.run()

    def run(self) -> Iterator[Result]:
        """Try every manipulation, and undo each; the auditor forgets it, too."""
        with tempfile.TemporaryDirectory() as folder:
            state = Path(folder) / "state.db"
            self._ground.files.fetch_state(state)
            for manipulation in MANIPULATIONS:
                yield self._try(manipulation)
                self._ground.files.keep_state(state)
            yield self._replace_digest()

    def after(self) -> Report:
        """Audit the ledger once everything is undone."""
        return self._auditor.run()

    def _try(self, manipulation: Manipulation) -> Result:
        attempt = manipulation.try_on(self._past)
        write(self._ground.store, attempt.writes)
        result = self._noticed(manipulation.name, len(attempt.writes), attempt.named)
        write(self._ground.store, {key: self._past.cells.get(key) for key in attempt.writes})
        return result._replace(is_caught=result.is_caught and bool(result.refusal) == manipulation.is_refused)

    def _replace_digest(self) -> Result:
        """Put a digest that somebody else's key has signed in the place of a notarised one."""
        archive, signer = self._ground.archive, self._ground.signer
        notarised = Notarised.read(archive.read(next(archive.entries(_REPLACED))))
        statement = notarised.statement._replace(roots=notarised.statement.roots[::-1])
        forged = Notarised(statement, LocalSigner(signer.key_id).sign(statement.text.encode()), notarised.proofs)
        undo = self._ground.replace_digest(_REPLACED, forged.to_json().encode())
        result = self._noticed("replace a notarised digest", 0, {"kind": "digest", "digestNumber": _REPLACED})
        undo()
        return result

    def _noticed(self, name: str, cells: int, named: Named) -> Result:
        refusal, report = self._refusal(), self._auditor.run()
        found = next((finding for finding in report.findings if _names(finding, named)), None)
        is_caught = found is not None and found["since"] is not None
        return Result(name, cells, refusal, report.findings, report.finding_count, found, is_caught)

    def _refusal(self) -> str:
        try:
            self._notary.notarise()
        except NotaryError as error:
            return str(error)
        return ""


def _names(finding: Finding, named: Named) -> bool:
    fields = {name: value for name, value in named.items() if name != "text"}
    return fields.items() <= finding.items() and named.get("text", "") in finding["what"]
