"""Proofs of receipts against notarised digests, and notarised digests beside the ledger's own."""

import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lambdas.wallet import connection, handlers
from lambdas.wallet.access import Access, Source
from lambdas.wallet.notarised import NotarisedDigests
from lambdas.wallet.settings import MissingSettingError, Settings
from lambdas.wallet.verification import Verification
from ledger import driver as ledger_driver
from ledger import ion
from ledger.ledger import Ledger
from ledger.notary.archive import FolderArchive
from ledger.notary.notary import Notary
from ledger.notary.s3 import S3Archive
from ledger.notary.signing import LocalSigner
from ledger.verification.receipt import verify_receipt
from ledger.verification.shapes import NotProvenError
from tests.contract.described import disagreements, operations
from tests.wallet.events import post
from tests.wallet.ledgers import ANA, BOB, LEDGER_NAME, add, journal_length, open_account, revisions
from tests.wallet.test_receipts import BODIES, HANDLERS, asked

CALLS = {"digest": handlers.digest, "proof": handlers.proof}
SIGNER = LocalSigner("arn:aws:kms:us-east-1:123456789012:key/1")
PEM = SIGNER.public_key.to_pem()


@pytest.fixture
def ledger(store):
    return Ledger(store, LEDGER_NAME)


@pytest.fixture
def archive(tmp_path):
    return FolderArchive(tmp_path / "archive", LEDGER_NAME)


@pytest.fixture
def notarise(store, archive):
    return lambda: Notary(store, LEDGER_NAME, archive, SIGNER).notarise()


@pytest.fixture
def digests(archive):
    return NotarisedDigests(archive, LEDGER_NAME, lambda: {SIGNER.key_id: SIGNER.public_key})


@pytest.fixture
def api(ledger, wallet, digests, monkeypatch):
    """Call digest, proof or, with `receipt`, a money call; give status, body and headers, as the document has them."""
    with ledger_driver.driver_of(ledger) as driver:
        verification = Verification(ledger, driver, digests)
        monkeypatch.setattr(handlers, "verification", lambda: verification)
        monkeypatch.setattr(handlers, "wallet", lambda: wallet)

        def invoke(call, body, **more):
            query = asked("true") if call in HANDLERS else {}
            result = {**CALLS, **HANDLERS}[call](post(body, **query, **more), SimpleNamespace())
            answer, headers = json.loads(result["body"]), result["headers"]
            sent = {name.lower(): value for name, value in headers.items()}
            assert disagreements(operations()["POST", f"/{call}"], result["statusCode"], sent, answer) == []
            return result["statusCode"], answer, headers

        yield invoke


@pytest.fixture
def accounts(wallet):
    open_account(wallet, ANA, "100")
    open_account(wallet, BOB, "20")


@pytest.fixture
def receipt(api, accounts):
    """The receipt of money that was added to Ana's account."""
    return api("addfunds", {"email": ANA, "AddFunds": 1.5})[1]["receipt"]


def proven(proof, digest):
    """What is proven of an answer of proof by one of digest, both as a client keeps them."""
    return list(verify_receipt(json.dumps(proof), json.dumps(digest), PEM))[-1].found


def test_receipts_of_every_call_are_proven_offline_with_the_answers_of_the_api_alone(api, notarise, accounts):
    answers = [api(call, BODIES[call])[1] for call in HANDLERS]
    notarise()
    sides = [
        side for answer in answers for side in ([answer] if "receipt" in answer else [answer["from"], answer["to"]])
    ]
    assert len(sides) == 5
    digest = api("digest", {})[1]
    for side in sides:
        status, proof, _ = api("proof", side["receipt"])
        assert status == 200
        assert {**proof, **side["receipt"]} == proof
        assert f"CurrentBalance:{side['CurrentBalance']:.2f}" in proven(proof, digest)


def test_the_place_of_a_receipt_is_enough(api, receipt, notarise):
    notarise()
    whole = api("proof", receipt)[1]
    assert api("proof", {name: receipt[name] for name in ("documentId", "blockAddress")})[1] == whole


def test_digest_is_the_one_that_clients_know_with_the_newest_notarised_one_beside_it(api, wallet, receipt, notarise):
    before = api("digest", {})[1]
    assert list(before) == ["digest", "digestTipAddress", "ledger", "date"]
    for number in range(3):
        add(wallet, ANA, "1")
        made = notarise()
        answer = api("digest", {})[1]
        assert list(answer) == [*before, "notarised"]
        assert list(answer["notarised"]) == ["number", "statement", "signature", "keyId", "publicKey"]
        assert answer["notarised"]["statement"] == made.statement.text
        assert (answer["notarised"]["number"], answer["notarised"]["publicKey"]) == (number, PEM)


def test_a_digest_that_was_kept_is_named_by_its_number(api, wallet, receipt, notarise):
    notarise()
    kept = api("digest", {})[1]
    add(wallet, ANA, "1")
    notarise()
    newest, named = (api("proof", {**receipt, **number})[1] for number in ({}, {"digestNumber": 0}))
    assert (newest["digestNumber"], named["digestNumber"]) == (1, 0)
    assert proven(named, kept)
    assert api("digest", {"digestNumber": 0})[1]["notarised"] == kept["notarised"]
    assert proven(newest, api("digest", {})[1])
    with pytest.raises(NotProvenError, match="its proof is against digest 1"):
        proven(newest, kept)


def test_what_no_digest_covers_yet_is_told_when_to_ask_again(api, wallet, receipt, notarise):
    status, answer, headers = api("proof", receipt)
    assert (status, headers["Retry-After"]) == (404, "60")
    assert answer["message"] == "no digest is notarised yet; ask again when Retry-After says"
    notarise()
    later = api("addfunds", {"email": ANA, "AddFunds": 1})[1]["receipt"]
    status, answer, headers = api("proof", later)
    assert (status, headers["Retry-After"]) == (404, "60")
    assert "the newest notarised digest, 0, is older than the transaction" in answer["message"]
    status, answer, headers = api("proof", {**later, "digestNumber": 0})
    assert (status, answer["field"]) == (400, "digestNumber")
    assert "Retry-After" not in headers
    notarise()
    assert api("proof", later)[0] == 200


def test_a_digest_that_there_is_not_is_refused_naming_the_field(api, receipt, notarise):
    bodies = {"proof": {**receipt, "digestNumber": 1}, "digest": {"digestNumber": 1}}
    for call, body in bodies.items():
        status, _, headers = api(call, body)
        assert (status, headers["Retry-After"]) == (404, "60")
    notarise()
    for call, body in bodies.items():
        status, answer, headers = api(call, body)
        assert (status, answer["field"]) == (404, "digestNumber")
        assert "there are notarised digests 0 to 0" in answer["message"]
        assert "Retry-After" not in headers


OTHER = [
    ("ledger", "captable2"),
    ("transactionId", "0" * 22),
    ("documentId", "0" * 22),
    ("version", 1),
    ("blockTimestamp", "2026-01-01T00:00:00.000Z"),
    ("hash", "A" * 43 + "="),
    ("revision", "{}"),
    ("blockAddress", {"strandId": "0" * 22, "sequenceNo": 1}),
    ("blockAddress", {"sequenceNo": 10**14}),
    ("blockAddress", {"sequenceNo": 0}),
]


def test_a_receipt_that_the_ledger_does_not_hold_is_refused_naming_what_differs(api, receipt, notarise, subtests):
    notarise()
    for field, value in OTHER:
        with subtests.test(f"{field}: {value}"):
            changed = {**receipt[field], **value} if isinstance(value, dict) else value
            status, answer, _ = api("proof", {**receipt, field: changed})
            expected = "documentId" if value == {"sequenceNo": 0} else field
            assert (status, answer["field"]) == (409, expected)
            assert "have the ledger audited" in answer["message"]


def test_an_amount_changed_in_the_revision_of_a_receipt_is_a_mismatch(api, receipt, notarise):
    notarise()
    forged = receipt["revision"].replace("CurrentBalance:101.50", "CurrentBalance:901.50")
    assert forged != receipt["revision"]
    assert api("proof", {**receipt, "revision": forged})[1]["field"] == "revision"


def test_a_receipt_from_before_a_redaction_is_proven_still(api, ledger, wallet, receipt, notarise):
    add(wallet, ANA, "1")
    table_id = ledger.load_catalog(fresh=True).catalog.active("wallettable").id
    place = ion.text(ion.parse(json.dumps(receipt["blockAddress"])))
    with ledger_driver.driver_of(Ledger(ledger.store, LEDGER_NAME, work_in_background=False)) as driver:
        statement = f"EXEC REDACT_REVISION `{place}`, '{table_id}', '{receipt['documentId']}'"
        driver.execute_lambda(lambda txn: txn.execute_statement(statement))
    notarise()
    status, answer, _ = api("proof", receipt)
    assert (status, ",data:" in answer["revision"]) == (200, False)
    digest = api("digest", {})[1]
    assert proven(answer, digest) == "the data was redacted"
    assert "CurrentBalance:101.50" in proven({**answer, **receipt}, digest)


def test_documents_of_other_tables_are_nobodys_receipts(api, wallet, ledger, accounts, notarise):
    add(wallet, ANA, "1", "key-1")
    with ledger_driver.driver_of(ledger) as driver:
        query = "SELECT c.blockAddress, c.metadata.id FROM _ql_committed_idempotency AS c"
        [row] = list(driver.execute_lambda(lambda txn: list(txn.execute_statement(query))))
    notarise()
    place = {"strandId": str(row["blockAddress"]["strandId"]), "sequenceNo": int(row["blockAddress"]["sequenceNo"])}
    status, answer, _ = api("proof", {"documentId": str(row["id"]), "blockAddress": place})
    assert (status, answer["field"]) == (409, "documentId")


BAD = [
    ("documentId", None),
    ("documentId", "x"),
    ("documentId", 5),
    ("blockAddress", None),
    ("blockAddress", "x"),
    ("blockAddress", {}),
    ("blockAddress", {"strandId": "0" * 22}),
    ("blockAddress", {"strandId": "0" * 22, "sequenceNo": -1}),
    ("blockAddress", {"strandId": "0" * 22, "sequenceNo": 1.5}),
    ("blockAddress", {"strandId": "0" * 22, "sequenceNo": "1"}),
    ("blockAddress", {"strandId": "0" * 22, "sequenceNo": True}),
    ("blockAddress", {"strandId": "0" * 22, "sequenceNo": 1, "more": 1}),
    ("version", "1"),
    ("version", -1),
    ("hash", 1),
    ("revision", None),
    ("digestNumber", "1"),
    ("digestNumber", -1),
    ("digestNumber", 10**15),
    ("digestNumber", None),
]


def test_what_is_no_receipt_is_bad_input_naming_the_field(api, receipt, subtests):
    for field, value in BAD:
        with subtests.test(f"{field}: {value}"):
            status, answer, _ = api("proof", {**receipt, field: value})
            assert (status, answer["field"]) == (400, field)


def test_an_unknown_or_a_missing_field_is_bad_input(api, receipt):
    assert api("proof", {**receipt, "CurrentBalance": 5})[0] == 400
    assert api("proof", {"documentId": receipt["documentId"]})[1]["field"] == "blockAddress"


def test_without_a_notary_proof_says_so_and_digest_is_as_ever(api, receipt, digests, monkeypatch):
    monkeypatch.setattr(handlers.verification(), "_digests", None)
    status, answer, headers = api("proof", receipt)
    assert (status, "no notary" in answer["message"], "Retry-After" in headers) == (404, True, False)
    assert api("digest", {})[0] == 200
    assert list(api("digest", {})[1]) == ["digest", "digestTipAddress", "ledger", "date"]
    assert api("digest", {"digestNumber": 0})[0] == 404


@contextmanager
def called_by(monkeypatch, email):
    """Let callers have wallets of their own, and give what makes this one call."""
    with monkeypatch.context() as patched:
        patched.setattr(handlers, "access", lambda: Access(Source.CONTEXT))
        yield {"requestContext": {"authorizer": {"email": email}}}


def test_callers_with_a_wallet_of_their_own_get_proofs_of_its_receipts_and_of_no_other(
    api, receipt, notarise, store, monkeypatch
):
    notarise()
    with called_by(monkeypatch, ANA) as caller:
        assert api("proof", receipt, **caller)[0] == 200
    before = journal_length(store)
    for email in (BOB, "nobody@example.com"):
        with called_by(monkeypatch, email) as caller:
            for body in (receipt, {**receipt, "digestNumber": 99}, {**receipt, "hash": "x"}):
                status, answer, _ = api("proof", body, **caller)
                assert (status, answer["field"]) == (403, "documentId")
                assert not {ANA, BOB} & set(answer["message"].split())
    assert journal_length(store) == before


def test_the_sender_of_a_transfer_does_not_get_the_receivers_proof(api, wallet, accounts, notarise, monkeypatch):
    sides = api("transferfunds", BODIES["transferfunds"])[1]
    notarise()
    with called_by(monkeypatch, ANA) as caller:
        assert api("proof", sides["from"]["receipt"], **caller)[0] == 200
        assert api("proof", sides["to"]["receipt"], **caller)[0] == 403


def test_proving_writes_nothing(api, receipt, notarise, store):
    notarise()
    before, writes = journal_length(store), store.writes
    assert [api("proof", receipt)[0], api("digest", {})[0], api("proof", {**receipt, "version": 9})[0]] == [
        200,
        200,
        409,
    ]
    assert (journal_length(store), store.writes) == (before, writes)


def test_a_digest_that_nobody_trusted_has_signed_is_not_shown(api, receipt, store, archive):
    Notary(store, LEDGER_NAME, archive, LocalSigner("a stranger's")).notarise()
    assert api("proof", receipt)[0] == 500
    assert api("digest", {})[0] == 500


def failing(error):
    def fail(*_args, **_options):
        raise error

    return fail


def s3_error(code, status):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetObject")


def test_an_archive_that_cannot_be_read_is_busy_unless_it_is_refused(api, receipt, archive, monkeypatch):
    unreachable = EndpointConnectionError(endpoint_url="https://s3")
    for error, status in [(unreachable, 503), (s3_error("SlowDown", 503), 503), (s3_error("AccessDenied", 403), 500)]:
        monkeypatch.setattr(archive, "newest", failing(error))
        for call, body in (("proof", receipt), ("digest", {})):
            got, answer, headers = api(call, body)
            assert (got, "Retry-After" in headers) == (status, status == 503)
            assert "account" not in answer["message"]


def test_keys_are_asked_for_once(archive, notarise, accounts):
    times = []
    digests = NotarisedDigests(archive, LEDGER_NAME, lambda: times.append(1) or {SIGNER.key_id: SIGNER.public_key})
    notarise()
    for _ in range(3):
        digests.shown(digests.get(None))
    assert len(times) == 1


def test_settings_name_the_digests_and_their_keys_or_none():
    named = {"LEDGER_NAME": "a", "LEDGER_TABLE": "b"}
    bucket = {**named, "DIGEST_BUCKET": "c", "DIGEST_BUCKET_OWNER": "1", "SIGNING_KEY_ARNS": "k1,k2"}
    assert Settings.read(bucket) == Settings("a", "b", None, "c", "1", ("k1", "k2"))
    assert Settings.read({**named, "DIGEST_BUCKET": ""}) == Settings("a", "b")
    with pytest.raises(MissingSettingError, match="SIGNING_KEY_ARNS is not set"):
        Settings.read({**named, "DIGEST_BUCKET": "c"})


def test_the_deployed_functions_read_the_bucket_that_their_settings_name(ledger, monkeypatch):
    monkeypatch.setattr(connection, "_store", lambda _settings: ledger.store)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    plain = connection.open_verification(Settings(LEDGER_NAME, "b"))
    assert plain._digests is None
    wired = connection.open_verification(Settings(LEDGER_NAME, "b", None, "bucket", "123456789012", ("k1",)))._digests
    assert isinstance(wired._archive, S3Archive)
    assert wired._archive._bucket == {"Bucket": "bucket", "ExpectedBucketOwner": "123456789012"}


def test_versions_before_the_newest_are_proven_too(api, wallet, receipt, notarise):
    add(wallet, ANA, "1")
    notarise()
    assert len(revisions(wallet, ANA)) == 4
    assert api("proof", receipt)[1]["version"] == 2
