"""What a check says of redactions: those that nobody asked for, and those that nobody will carry out."""

from contextlib import closing

import pytest

from ledger import ion
from ledger.audit import Check
from ledger.journal.cell import read_block, write_stored
from ledger.rebuild import JournalDamagedError, Rebuild
from ledger.redaction import PENDING
from ledger.store.base import Key
from tests.ledger.test_audit import cells, overwrite
from tests.ledger.test_redaction import redact


@pytest.fixture
def edited(local_client):
    """A ledger with a document of three versions."""
    local_client.run("INSERT INTO T {'k': 'p', 'secret': 'x'}")
    for number in range(2):
        local_client.run("UPDATE T SET secret = ? WHERE k = 'p'", number)
    return local_client


def redact_version(client, version):
    [row] = client.run("SELECT * FROM history(T) AS h WHERE h.metadata.version = ?", version)
    redact(client, ion.parse(row))


def rebuilt(client):
    with closing(Rebuild(client.ledger.store, "demo")) as made:
        made.run()


def asked(client, monkeypatch):
    """Ask for a redaction that nobody carries out yet, and return its note's key."""
    with monkeypatch.context() as dead:
        dead.setattr("ledger.ledger.carry_out", lambda *_: None)
        redact_version(client, 0)
    [note] = cells(client, PENDING)
    return note


def test_a_redaction_that_was_carried_out_is_no_finding_and_survives_a_rebuild(edited):
    redact_version(edited, 0)
    assert edited.findings() == []
    for key in cells(edited, "document/"):
        overwrite(edited, key, None)
    rebuilt(edited)
    assert edited.findings() == []


def test_a_redaction_that_is_still_to_be_carried_out_is_no_finding(edited, monkeypatch):
    asked(edited, monkeypatch)
    assert edited.findings() == []


def test_data_erased_without_being_asked_is_found_and_a_rebuild_refuses(edited):
    """The chain holds, since the hash of the data is left; only the journal's own words tell."""
    [key] = [key for key in cells(edited, "block/") if b"secret" in edited.ledger.store.get([key])[key].data][:1]
    stored = read_block(edited.ledger.store.get([key])[key].data)
    [revision] = stored.block.revisions
    object.__setattr__(revision, "data_hash", ion.digest(ion.loads(revision.data)))
    object.__setattr__(revision, "data", None)
    overwrite(edited, key, write_stored(stored))
    version = revision.metadata.version
    assert f"its revision {version} is redacted, but no block asks for that" in [what for _, what in edited.findings()]
    with pytest.raises(JournalDamagedError, match="no block asks for that"):
        rebuilt(edited)


def test_a_lost_note_is_found_and_made_anew_so_that_the_redaction_is_carried_out(edited, monkeypatch):
    note = asked(edited, monkeypatch)
    overwrite(edited, note, None)
    assert [what for _, what in edited.findings()] == ["its revision 0 is to be redacted, but not noted so"]
    rebuilt(edited)
    assert edited.findings() == []
    assert cells(edited, PENDING) == [note]


def test_a_note_that_nobody_asked_for_is_found_and_removed_before_it_does_harm(edited, monkeypatch):
    note = asked(edited, monkeypatch)
    data = edited.ledger.store.get([note])[note].data
    forged = Key(PENDING, note.sort.replace("/0", "/1"))
    overwrite(edited, forged, data.replace(b",0]", b",1]"))
    wrong = "its revision 1 is noted to be redacted, but no block asks for that"
    assert [what for _, what in edited.findings()] == [wrong]
    rebuilt(edited)
    assert cells(edited, PENDING) == [note]


def test_redactions_asked_for_and_carried_out_during_a_check_mislead_it_not(edited):
    stages = []

    def progress(what, *_):
        if what not in stages:
            stages.append(what)
            if len(stages) <= 2:
                redact_version(edited, len(stages) - 1)

    with closing(Check(edited.ledger.store, "demo", progress=progress)) as check:
        assert list(check.run()) == []
    assert stages[:2] == ["blocks", "documents"]
    assert edited.findings() == []
