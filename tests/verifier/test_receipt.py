"""The small verifiers of receipts say what the ledger itself says: of random receipts, and of forged ones."""

import ast
import json
import random
import re
import subprocess
import sys
from base64 import b64decode, b64encode
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import ion
from ledger.control.receipt import prove
from ledger.journal.hashing import dot
from ledger.ledger import Ledger
from ledger.notary.archive import FolderArchive
from ledger.notary.notary import Notary
from ledger.notary.signing import LocalSigner
from ledger.record import encode_bytes
from ledger.settings import create
from ledger.store import SQLiteStore
from ledger.verification.ecdsa import ORDER, der_signature
from local import node
from tests.depth import DEEP, examples
from tests.ledger.conftest import prepared
from tests.verifier.receipts import PYTHON, SCRIPT, in_python, is_proven

SIGNER = LocalSigner("the notary's key")
PEM = SIGNER.public_key.to_pem()
ACCOUNT = {
    "email": "ana@example.com",
    "username": 'Ána "日本" \\ 😀\n\x7f',
    "CurrentBalance": Decimal("250.00"),
    "PreviousBalance": Decimal("0.00"),
    "kind": "addfunds",
    "amount": Decimal("250.00"),
    "profilePending": True,
}


class Proof(NamedTuple):
    """A receipt with its proof, and the digest that it is against, both as the API answers them."""

    receipt: dict
    digest: dict

    def texts(self):
        return json.dumps(self.receipt), json.dumps(self.digest), PEM


class Journal:
    """A ledger in memory, whose documents get receipts and whose digests are notarised."""

    def __init__(self, folder, strands):
        self.store = SQLiteStore(":memory:")
        create(self.store, "demo", strands=strands)
        self.client = prepared(Ledger(self.store, "demo", work_in_background=False))
        self.archive = FolderArchive(folder, "demo")

    def insert(self, *documents):
        """Insert documents in one transaction, and give the proof of each."""
        marks = ", ".join("?" for _ in documents)
        rows = self.client.run(f"INSERT INTO T << {marks} >>", *documents)
        return self.proofs([str(ion.parse(row)["documentId"]) for row in rows])

    def proofs(self, ids, version=0):
        made = Notary(self.store, "demo", self.archive, SIGNER).notarise()
        digest = {
            "digest": "of now",
            "notarised": {
                "number": made.statement.number,
                "statement": made.statement.text,
                "signature": encode_bytes(made.signature),
                "keyId": made.statement.key_id,
                "publicKey": PEM,
            },
        }
        places = {
            revision.metadata.id: block.address
            for block in self.client.blocks()
            for revision in block.revisions
            if revision.metadata.version == version
        }
        ledger = self.client.ledger
        return [Proof(prove(ledger, each, places[each], made.statement), digest) for each in ids]


@pytest.fixture(scope="module", params=[1, 4], ids=lambda strands: f"{strands}-strands")
def journal(request, tmp_path_factory):
    made = Journal(tmp_path_factory.mktemp("archive"), request.param)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def proof(journal):
    """The proof of an account in a block with others, some way down the journal."""
    for number in range(9):
        journal.client.run("INSERT INTO T ?", {"k": number})
    return journal.insert({"email": "bob@example.com"}, ACCOUNT, {"email": "eve@example.com"})[1]


names = st.from_regex("[A-Za-z]{1,12}", fullmatch=True).filter(
    lambda name: name.lower() not in {"null", "true", "false", "nan"}
)
values = (
    st.text(max_size=60) | st.integers(0, 10**14).map(lambda cents: Decimal(cents).scaleb(-2)) | st.just(value=True)
)


@given(documents=st.lists(st.dictionaries(names, values, max_size=8), min_size=1, max_size=3))
@settings(max_examples=examples(8), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_account_is_proven_and_told(journal, documents):
    for document, made in zip(documents, journal.insert(*documents), strict=True):
        assert is_proven(*made.texts())
        told = in_python(*made.texts())[-1]
        assert all(f"{name} {ion.text(value)}" in told for name, value in document.items())


def test_a_redacted_account_is_proven_and_nothing_is_told(journal):
    journal.insert({"email": "zoe@example.com", "k": 777})
    [row] = journal.client.run("UPDATE T SET email = 'z' WHERE k = 777")
    document_id = str(ion.parse(row)["documentId"])
    [before] = journal.proofs([document_id])
    table_id = journal.client.ledger.load_catalog(fresh=True).catalog.tables[0].id
    place = ion.text(before.receipt["blockAddress"])
    journal.client.run(f"EXEC REDACT_REVISION `{place}`, '{table_id}', '{document_id}'")
    [after] = journal.proofs([document_id])
    assert "zoe" not in after.receipt["revision"]
    assert is_proven(*after.texts())
    assert in_python(*after.texts())[-1].endswith("data that were redacted")


def test_a_digest_as_the_archive_keeps_it_is_taken_too(journal, proof):
    kept = journal.archive.read(next(journal.archive.entries(proof.receipt["digestNumber"]))).decode()
    assert is_proven(json.dumps(proof.receipt), kept, PEM)


def test_kinds_of_values_that_accounts_do_not_have_are_refused_by_the_small_ones_not_misread(journal):
    for strange in (["a"], {"a": 1}, 5, Decimal("1.5"), Decimal("-1.00"), 1.5, None, False, b"x"):
        [made] = journal.insert({"CurrentBalance": strange})
        assert not in_python(*made.texts())[-1].startswith("PROVEN")


OTHERS = {
    "ledger": ["other", "", None, 1],
    "transactionId": ["0" * 22, "", None],
    "blockTimestamp": ["2026-01-01T00:00:00.000Z", "2026-01-01", "null", "1", "", "{}", None],
    "documentId": ["0" * 22, None],
    "version": [1, -1, "0", None, True, False, 0.5, 10**30],
    "hash": ["A" * 43 + "=", "", None, "x"],
    "revision": ["{}", "", "null", None, "[", 5],
    "proof": ["[]", "{}", "null", "", None, "[null]", '["x"]', [], "[{{}}]", "[{{AAAA}}]"],
    "digestNumber": [-1, 10**6, "0", None, True],
    "blockAddress": [None, {}, [], "x", {"strandId": "0" * 22, "sequenceNo": 0}],
}


def test_a_receipt_with_another_field_is_not_proven(proof):
    assert is_proven(*proof.texts())
    assert set(OTHERS) == set(proof.receipt)
    for name, others in OTHERS.items():
        for other in others:
            assert not is_proven(*proof._replace(receipt={**proof.receipt, name: other}).texts())
        left = {field: value for field, value in proof.receipt.items() if field != name}
        assert not is_proven(*proof._replace(receipt=left).texts())


def test_the_place_of_a_receipt_is_proven_part_by_part(proof):
    address = proof.receipt["blockAddress"]
    for other in (
        {**address, "sequenceNo": address["sequenceNo"] - 1},
        {**address, "sequenceNo": str(address["sequenceNo"])},
        {**address, "strandId": "0" * 22},
        {**address, "more": 1},
        {"strandId": address["strandId"]},
    ):
        assert not is_proven(*proof._replace(receipt={**proof.receipt, "blockAddress": other}).texts())
    # What the revision says of its place is under no hash of its own, so both are changed alike.
    before, after = (f"sequenceNo:{address['sequenceNo'] + step}}}" for step in (0, -1))
    moved = {
        **proof.receipt,
        "blockAddress": {**address, "sequenceNo": address["sequenceNo"] - 1},
        "revision": proof.receipt["revision"].replace(before, after),
    }
    assert not is_proven(*proof._replace(receipt=moved).texts())


def test_what_nothing_proves_is_not_in_a_proven_receipt(proof):
    for name in ("CurrentBalance", "message", "table"):
        assert not is_proven(*proof._replace(receipt={**proof.receipt, name: 1_000_000}).texts())


def test_fields_that_are_there_twice_are_refused_whichever_a_reader_would_take(proof):
    receipt, digest, pem = proof.texts()
    for name in ("revision", "hash", "version"):
        extra = json.dumps({name: proof.receipt[name]})[1:-1]
        for doubled in ("{" + extra + "," + receipt[1:], receipt[:-1] + "," + extra + "}"):
            assert not is_proven(doubled, digest, pem)
    doubled = digest.replace('"signature":', '"signature": "x", "signature":')
    assert not is_proven(receipt, doubled, pem)


def test_hashes_of_a_proof_that_are_changed_left_out_swapped_or_doubled_prove_nothing(proof):
    hashes = list(ion.parse(proof.receipt["proof"]))
    changes = [hashes[1:], hashes[:-1], [*hashes, hashes[-1]], [], hashes[::-1]]
    for at in range(len(hashes)):
        changed = bytearray(hashes[at])
        changed[random.randrange(32)] ^= 1 << random.randrange(8)
        changes += [[*hashes[:at], bytes(changed), *hashes[at + 1 :]], [*hashes[:at], *hashes[at + 1 :]]]
        changes.append([*hashes[:at], bytes(hashes[at])[:31], *hashes[at + 1 :]])
        other = (at + 1) % len(hashes)
        swapped = list(hashes)
        swapped[at], swapped[other] = swapped[other], swapped[at]
        changes.append(swapped)
    for change in (each for each in changes if each != hashes):  # a block's left neighbour is the one before it, too
        text = ion.text([bytes(each) for each in change])
        assert not is_proven(*proof._replace(receipt={**proof.receipt, "proof": text}).texts())


def test_a_proof_folded_by_one_step_beforehand_proves_no_other_revision(proof):
    first, *rest = (bytes(each) for each in ion.parse(proof.receipt["proof"]))
    leaf = encode_bytes(dot(b64decode(proof.receipt["hash"]), first))
    revision = proof.receipt["revision"].replace(proof.receipt["hash"], leaf)
    forged = {**proof.receipt, "hash": leaf, "revision": revision, "proof": ion.text(rest)}
    assert not is_proven(*proof._replace(receipt=forged).texts())


def test_a_changed_amount_is_not_proven_even_with_its_hashes_made_anew(proof):
    text = proof.receipt["revision"]
    for old, new in [("CurrentBalance:250.00", "CurrentBalance:950.00"), ("250.00", "25.00"), ("ana@", "eve@")]:
        forged = ion.parse(text.replace(old, new))
        leaf = encode_bytes(dot(ion.digest(forged["metadata"]), ion.digest(forged["data"])))
        for hash_ in (proof.receipt["hash"], leaf):
            revision = text.replace(old, new).replace(proof.receipt["hash"], hash_)
            receipt = {**proof.receipt, "hash": hash_, "revision": revision}
            assert not is_proven(*proof._replace(receipt=receipt).texts())


def test_another_spelling_of_the_same_revision_is_not_taken(proof):
    text = proof.receipt["revision"]
    for old, new in [
        (",data:", ", data:"),
        ("250.00", "250.0"),
        ("250.00", "25000d-2"),
        ("250.00", "250.000"),
        ("metadata:", "'metadata':"),
        ('"addfunds"', "addfunds"),
        ('"addfunds"', "'''addfunds'''"),
        ('"addfunds"', '"\\x61ddfunds"'),
        ("\\n", "\\x0a"),
        ("\\U0001f600", "\\ud83d\\ude00"),
        ("\\xc1", "\\u00c1"),
        ("\\x7f", "\\x7F"),
        ("data:{", "data:paid::{"),
        ("profilePending:true", "profilePending:true,profilePending:true"),
        ("profilePending:true", "profilePending:false"),
    ]:
        changed = text.replace(old, new)
        assert changed != text
        assert not is_proven(*proof._replace(receipt={**proof.receipt, "revision": changed}).texts())


def test_a_statement_or_its_signature_changed_in_any_way_is_not_taken(proof):
    kept = proof.digest["notarised"]
    said = json.loads(kept["statement"])
    other = {"number": said["number"] + 1, "ledger": "x", "digest": "A" * 43 + "="}
    changed = [{**said, name: value} for name, value in other.items()]
    others = [json.dumps(each, separators=(",", ":")) for each in changed]
    others += ["", "{}", "null", json.dumps(said), json.dumps(said, indent=1)]
    for statement in others:
        assert not is_proven(*proof._replace(digest={"notarised": {**kept, "statement": statement}}).texts())
    for name, value in [
        ("number", kept["number"] + 1),
        ("number", str(kept["number"])),
        ("keyId", "another"),
        ("publicKey", LocalSigner().public_key.to_pem()),
        ("publicKey", ""),
        ("publicKey", None),
        ("number", None),
        ("keyId", None),
        ("signature", ""),
        ("signature", None),
        ("CurrentBalance", 1),
    ]:
        assert not is_proven(*proof._replace(digest={"notarised": {**kept, name: value}}).texts())


def test_a_statement_of_another_kind_that_the_key_has_signed_is_no_digest(proof):
    kept = proof.digest["notarised"]
    for change in ({"type": "verifiable-ledger/audit/1"}, {"type": None}):
        statement = json.dumps({**json.loads(kept["statement"]), **change}, separators=(",", ":"))
        signature = encode_bytes(SIGNER.sign(statement.encode()))
        forged = {**kept, "statement": statement, "signature": signature}
        assert not is_proven(*proof._replace(digest={"notarised": forged}).texts())


def test_signatures_are_taken_in_one_spelling_only(proof):
    kept = proof.digest["notarised"]
    signature = b64decode(kept["signature"])
    end = 4 + signature[3]
    r, s = int.from_bytes(signature[4:end], "big"), int.from_bytes(signature[end + 2 :], "big")
    others = [
        signature + b"\0",
        signature[:-1],
        b"\x30" + bytes((signature[1] + 1, 2, signature[3] + 1, 0)) + signature[4:],
        *(der_signature(*pair) for pair in [(s, r), (r, 0), (0, s), (r, ORDER), (r + ORDER, s), (r, s + ORDER)]),
        der_signature(r + 2**256, s),
        der_signature(r, s + 2**264),
        b"\x30\x06\x02\x01\x00\x02\x01\x00",
        b"",
        b"\x30",
        bytes(72),
    ]
    for other in others:
        changed = {**kept, "signature": b64encode(other).decode()}
        assert not is_proven(*proof._replace(digest={"notarised": changed}).texts())


def test_signatures_of_many_lengths_are_taken(journal):
    lengths = set()
    for number in range(examples(12)):
        [made] = journal.insert({"username": str(number)})
        lengths.add(len(b64decode(made.digest["notarised"]["signature"])))
        assert is_proven(*made.texts())
    assert len(lengths) >= 2 or not DEEP


@pytest.mark.parametrize(
    "pem", ["", "x", PEM.replace("PUBLIC", "PRIVATE"), PEM[:60], LocalSigner().public_key.to_pem()]
)
def test_another_key_proves_nothing(proof, pem):
    receipt, digest, _ = proof._replace(digest={"notarised": {**proof.digest["notarised"]}}).texts()
    assert not is_proven(receipt, digest, pem)


@pytest.mark.parametrize("pem", [PEM.replace("\n", "\r\n"), f"\n{PEM}\n", PEM.strip()])
def test_a_key_is_the_same_however_its_lines_end(proof, pem):
    receipt, digest, _ = proof.texts()
    assert is_proven(receipt, digest, pem)


@pytest.mark.parametrize("separator", ["\f", "\v", "\x1c", "\x85", "\xa0", "\u2028", " ", ""])
def test_what_divides_a_key_in_another_way_than_lines_makes_it_none(proof, separator):
    receipt, digest, _ = proof.texts()
    for at in range(PEM.count("\n") - 1):
        lines = PEM.split("\n")
        lines[at : at + 2] = [lines[at] + separator + lines[at + 1]]
        assert is_proven(receipt, digest, "\n".join(lines)) is (separator == "" and at == 1)


def test_every_flipped_bit_is_noticed_or_changes_nothing(proof):
    kept = {"notarised": proof.digest["notarised"]}
    texts = json.dumps(proof.receipt), json.dumps(kept)
    bits = [(which, bit) for which in (0, 1) for bit in range(8 * len(texts[which])) if bit % 8 != 7]
    for which, bit in bits if DEEP else random.sample(bits, 100):
        changed = bytearray(texts[which].encode())
        changed[bit // 8] ^= 1 << bit % 8
        given = [*texts, PEM]
        given[which] = changed.decode()
        same = _read(given[which]) == _read(texts[which])
        assert is_proven(*given) is same, given[which]


def _read(text):
    """What a text says; how the lines of a key in it are divided says nothing."""
    try:
        found = json.loads(text)
        if "notarised" in found:
            found["notarised"]["publicKey"] = found["notarised"]["publicKey"].strip("\n").split("\n")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return found


@pytest.fixture
def files(proof, tmp_path):
    """The three files, in the order of the arguments."""
    paths = [tmp_path / name for name in ("proof.json", "digest.json", "key.pem")]
    for path, text in zip(paths, proof.texts(), strict=True):
        path.write_text(text)
    return paths


@pytest.fixture
def run():
    """Runs both verifiers as their users do, and gives what both have said."""

    def both(*paths):
        done = [
            subprocess.run([*command, *paths], check=False, capture_output=True, text=True)
            for command in ([sys.executable, "-I", PYTHON], [node.find().program, SCRIPT])
        ]
        assert [each.stderr for each in done] == ["", ""]
        python, script = ((each.returncode, each.stdout.splitlines()) for each in done)
        return python, script

    return both


def test_files_are_proven_with_the_same_lines_in_both_languages(run, files):
    python, script = run(*files)
    assert python == script
    code, lines = python
    assert (code, len(lines)) == (0, 11)
    assert all(line.startswith("holds: ") for line in lines[:-1])
    assert lines[-1].startswith("PROVEN, of ")
    assert "CurrentBalance 250.00 PreviousBalance 0.00" in lines[-1]


def test_a_changed_character_names_the_step_that_fails(run, files, proof):
    changes = {
        "CurrentBalance:250.00": "CurrentBalance:250.01",
        proof.receipt["blockTimestamp"] + '"': proof.receipt["blockTimestamp"][:-2] + 'X"',
    }
    expected = ["hash of the revision = dot(H(metadata), H(data))", "the proof goes past the hash of"]
    text = files[0].read_text()
    for (old, new), step in zip(changes.items(), expected, strict=True):
        files[0].write_text(text.replace(old, new))
        for code, lines in run(*files):
            assert code == 1
            assert lines[-1].startswith(f"NOT PROVEN: {step}")
    files[0].write_text(text)
    digest = json.loads(json.loads(files[1].read_text())["notarised"]["statement"])["digest"]
    files[1].write_text(files[1].read_text().replace(digest, ("B" if digest[0] == "A" else "A") + digest[1:]))
    for code, lines in run(*files):
        assert (code, lines[-1]) == (1, "NOT PROVEN: the key has signed the digest: it has not")


def test_a_receipt_without_proof_is_told_where_to_get_it(run, files, proof):
    plain = {name: value for name, value in proof.receipt.items() if name not in {"proof", "digestNumber"}}
    for content in (plain, {"message": "funds added", "receipt": plain}):
        files[0].write_text(json.dumps(content))
        for code, lines in run(*files):
            assert (code, "send the receipt to POST /proof" in lines[-1]) == (1, True)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"{}", b"null", b"5", b"\x00\xff"])
def test_a_file_that_is_none_proves_nothing(run, files, content):
    for path in files:
        before = path.read_bytes()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        for code, lines in run(*files):
            assert code == 1
            assert lines[-1].startswith("NOT PROVEN: ")
        path.write_bytes(before)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("a", "b"), ("a", "b", "c", "d")])
def test_wrong_usage_explains(run, arguments):
    for code, lines in run(*arguments):
        assert code == 2
        assert any("RECEIPT DIGEST KEY" in line for line in lines)


def test_they_need_nothing_but_what_comes_with_their_language():
    nodes = list(ast.walk(ast.parse(PYTHON.read_text())))
    assert {
        alias.name for each in nodes if isinstance(each, ast.Import) for alias in each.names
    } <= sys.stdlib_module_names
    assert not any(isinstance(each, ast.ImportFrom) for each in nodes)
    text = SCRIPT.read_text().partition("*/")[2]
    assert re.findall(r"\bimport\b[^;]*;", text) == ['import("node:fs/promises");']
    assert not re.search(r"\brequire\(|\beval\b|\bfetch\b|XMLHttpRequest", text)


@pytest.mark.parametrize(("path", "end_of_the_head", "comment"), [(PYTHON, '"""', "#"), (SCRIPT, "*/", "//")])
def test_they_stay_short_enough_to_be_read_before_they_are_trusted(path, end_of_the_head, comment):
    lines = path.read_text().partition("\n\n")[2].rpartition(f"{end_of_the_head}\n")[2].splitlines()
    assert 150 < len([line for line in lines if line.strip() and not line.strip().startswith(comment)]) < 175
