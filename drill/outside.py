"""Manipulations of what the table's owner should not reach: the notarised digests, and what the auditor notes."""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from drill.derived import change_balance
from drill.ground import Ground
from drill.journal import roll_table_back
from drill.manipulation import Attempt, Manipulation
from drill.scene import Scene
from ledger.notary.signing import LocalSigner
from ledger.verification.notarised import Notarised

_REPLACED, _REMOVED = 2, 4


def lose_notes(scene: Scene) -> Attempt:
    """Change a balance, and remove what the auditor knows of the ledger."""
    return change_balance(scene)._replace(elsewhere=lambda ground: _write_notes(ground, None))


def damage_notes(scene: Scene) -> Attempt:
    """Change a balance, and damage what the auditor knows of the ledger."""
    return change_balance(scene)._replace(elsewhere=lambda ground: _write_notes(ground, (ground.notes() or b"")[:9000]))


def change_notes(scene: Scene) -> Attempt:
    """Change a balance, and what the auditor noted of it."""
    changed = change_balance(scene)
    [(key, data)] = changed.writes.items()
    digest = hashlib.sha256(data or b"").digest()
    named = {"kind": "notes", "text": f"on document {key.sort} are not what the journal says"}
    elsewhere = _in_notes("UPDATE document SET digest = ? WHERE id = ?", digest, key.sort)
    return Attempt(named, changed.writes, elsewhere)


def roll_table_and_notes_back(scene: Scene) -> Attempt:
    """Put an older copy of the table in place, and what the auditor knew then."""
    notes = scene.earlier_notes
    return roll_table_back(scene)._replace(elsewhere=lambda ground: _write_notes(ground, notes))


def replace_digest(_scene: Scene) -> Attempt:
    """Put a digest over a notarised one that somebody else's key has signed."""
    named = {"kind": "digest", "digestNumber": _REPLACED, "text": ""}
    return Attempt(named, elsewhere=lambda ground: _forge(ground, _REPLACED, _REPLACED))


def remove_digest(_scene: Scene) -> Attempt:
    """Remove a notarised digest."""
    named = {"kind": "digest", "digestNumber": _REMOVED, "text": ""}
    return Attempt(named, elsewhere=_remove)


def _forge(ground: Ground, number: int, of: int) -> str:
    notarised = Notarised.read(ground.digest(of))
    genuine = notarised.statement
    statement = genuine._replace(number=number, roots=genuine.roots[::-1])
    signature = LocalSigner(genuine.key_id).sign(statement.text.encode())
    ground.write_digest(number, Notarised(statement, signature, notarised.proofs).to_json().encode())
    return "written over it"


def _remove(ground: Ground) -> str:
    refusal = ground.remove_digest(_REMOVED)
    return f"the lock holds ({refusal}); hidden behind a delete marker" if refusal else "removed"


def _write_notes(ground: Ground, notes: bytes | None) -> str:
    ground.write_notes(notes)
    return "the auditor's notes, too"


def _in_notes(statement: str, *parameters: object) -> Callable[[Ground], str]:
    def change(ground: Ground) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "notes.db"
            path.write_bytes(ground.notes() or b"")
            with closing(sqlite3.connect(path)) as database, database:
                database.execute(statement, parameters)
            return _write_notes(ground, path.read_bytes())

    return change


NOTES = (
    Manipulation("remove the auditor's notes, and change a balance", lose_notes, loses_notes=True),
    Manipulation("damage the auditor's notes, and change a balance", damage_notes, loses_notes=True),
    Manipulation("change a balance, and what the auditor noted of it", change_notes),
    Manipulation(
        "roll the table and the auditor's notes back", roll_table_and_notes_back, is_refused=True, loses_notes=True
    ),
)

DIGESTS = (
    Manipulation("replace a notarised digest", replace_digest, is_lasting=True),
    Manipulation("remove a notarised digest", remove_digest, is_lasting=True),
)
