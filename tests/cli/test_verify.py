"""digest, verify, history and block: what they print, and the exit codes that scripts rely on."""

import json
import subprocess
import sys

import pytest

from ledger import ion
from ledger.cli.main import main
from ledger.journal.cell import read_block
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from ledger.strand import block_key
from tests.blocks import block_cells
from tests.cli.conftest import Outcome
from tests.cli.test_endpoint import server  # noqa: F401 - a fixture
from tests.verifier.verdicts import PATH as SECOND_VERIFIER

DIGEST_STEP = "compare the digest with the hash folded with the proof"


@pytest.fixture
def run(folder, capsys):
    def command(name, *arguments, ledger="demo"):
        code = main([name, ledger, "--data", str(folder), *map(str, arguments)])
        return Outcome(code, *capsys.readouterr())

    return command


@pytest.fixture
def document(run, query):
    """The id of a document with three revisions."""
    query("CREATE TABLE Account")
    query("INSERT INTO Account ?", '{owner: "Ana", balance: 0.}')
    query("UPDATE Account SET balance = 12.50")
    query("UPDATE Account SET balance = 7.25")
    return query("SELECT VALUE metadata.id FROM _ql_committed_Account").out.strip().strip('"')


@pytest.fixture
def digest(run, document, tmp_path):
    """The file of a digest over all that."""
    path = tmp_path / "kept.ion.txt"
    assert run("digest", "--save", path).code == 0
    return path


def test_digest_is_printed_and_saved_with_the_fields_of_the_console(run, digest):
    kept = json.loads(digest.read_text())
    assert list(kept) == ["digest", "digestTipAddress", "ledger", "date"]
    assert list(kept["digestTipAddress"]) == ["strandId", "sequenceNo"]
    assert ion.parse(digest.read_text())["ledger"] == "demo"
    shown = run("digest").out.splitlines()
    assert shown[0] == f"digest: {kept['digest']}"
    assert [line.partition(":")[0] for line in shown] == list(kept)
    printed = json.loads(run("digest", "--json").out)
    assert {**printed, "date": ""} == {**kept, "date": ""}


def test_digest_that_was_kept_is_never_written_over(run, digest):
    before = digest.read_text()
    outcome = run("digest", "--save", digest)
    assert outcome.code == 2
    assert "is there already" in outcome.err
    assert digest.read_text() == before


@pytest.mark.parametrize("version", [None, 0, 1, 2])
def test_every_revision_is_verified_step_by_step(run, document, digest, version):
    chosen = () if version is None else ("--version", version)
    code, out, err = run("verify", "--digest", digest, "--document", document, *chosen)
    assert (code, err) == (0, "")
    *steps, verdict = out.splitlines()
    assert all(step.startswith("ok      ") for step in steps)
    assert len(steps) == 8
    assert f"version {2 if version is None else version} of document {document}, with its data" in steps[2]
    assert verdict.startswith("verified: it is in ledger demo as it was when the digest was taken")


def test_revision_is_found_by_its_block_and_the_block_is_verified_too(run, document, digest):
    address = next_address(run, document, 1)
    assert run("verify", "--digest", digest, "--document", document, "--block-address", address).code == 0
    code, out, _ = run("verify", "--digest", digest, "--block-address", address)
    assert code == 0
    assert "compare transactionInfo.documents with the revisions" in out


def next_address(run, document, version):
    return ion.text(ion.parse(run("history", "--document", document).out.splitlines()[version])["blockAddress"])


def test_a_revision_after_the_digest_is_not_covered_by_it(run, query, document, digest):
    query("UPDATE Account SET balance = 1000000.00")
    code, out, err = run("verify", "--digest", digest, "--document", document)
    assert code == 1
    assert "FAILED  get the revision and its proof: DigestTipAddress is before the block" in out
    assert err == "error: not verified, step 2 failed: get the revision and its proof\n"
    assert run("verify", "--digest", digest, "--document", document, "--version", 2).code == 0


def test_one_changed_character_of_the_digest_fails_naming_the_step(run, document, digest):
    kept = json.loads(digest.read_text())
    text = kept["digest"]
    for position in range(len(text) - 1):
        changed = text[:position] + ("A" if text[position] != "A" else "B") + text[position + 1 :]
        digest.write_text(json.dumps({**kept, "digest": changed}))
        code, out, err = run("verify", "--digest", digest, "--document", document)
        if position == len(text) - 2:  # its last bits do not count, so that it may not even be the base64 of a digest
            assert code in {1, 2}
            continue
        assert code == 1
        assert f"FAILED  {DIGEST_STEP}: it is given as {changed}, computed is {text}" in out
        assert err == f"error: not verified, step 8 failed: {DIGEST_STEP}\n"


def test_a_value_edited_behind_the_ledgers_back_fails_at_the_hash_of_the_revision(run, folder, document, digest):
    store = SQLiteStore(folder / "demo.db")
    [strand_id] = Ledger(store, "demo").settings.strands
    block = next(b for cell in block_cells(store, strand_id) if (b := read_block(cell).block).documents)
    key = block_key(block.address)
    cell = store.get([key])[key]
    # In Ion, with its length before it, as it stands in no id.
    store.commit({key: cell.data.replace(b"\x83Ana", b"\x83Eve")}, {key: cell.version})
    store.close()
    code, out, _ = run("verify", "--digest", digest, "--document", document, "--version", 0)
    assert code == 1
    assert "FAILED  compare the hash of the revision with dot(H(metadata), H(data)): it is given as" in out
    assert run("verify", "--digest", digest, "--document", document, "--version", 1).code == 0


def test_json_says_the_same(run, document, digest):
    verified = json.loads(run("verify", "--digest", digest, "--document", document, "--json").out)
    assert verified["verified"] is True
    assert verified["steps"][-1]["name"] == DIGEST_STEP
    other = run("verify", "--digest", digest, "--document", document, "--version", 9, "--json")
    assert other.code == 1
    failed = json.loads(other.out)
    assert failed["verified"] is False
    assert failed["failed"]["name"] == "get the revision and its proof"


def digest_of(run, digest):
    other = digest.with_name("other.ion.txt")
    assert run("digest", "--save", other).code == 0
    return other


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "nothing to verify is named"),
        (("--version", "1"), "nothing to verify is named"),
        (("--version", "1", "--block-address", "{}"), "nothing to verify is named"),
        (("--document", "x", "--version", "1", "--block-address", "{}"), "give one"),
    ],
)
def test_what_does_not_say_what_to_verify_is_wrong_usage(run, digest, arguments, complaint):
    outcome = run("verify", "--digest", digest, *arguments)
    assert outcome.code == 2
    assert complaint in outcome.err


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{}",
        "[1]",
        '{"digest":"x","digestTipAddress":{},"ledger":"demo","date":"now"}',
        '{"digest":"AAAA","digestTipAddress":{},"ledger":"demo","date":"now"}',
        '{"digest":7,"digestTipAddress":{},"ledger":"demo","date":"now"}',
    ],
)
def test_a_file_that_is_no_digest_is_wrong_usage(run, document, tmp_path, content):
    path = tmp_path / "other.ion.txt"
    if content is not None:
        path.write_text(content)
    outcome = run("verify", "--digest", path, "--document", document)
    assert outcome.code == 2
    assert str(path) in outcome.err


def test_digest_in_plain_ion_is_read_too(run, document, digest):
    kept = json.loads(digest.read_text())
    tip = ion.text(ion.parse(json.dumps(kept["digestTipAddress"])))
    digest.write_text(
        f'{{digest:{{{{{kept["digest"]}}}}},digestTipAddress:{tip},ledger:"demo",date:2026-01-01T00:00:00Z}}'
    )
    assert run("verify", "--digest", digest, "--document", document).code == 0


def test_digest_of_another_ledger_is_not_taken_for_this_one(run, document, digest):
    digest.write_text(digest.read_text().replace('"demo"', '"other"'))
    outcome = run("verify", "--digest", digest, "--document", document)
    assert outcome.code == 1
    assert "FAILED  read the digest: it is of ledger 'other', not of 'demo'" in outcome.out


def test_history_gives_every_revision_in_ion_or_json(run, document):
    shown = [ion.parse(line) for line in run("history", "--document", document).out.splitlines()]
    assert [each["metadata"]["version"] for each in shown] == [0, 1, 2]
    assert [list(dict(ion.fields(each))) for each in shown] == [["blockAddress", "hash", "data", "metadata"]] * 3
    balances = [
        json.loads(line)["data"]["balance"]
        for line in run("history", "--document", document, "--json").out.splitlines()
    ]
    assert balances == [0, 12.5, 7.25]


def test_history_of_a_document_that_is_not_there_is_an_error(run, document):
    outcome = run("history", "--document", "0" * 22)
    assert (outcome.code, outcome.out) == (1, "")
    assert "there is no document" in outcome.err


def test_block_is_shown_and_with_a_digest_its_proof(run, document, digest):
    address = next_address(run, document, 2)
    block = ion.parse(run("block", "--block-address", address).out)
    assert ion.text(block["blockAddress"]) == address
    with_proof = run("block", "--block-address", address, "--digest", digest).out.splitlines()
    assert len(with_proof) == 2
    assert list(json.loads(run("block", "--block-address", address, "--json").out)) == ["block"]


def test_block_that_is_not_there_is_an_error(run, document):
    outcome = run("block", "--block-address", '{strandId:"x",sequenceNo:1}')
    assert outcome.code == 1
    assert outcome.err.startswith("error: there is no block 1 on strand x")


def test_what_is_kept_or_printed_as_json_is_proven_by_the_second_verifier(run, document, digest, tmp_path):
    answer = tmp_path / "answer.json"
    assert run("verify", "--digest", digest, "--document", document, "--answer", answer).code == 0
    assert second(answer) == second(answer, digest) == 0
    answer.write_text(run("block", "--block-address", next_address(run, document, 0), "--digest", digest, "--json").out)
    assert second(answer) == second(answer, digest) == 0
    later = digest_of(run, digest)
    run("query", "INSERT INTO Account ?", "{}")
    assert second(answer, later) == 0
    later.unlink()
    assert run("digest", "--save", later).code == 0
    assert second(answer, later) == 1


@pytest.fixture
def at_server(server, capsys):  # noqa: F811 - the fixture
    """Runs a command on the ledger demo behind a server."""

    def command(name, *arguments):
        code = main([name, "demo", "--endpoint", server, *map(str, arguments)])
        return Outcome(code, *capsys.readouterr())

    return command


def test_the_same_over_http(run, at_server, document, digest):
    address = next_address(run, document, 2)
    assert json.loads(at_server("digest", "--json").out)["digest"] == json.loads(digest.read_text())["digest"]
    code, out, _ = at_server("verify", "--digest", digest, "--document", document, "--block-address", address)
    assert code == 0
    assert out == run("verify", "--digest", digest, "--document", document, "--block-address", address).out
    assert at_server("verify", "--digest", digest, "--block-address", address).code == 0
    asked = ("--block-address", address, "--digest", digest, "--json")
    assert at_server("block", *asked) == run("block", *asked)


def test_over_http_too_a_step_that_fails_is_named_and_what_a_server_does_not_know_is_asked_for(
    run, at_server, document, digest
):
    nowhere = '{strandId:"x",sequenceNo:1}'
    code, out, _ = at_server("verify", "--digest", digest, "--block-address", nowhere)
    assert code == 1
    assert "FAILED  get the block and its proof: there is no block 1 on strand x" in out
    outcome = at_server("verify", "--digest", digest, "--document", document)
    assert outcome.code == 2
    assert "give --block-address too" in outcome.err


def test_a_server_that_is_not_there_is_an_error(capsys):
    assert main(["digest", "demo", "--endpoint", "http://127.0.0.1:9"]) == 1
    assert capsys.readouterr().err.startswith("error: Could not connect")


def second(*arguments):
    return subprocess.run(
        [sys.executable, SECOND_VERIFIER, *arguments], check=False, stdout=subprocess.DEVNULL
    ).returncode
