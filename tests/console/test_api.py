"""What the console answers to its pages."""

import json
import uuid
from itertools import pairwise

import pytest

from ledger import ion
from ledger.cli import answer as answers
from ledger.cli.digest_file import DigestFile
from tests.verifier.verdicts import second


def run(console, statement, *parameters, ledger="captable1"):
    body = {"run": uuid.uuid4().hex, "statement": statement, "parameters": list(parameters)}
    return console.send("POST", f"/api/ledgers/{ledger}/runs", body)


def rows(console, statement, *parameters, **options):
    answer = run(console, statement, *parameters, **options)
    assert answer.status == 200, answer.body
    return [ion.parse(row) for row in answer.json["rows"]]


def complaint(answer, status):
    assert answer.status == status, answer.body
    return answer.json


def test_ledgers_are_named_with_what_the_console_may_do(console):
    known = console.get("/api/ledgers")
    assert [(each["name"], each["strands"]) for each in known["ledgers"]] == [("captable1", 1), ("captable4", 4)]
    assert not known["isWritable"]


def test_a_ledger_is_described_by_its_tables_and_the_tips_of_its_strands(console):
    described = console.get("/api/ledgers/captable4")
    assert len(described["strands"]) == 4
    assert {table["name"]: [index["field"] for index in table["indexes"]] for table in described["tables"]} == {
        "wallettable": ["email"],
        "idempotency": ["key"],
        "Vehicle": ["VIN"],
    }


@pytest.mark.parametrize("name", ["nobody", "..", "%2e%2e%2fcaptable1", "captable1.db", ""])
def test_a_ledger_that_is_not_there_is_404(console, name):
    assert console.send("GET", f"/api/ledgers/{name}/blocks").status == 404


def test_fields_of_a_table_are_those_of_its_documents(console):
    fields = console.get("/api/ledgers/captable1/tables/Vehicle")["fields"]
    types = {field["name"]: field["types"] for field in fields}
    assert types["Owner"] == ["struct"]
    assert types["Sold"] == ["null"]
    assert types["Price"] == ["decimal"]
    complaint(console.send("GET", "/api/ledgers/captable1/tables/None"), 400)


def test_a_statement_gives_rows_cost_and_transaction(console):
    answer = run(console, "SELECT w.CurrentBalance FROM wallettable AS w WHERE w.email = ?", '"ana@example.com"').json
    assert [list(ion.parse(row)) for row in answer["rows"]] == [["CurrentBalance"]]
    assert answer["isLast"]
    assert answer["readIOs"] > 0
    assert answer["writeIOs"] == 0
    assert answer["milliseconds"] >= 0
    assert len(answer["transactionId"]) == 22


def test_an_error_points_at_line_and_column_and_says_what_was_expected(console):
    told = complaint(run(console, "SELECT *\nFROM wallettable AS w\nWHER x = 1"), 400)
    assert (told["line"], told["column"]) == (3, 1)
    assert told["error"] == "BadRequestException"
    assert "expected" in told["reason"]
    told = complaint(run(console, "SELECT * FROM Nobody"), 400)
    assert (told["line"], told["column"], told["code"]) == (1, 15, "432")


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [("SELECT ? FROM Vehicle", []), ("SELECT * FROM Vehicle", ["1"]), ("SELECT ? FROM Vehicle", ["{"]), ("", []),
     ("SELECT 1; SELECT 2", []), ("SELECT * FROM Vehicle ORDER BY VIN", []), ("x" * 100_001, [])],
    ids=["too few", "too many", "no Ion", "empty", "two", "extension", "too long"],
)  # fmt: skip
def test_a_statement_that_cannot_run_is_refused(console, statement, parameters):
    complaint(run(console, statement, *parameters), 400)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"{", b"\xff", b'{"run":1,"statement":"x"}', b'{"run":"a","statement":"x","parameters":[1]}'],
)
def test_a_body_of_another_shape_is_refused(console, body):
    headers = {"Content-Type": "application/json"}
    assert console.send("POST", "/api/ledgers/captable1/runs", body, headers=headers).status == 400


def test_a_body_without_end_is_refused(console):
    body = json.dumps({"run": "a", "statement": "x" * 5_000_000}).encode()
    headers = {"Content-Type": "application/json"}
    assert console.send("POST", "/api/ledgers/captable1/runs", body, headers=headers).status == 400


def test_rows_come_a_page_at_a_time(console):
    statement = "SELECT a.email, b.kind FROM wallettable AS a, wallettable AS b, wallettable AS c"
    body = {"run": uuid.uuid4().hex, "statement": statement}
    page = console.post("/api/ledgers/captable1/runs", body)
    assert (len(page["rows"]), page["isLast"]) == (200, False)
    count = 200
    while not page["isLast"]:
        page = console.post(f"/api/runs/{body['run']}/rows", {})
        count += len(page["rows"])
    assert count == 8**3
    complaint(console.send("POST", f"/api/runs/{body['run']}/rows", {}), 410)


def test_rows_of_a_statement_that_was_left_are_gone(console):
    body = {"run": uuid.uuid4().hex, "statement": "SELECT * FROM wallettable AS a, wallettable AS b, wallettable AS c"}
    console.post("/api/ledgers/captable1/runs", body)
    assert console.post(f"/api/runs/{body['run']}/stop", {}) == {}
    complaint(console.send("POST", f"/api/runs/{body['run']}/rows", {}), 410)


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO Vehicle {'VIN': 'x'}", "UPDATE Vehicle SET Ok = false", "DELETE FROM Vehicle", "CREATE TABLE X",
     "CREATE INDEX ON Vehicle (Ok)", "DROP TABLE Vehicle",
     "EXEC REDACT_REVISION `{strandId:\"a\",sequenceNo:1}`, 'a', 'b'"],
)  # fmt: skip
def test_a_console_that_only_reads_changes_nothing(console, statement):
    before = console.get("/api/ledgers/captable1")
    assert complaint(run(console, statement), 403)["error"] == "ReadOnlyException"
    assert console.get("/api/ledgers/captable1") == before


def test_a_console_that_is_writable_writes_and_may_have_extensions(writable):
    assert run(writable, "INSERT INTO T {'k': 9}", ledger="small").json["writeIOs"] > 0
    assert rows(writable, "SELECT VALUE t.k FROM T AS t ORDER BY t.k DESC LIMIT 2", ledger="small") == [9, 3]


def test_history_of_a_document_comes_newest_first_and_a_page_at_a_time(console, wallets):
    path = f"/api/ledgers/captable1/documents/{wallets.ana}"
    first = console.get(f"{path}?limit=10")
    versions = [int(ion.parse(text)["metadata"]["version"]) for text in first["revisions"]]
    assert versions == list(range(first["newest"], first["newest"] - 10, -1))
    assert first["tableName"] == "wallettable"
    older = console.get(f"{path}?limit=10&before={versions[-1]}")
    assert int(ion.parse(older["revisions"][0])["metadata"]["version"]) == versions[-1] - 1
    assert console.get(f"{path}?before=0")["revisions"] == []


def test_deleted_and_redacted_revisions_have_no_data(console, wallets):
    newest = ion.parse(console.get(f"/api/ledgers/captable1/documents/{wallets.deleted}")["revisions"][0])
    assert set(newest) == {"blockAddress", "hash", "metadata"}
    redacted = ion.parse(console.get(f"/api/ledgers/captable1/documents/{wallets.redacted}?before=2")["revisions"][0])
    assert set(redacted) == {"blockAddress", "hash", "dataHash", "metadata"}


def test_the_version_of_a_moment_is_the_one_that_was_current_then(console, wallets):
    path = f"/api/ledgers/captable1/documents/{wallets.ana}"
    for text in console.get(f"{path}?limit=200")["revisions"]:
        metadata = ion.parse(text)["metadata"]
        begun = metadata["txTime"].isoformat().replace("+00:00", "Z")
        assert console.get(f"{path}?at={begun}") == {"version": int(metadata["version"])}
    assert console.get(f"{path}?at=9999-01-01T00:00:00Z")["version"] == console.get(path)["newest"]
    assert "begins later" in complaint(console.send("GET", f"{path}?at=2020-01-01"), 400)["message"]


@pytest.mark.parametrize("search", ["limit=x", "before=-1", "at=yesterday", "limit=1e3", "before=99999999999999999999"])
def test_bounds_that_are_none_are_refused(console, wallets, search):
    complaint(console.send("GET", f"/api/ledgers/captable1/documents/{wallets.ana}?{search}"), 400)


def test_a_document_that_is_not_there_is_refused(console):
    complaint(console.send("GET", f"/api/ledgers/captable1/documents/{'x' * 22}"), 400)


def test_blocks_of_all_strands_come_newest_first(console):
    blocks = console.get("/api/ledgers/captable4/blocks?limit=100")["blocks"]
    assert len(blocks) == 100
    times = [block["blockTimestamp"] for block in blocks]
    assert times == sorted(times, reverse=True)
    assert len({block["strandId"] for block in blocks}) == 4
    assert blocks[0]["redactions"] == 1


def test_blocks_of_a_strand_are_bounded_on_both_sides_and_chained(console):
    strand = console.get("/api/ledgers/captable4")["strands"][0]["strandId"]
    blocks = console.get(f"/api/ledgers/captable4/blocks?after={strand}:3&before={strand}:8")["blocks"]
    assert [block["sequenceNo"] for block in blocks] == [7, 6, 5, 4]
    assert {block["strandId"] for block in blocks} == {strand}
    for block, before in pairwise(blocks):
        assert block["previousBlockHash"] == before["blockHash"]


def test_digest_revision_and_proof_hold_for_the_second_verifier(console, wallets):
    for ledger, documents in (("captable1", [wallets.ana, wallets.deleted, wallets.redacted]), ("captable4", None)):
        taken = console.post(f"/api/ledgers/{ledger}/digest", {})
        kept = DigestFile(second.digest_in(taken), taken["digestTipAddress"], taken["ledger"], taken["date"])
        for document_id in documents or ids(console, ledger):
            told = console.post(
                f"/api/ledgers/{ledger}/revision", {"documentId": document_id, "digestTipAddress": kept.tip_address}
            )
            given = answers.to_json("revision", ion.parse(told["revision"]), ion.parse(told["proof"]), kept)
            assert list(second.answer(json.loads(given), taken))


def ids(console, ledger):
    return [str(row["id"]) for row in rows(console, "SELECT id FROM wallettable BY id", ledger=ledger)]


def test_block_is_proven_and_comes_without_proof_too(console):
    taken = console.post("/api/ledgers/captable4/digest", {})
    for strand in console.get("/api/ledgers/captable4")["strands"]:
        address = f'{{strandId:"{strand["strandId"]}",sequenceNo:2}}'
        asked = {"blockAddress": address, "digestTipAddress": taken["digestTipAddress"]}
        told = console.post("/api/ledgers/captable4/block", asked)
        assert list(second.answer(told, taken))
        assert set(console.post("/api/ledgers/captable4/block", {"blockAddress": address})) == {"block"}


@pytest.mark.parametrize(
    ("operation", "body"),
    [("revision", {}), ("revision", {"documentId": "x" * 22}), ("block", {}), ("block", {"blockAddress": "{}"}),
     ("block", {"blockAddress": '{strandId:"x",sequenceNo:0}'}), ("revision", {"documentId": 7})],
)  # fmt: skip
def test_what_is_not_in_the_journal_cannot_be_asked_for(console, operation, body):
    complaint(console.send("POST", f"/api/ledgers/captable1/{operation}", body), 400)
