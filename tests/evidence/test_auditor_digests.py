"""The auditor checks every notarised digest: that it is there, signed, and continues the one before."""

import pytest

from ledger.audit.auditor import Auditor
from ledger.audit.budget import Budget
from ledger.notary.archive import digest_key
from ledger.notary.signing import LocalSigner
from ledger.verification.notarised import Notarised


def path_of(tmp_path, number):
    return tmp_path / digest_key("demo", number)


def test_forged_digest_is_found_and_those_after_it_are_checked_all_the_same(watched, tmp_path):
    for _ in range(3):
        watched.add()
        watched.notarise()
    watched.audit()
    genuine = Notarised.read(path_of(tmp_path, 2).read_bytes())
    statement = genuine.statement._replace(date="2020-01-01T00:00:00.000Z")
    forged = genuine._replace(statement=statement, signature=LocalSigner().sign(statement.text.encode()))
    path_of(tmp_path, 2).write_text(forged.to_json())
    report = watched.audit()
    [finding] = report.findings
    assert (finding["where"], finding["digestNumber"]) == ("digest 2", 2)
    assert "has not signed this statement" in finding["what"]
    assert report.newest_digest.number == 4


@pytest.mark.parametrize("number", [1, 2, 3])
def test_missing_digest_is_found(watched, tmp_path, number):
    for _ in range(2):
        watched.add()
        watched.notarise()
    watched.audit()
    path_of(tmp_path, number).unlink()
    said = [text for text in watched.said() if "is missing from the archive" in text]
    assert said == [f"digest {number}: is missing from the archive"]


def test_digests_that_expired_from_the_beginning_on_are_no_finding(watched, tmp_path):
    watched.add()
    watched.notarise()
    watched.audit()
    for number in (0, 1):
        path_of(tmp_path, number).unlink()
    assert watched.said() == []


def test_damaged_digest_is_found_whatever_is_in_it(watched, tmp_path):
    watched.add()
    watched.notarise()
    watched.audit()
    for data in (b"", b"{}", b"[]", b"\xff", b'{"statement":"{}","signature":""}', b'{"statement":3,"signature":""}'):
        path_of(tmp_path, 0).write_bytes(data)
        [finding] = watched.audit().findings
        assert finding["where"] == "digest 0"


def test_digest_of_another_number_in_its_place_is_found(watched, tmp_path):
    watched.add()
    watched.notarise()
    watched.audit()
    path_of(tmp_path, 0).write_bytes(path_of(tmp_path, 1).read_bytes())
    assert any("digest 0: is not sound: read the notarised digest: it is digest 1" in text for text in watched.said())


def test_digest_of_a_signed_but_other_journal_is_found_although_everything_in_it_fits(watched, tmp_path):
    """Whoever has the key, but not the ledger: his digest is signed, and no journal has it."""
    genuine = Notarised.read(path_of(tmp_path, 1).read_bytes())
    roots = tuple(bytes(32) for _ in genuine.statement.roots)
    statement = genuine.statement._replace(number=2, roots=roots, previous=genuine.statement.hash)
    forged = Notarised(statement, watched.signer.sign(statement.text.encode()), genuine.proofs)
    path_of(tmp_path, 2).write_text(forged.to_json())
    said = watched.said()
    assert any(text.startswith("digest 2: is not sound: check that strand") for text in said)


def test_without_any_digest_the_journal_is_audited_all_the_same(watched, tmp_path):
    for path in (tmp_path / "demo/digests").glob("*/*"):
        path.unlink()
    report = watched.audit(anew=True)
    assert (report.finished, report.finding_count, report.newest_digest) == (True, 0, None)
    assert report.digest_age > 0


def test_many_digests_that_are_not_sound_are_reported_by_a_run_that_is_too_short_for_them(watched, steps):
    """As when the key was changed and the former one is not in the list: such a run must not end without a report."""
    for _ in range(20):
        watched.add()
        watched.notarise()
    stranger = Auditor(watched.store, "demo", watched.archive, {}, watched.files)
    report = stranger.run(Budget(seconds=8), anew=True)
    assert (report.finished, 0 < report.digests < 10) == (False, True)
    assert report.finding_count == report.digests
    assert "not one of those that are trusted" in report.findings[0]["what"]
