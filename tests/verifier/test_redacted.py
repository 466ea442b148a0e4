"""After a redaction every digest and proof that was kept verifies as before, and the data cannot be made up again."""

from ledger import ion
from ledger.control.digest import get_digest
from ledger.control.revision import get_revision
from tests.verifier.test_forgeries import changed
from tests.verifier.verdicts import is_proven, is_whole


def revisions_of(journal):
    return [shown for shown in journal.shown() if shown.kind == "revision"]


def test_redacted_revision_is_proven_by_the_proof_and_the_digest_that_were_kept(journal, redact):
    kept = next(each for each in revisions_of(journal) if "CurrentBalance" in each.value.get("data", {}))
    redact(kept.value)
    address, document_id = ion.text(kept.value["blockAddress"]), str(kept.value["metadata"]["id"])
    shown = get_revision(journal.ledger, address, document_id, journal.digest.tip_address)
    now = kept._replace(value=ion.loads(ion.dumps(shown.revision)))
    assert "data" not in now.value
    assert now.value["dataHash"] == ion.digest(kept.value["data"])
    assert is_proven(*now)
    assert is_proven(*kept), "whoever kept the data can still prove them"
    made_up = changed(kept.value["data"], CurrentBalance=0)
    assert not is_proven(*now._replace(value=changed(now.value, data=made_up, dataHash=None)))


def test_journal_with_a_redaction_is_whole_for_the_digests_before_and_after_and_names_it(journal, redact):
    kept = next(each for each in revisions_of(journal) if "CurrentBalance" in each.value.get("data", {}))
    redact(kept.value)
    later = get_digest(journal.ledger)
    assert is_whole(journal.blocks(), journal.digest)
    assert is_whole(journal.blocks(), later)
    [asking] = [block for block in journal.blocks() if "redactionInfo" in dict(ion.fields(block))]
    [info] = asking["redactionInfo"]["revisions"]
    assert (info["documentId"], info["version"]) == (kept.value["metadata"]["id"], kept.value["metadata"]["version"])
    for forged in (changed(asking, redactionInfo=None), changed(asking, redactionInfo={"revisions": []})):
        assert not is_whole([forged if block == asking else block for block in journal.blocks()])
