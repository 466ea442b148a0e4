"""A drill: every manipulation, one after the other, each on a ledger in use that was just found to be sound."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from drill.derived import DERIVED
from drill.ground import Ground, Report
from drill.journal import JOURNAL
from drill.life import Life
from drill.manipulation import Attempt, Manipulation, Named
from drill.outside import DIGESTS, NOTES
from drill.scene import Scene

Finding = Mapping[str, Any]

MANIPULATIONS = (*DERIVED, *JOURNAL, *NOTES, *DIGESTS)
_STAGES, _EARLIER = 10, 7


class Result(NamedTuple):
    """How one manipulation came out.

    Attributes:
        cells: how many were written behind the ledger's back.
        elsewhere: how it went outside the table; empty if nothing was done there.
        refusal: why the notary refused; empty if it did not.
        report: of the audit after it.
        named: the finding that names what was done, and since when; `None` if there is none.
        is_caught: whether everything that had to be noticed was, by this one audit, and nothing before.
    """

    name: str
    cells: int
    elsewhere: str
    refusal: str
    report: Report
    named: Finding | None
    is_caught: bool


class Drill:
    """A ledger in use, and what watches over it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._life = Life(ground)
        self._earlier: Any = None

    def close(self) -> None:
        """Let go of the ledger."""
        self._life.close()

    def build(self, transactions: int) -> Iterator[int]:
        """Let the ledger live through so many transactions, a digest being notarised after each tenth of them."""
        each = transactions // _STAGES
        for stage in range(1, _STAGES + 1):
            self._life.go_on(each if stage < _STAGES else transactions - each * (_STAGES - 1))
            self._refuse_refusal()
            if stage == _EARLIER:
                self._ground.audit()
                self._earlier = (self._ground.cells(), self._ground.notes())
            yield stage * each

    def run(self, manipulations: Sequence[Manipulation] = MANIPULATIONS) -> Iterator[Result]:
        """Try the manipulations, and put back what can be."""
        for manipulation in manipulations:
            yield self._try(manipulation)

    def audit(self) -> Report:
        """Audit the ledger."""
        return self._ground.audit()

    def _try(self, manipulation: Manipulation) -> Result:
        ground = self._ground
        self._life.go_on()
        self._refuse_refusal()
        before = ground.audit()
        scene, notes = Scene(ground.cells(), *self._earlier), ground.notes()
        attempt = manipulation.attempt(scene)
        ground.write(attempt.writes)
        elsewhere = attempt.elsewhere(ground) if attempt.elsewhere else ""
        # What the notary signs cannot be unsigned: it is asked where it must refuse, or has nothing to sign.
        refusal = "" if manipulation.is_taken_in else ground.notarise()
        report = ground.audit()
        if not manipulation.is_lasting:
            self._put_back(scene, attempt)
        if manipulation.is_taken_in:
            ground.audit(anew=True)
        elif manipulation.loses_notes:
            ground.write_notes(notes)
        named = next((finding for finding in report["findings"] if _names(finding, attempt.named)), None)
        is_refused = bool(refusal) or not manipulation.is_refused
        return Result(
            name=manipulation.name,
            cells=len(attempt.writes),
            elsewhere=elsewhere,
            refusal=refusal,
            report=report,
            named=named,
            is_caught=is_refused and _is_quiet(before) and _is_new(manipulation, named, before),
        )

    def _put_back(self, scene: Scene, attempt: Attempt) -> None:
        now = self._ground.cells()
        changed = {key for key in now.keys() | scene.cells.keys() if now.get(key) != scene.cells.get(key)}
        self._ground.write({key: scene.cells.get(key) for key in changed | attempt.writes.keys()})

    def _refuse_refusal(self) -> None:
        refusal = self._ground.notarise()
        if refusal:
            raise AssertionError(f"the notary refuses a sound ledger: {refusal}")


def _is_quiet(before: Report) -> bool:
    """Tell whether an audit found nothing, but for what cannot be put back."""
    return all(finding["kind"] == "digest" for finding in before["findings"])


def _is_new(manipulation: Manipulation, found: Finding | None, before: Report) -> bool:
    if found is None or found["where"] in {finding["where"] for finding in before["findings"]}:
        return False
    return manipulation.loses_notes or bool(found["since"] == before["newestDigest"])


def _names(finding: Finding, named: Named) -> bool:
    fields = {name: value for name, value in named.items() if name != "text"}
    return fields.items() <= finding.items() and named.get("text", "") in finding["what"]
