"""The deployed notary: what it answers, what it measures, and what it says of a refusal."""

import pytest

from lambdas.evidence import notary as function
from lambdas.evidence.notary import Connections, connections, handler
from lambdas.evidence.settings import EvidenceSettings
from ledger.notary.errors import ArchiveDamagedError, HistoryRewrittenError
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from ledger.strand import block_key, tip
from tests.evidence.functions import Context, log_of
from tests.evidence.test_settings import ENVIRONMENT
from tests.ledger.test_audit import overwrite


@pytest.fixture(autouse=True)
def deployed(watched, monkeypatch):
    """The handler, connected to the ledger and its archive."""
    known = Connections(EvidenceSettings.read(ENVIRONMENT), watched.notary)
    monkeypatch.setattr(function, "connections", lambda: known)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "wallet")
    return known


@pytest.fixture
def log(capsys):
    with log_of(function.logger, capsys) as log:
        yield log


def cut_off(watched):
    strand_id = watched.ledger.settings.strands[0]
    last = tip(watched.store, strand_id).address
    overwrite(watched.client, block_key(last), None)
    return strand_id


def test_a_digest_is_notarised_once_for_each_time_that_a_tip_has_moved(watched):
    watched.add()
    assert handler({"any": "event"}, Context()) == {"notarised": True, "number": 2}
    assert handler(None, Context()) == {"notarised": False, "number": None}


def test_each_run_says_that_no_block_waits_for_a_digest_whether_it_made_one_or_not(watched, log):
    watched.add()
    for made in (1, 0):
        handler(None, Context())
        assert log.metrics() == {
            "NotaryRefusals": ([0], "Count"),
            "DigestsNotarised": ([made], "Count"),
            "DigestAge": ([0], "Seconds"),
        }


def test_rewritten_history_is_refused_counted_and_logged_with_its_place(watched, log):
    strand_id = cut_off(watched)
    with pytest.raises(HistoryRewrittenError, match=strand_id):
        handler(None, Context())
    [logged] = log.entries()
    assert log.metrics() == {"NotaryRefusals": ([1], "Count")}, "nothing is claimed about the digests' age"
    assert (logged["level"], logged["message"], logged["ledger"]) == ("ERROR", "refused to notarise", "demo")
    assert f"strand {strand_id} ends with block" in logged["reason"]


def test_a_digest_that_nobody_trusted_has_signed_is_refused_and_counted(watched, log, monkeypatch):
    other = Notary(watched.store, "demo", watched.archive, LocalSigner("somebody else's key"))
    known = Connections(EvidenceSettings.read(ENVIRONMENT), other)
    monkeypatch.setattr(function, "connections", lambda: known)
    with pytest.raises(ArchiveDamagedError, match="not one of those that are trusted"):
        handler(None, Context())
    assert log.metrics() == {"NotaryRefusals": ([1], "Count")}


def test_a_ledger_that_cannot_be_read_is_an_error_and_no_refusal(watched, log, monkeypatch):
    def fail(*_args, **_options):
        raise ConnectionError("the table does not answer")

    monkeypatch.setattr(type(watched.store), "get", fail)
    with pytest.raises(ConnectionError):
        handler(None, Context())
    assert (log.metrics(), log.entries()) == ({}, [])


def test_the_connections_are_made_from_the_environment_once(monkeypatch, watched):
    made = []
    monkeypatch.setattr(function.connection, "open_notary", lambda *given: made.append(given) or watched.notary)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    connections.cache_clear()
    assert connections() is connections()
    assert made == [(EvidenceSettings.read(ENVIRONMENT), ("COMPLIANCE", 365))]
    connections.cache_clear()
