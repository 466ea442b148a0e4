"""Sessions, transactions, pages and their errors (QLDB API reference, "SendCommand"; guide, "Driver errors")."""

from decimal import Decimal

import pytest

from ledger import ion
from ledger.errors import BadRequestException, InvalidSessionException, LimitExceededException, QldbError
from ledger.ledger import Ledger
from ledger.limits import Limits
from tests.ledger.support import Client


class Time:
    """A clock that the test sets."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


def limited(client, **limits):
    ledger = client.ledger
    return Client(Ledger(ledger.store, ledger.name, limits=Limits(**limits)))


def message(info):
    return info.value.message


def test_a_transaction_in_a_transaction_is_refused(local_client):
    session = local_client.begin()
    with pytest.raises(BadRequestException, match=r"^Transaction already open$"):
        session.send("StartTransaction")
    assert session.run("SELECT * FROM T") == []


@pytest.mark.parametrize("command", ["ExecuteStatement", "FetchPage", "CommitTransaction", "AbortTransaction"])
def test_a_command_that_needs_a_transaction_is_refused_without_one(local_client, command):
    members = {
        "ExecuteStatement": {"Statement": "SELECT * FROM T"},
        "FetchPage": {"NextPageToken": "token"},
        "CommitTransaction": {"CommitDigest": bytes(32)},
    }
    with pytest.raises(BadRequestException, match=r"^No open transaction$"):
        local_client.session().send(command, TransactionId="a" * 22, **members.get(command, {}))


def test_a_command_for_another_transaction_is_refused(local_client):
    session = local_client.begin()
    with pytest.raises(BadRequestException, match="No open transaction aaaaaaaaaaaaaaaaaaaaaa"):
        session.send("ExecuteStatement", TransactionId="a" * 22, Statement="SELECT * FROM T")


def test_an_unknown_session_is_invalid(local_client):
    session = local_client.session()
    session.end()
    with pytest.raises(InvalidSessionException, match=r"^No such session$"):
        session.begin()


def test_an_expired_transaction_is_dropped(local_client):
    time = Time()
    client = Client(local_client.ledger, seconds=time)
    session = client.begin()
    session.run("INSERT INTO T ?", {"k": 1})
    time.seconds += 30.5
    with pytest.raises(InvalidSessionException, match=f"^Transaction {session.transaction_id} has expired$"):
        session.commit()
    assert client.run("SELECT * FROM T") == []


def test_an_expired_session_is_dropped(local_client):
    time = Time()
    session = Client(local_client.ledger, seconds=time).session()
    time.seconds += 17 * 60
    with pytest.raises(InvalidSessionException, match=r"^Session .{22} has expired$"):
        session.begin()
    with pytest.raises(InvalidSessionException, match=r"^No such session$"):
        session.begin()


def test_more_sessions_than_the_limit_are_refused_in_a_way_that_drivers_retry(local_client):
    client = limited(local_client, sessions=2)
    sessions = [client.session(), client.session()]
    with pytest.raises(LimitExceededException) as refused:
        client.session()
    assert refused.value.status == 503
    sessions[0].end()
    client.session()


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, "got none"),
        ({"SessionToken": "x"}, "got none"),
        ({"StartSession": {"LedgerName": "demo"}, "EndSession": {}}, "got StartSession, EndSession"),
        ({"Rewind": {}}, "got Rewind"),
        ({"StartSession": {}}, "StartSession needs LedgerName"),
        ({"SessionToken": "x", "ExecuteStatement": {}}, "ExecuteStatement needs TransactionId and Statement"),
    ],
)
def test_a_malformed_request_is_refused_with_what_to_send(local_client, request_, expected):
    with pytest.raises(BadRequestException) as refused:
        local_client.service.send_command(request_)
    assert expected in message(refused)


def test_a_wrong_commit_digest_is_refused_and_commits_nothing(local_client):
    session = local_client.begin()
    session.run("INSERT INTO T ?", {"k": 1})
    session.digest = bytes(32)
    with pytest.raises(BadRequestException, match="commit digest does not match"):
        session.commit()
    session.send("AbortTransaction")
    assert local_client.run("SELECT * FROM T") == []


def test_an_aborted_transaction_leaves_nothing_and_its_session_goes_on(local_client):
    session = local_client.begin()
    session.run("INSERT INTO T ?", {"k": 1})
    session.send("AbortTransaction")
    session.begin()
    assert session.run("SELECT * FROM T") == []
    session.commit()


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        ("CREATE TABLE T", "412", "Table with name: USER.T already exists"),
        (
            "DELETE FROM NonExistentTable",
            "432",
            (
                "Semantic Error: at line 1, column 13: No such variable named 'NonExistentTable';"
                " No such variable named 'NonExistentTable'"
            ),
        ),
        ("Person", None, "Unsupported PartiQL Statement, Errors at:\nline 1, column 1"),
    ],
)
def test_statement_errors_have_the_texts_that_programs_match_on(local_client, statement, code, text):
    with pytest.raises(BadRequestException) as refused:
        local_client.run(statement)
    assert (refused.value.code, refused.value.message) == (code, text)


def test_a_failed_statement_changes_nothing_and_the_transaction_goes_on(local_client):
    session = local_client.begin()
    session.run("INSERT INTO T ?", {"k": 1})
    with pytest.raises(QldbError):
        session.run("INSERT INTO T << ?, ? >>", {"k": 2}, "not a struct")
    session.commit()
    assert local_client.run("SELECT VALUE k FROM T") == ["1"]
    assert local_client.findings() == []


@pytest.mark.parametrize("statement", ["", "x" * 100_001], ids=["empty", "too long"])
def test_a_statement_of_a_bad_length_is_refused(local_client, statement):
    with pytest.raises(BadRequestException, match=r"send 1 to 100000"):
        local_client.begin().execute(statement)


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        ({"IonBinary": b"\xe0\x01\x00\xea\x21"}, "a parameter is not readable as Ion"),
        ({"IonText": "{a:"}, "a parameter is not readable as Ion"),
        ({"IonText": "1 2"}, "exactly one Ion value, got 2"),
        ({}, "needs IonBinary or IonText"),
        ({"IonText": "[" * 101 + "]" * 101}, "nested deeper than 100 levels"),
        ({"IonText": "[" * 50_000}, "not readable as Ion"),
        ({"IonBinary": bytes(131_073)}, "131073 bytes, send at most 131072"),
    ],
)
def test_a_parameter_that_is_no_ion_is_refused(local_client, holder, expected):
    session = local_client.begin()
    with pytest.raises(BadRequestException) as refused:
        session.send(
            "ExecuteStatement",
            TransactionId=session.transaction_id,
            Statement="INSERT INTO T ?",
            Parameters=[holder],
        )
    assert expected in message(refused)


@pytest.mark.parametrize("number", ["1d1000000000", "-1d-1000000000", "1" * 5000, "1." + "1" * 5000])
def test_an_extreme_number_is_kept_exactly_or_refused(local_client, number):
    session = local_client.begin()
    members = {"Statement": "INSERT INTO T ?", "Parameters": [{"IonText": f"{{k: {number}}}"}]}
    try:
        session.send("ExecuteStatement", TransactionId=session.transaction_id, **members)
    except BadRequestException:
        return
    [kept] = session.run("SELECT * FROM T")
    assert ion.digest(ion.parse(kept)) == ion.digest(ion.parse(f"{{k: {number}}}"))


@pytest.mark.parametrize("document_id", ["", "x", "x" * 5000, "é" * 22])
def test_a_text_that_is_no_id_names_no_document(client, document_id):
    assert client.run("SELECT * FROM T BY id WHERE id = ?", document_id) == []
    assert client.run("SELECT * FROM history(T) AS h WHERE h.metadata.id = ?", document_id) == []


def test_ion_text_is_taken_as_well_as_binary(local_client):
    session = local_client.begin()
    members = {"Statement": "SELECT VALUE ? FROM << 0 >>", "Parameters": [{"IonText": "{a:x::1.50}"}]}
    page = session.send("ExecuteStatement", TransactionId=session.transaction_id, **members)["FirstPage"]
    assert [ion.text(ion.loads(value["IonBinary"])) for value in page["Values"]] == ["{a:x::1.50}"]


def test_results_come_in_pages_that_end_without_a_token(local_client):
    client = limited(local_client, page_rows=2)
    for start in range(5):
        client.run("INSERT INTO T ?", {"k": start})
    session = client.begin()
    page = session.execute("SELECT VALUE k FROM T")["FirstPage"]
    sizes = [len(page["Values"])]
    while "NextPageToken" in page:
        page = session.send("FetchPage", TransactionId=session.transaction_id, NextPageToken=page["NextPageToken"])[
            "Page"
        ]
        sizes.append(len(page["Values"]))
    assert sizes == [2, 2, 1]


def test_a_page_token_serves_once(local_client):
    client = limited(local_client, page_rows=1)
    client.run("INSERT INTO T << ?, ?, ? >>", {"k": 1}, {"k": 2}, {"k": 3})
    session = client.begin()
    token = session.execute("SELECT * FROM T")["FirstPage"]["NextPageToken"]
    session.send("FetchPage", TransactionId=session.transaction_id, NextPageToken=token)
    with pytest.raises(BadRequestException, match="page token is unknown"):
        session.send("FetchPage", TransactionId=session.transaction_id, NextPageToken=token)


def test_a_page_ends_at_its_size_in_bytes(local_client):
    client = limited(local_client, page_bytes=100)
    client.run("INSERT INTO T << ?, ? >>", {"k": 1, "s": "x" * 90}, {"k": 2, "s": "x" * 90})
    assert len(client.begin().execute("SELECT * FROM T")["FirstPage"]["Values"]) == 1


def test_consumed_ios_are_the_cells_read_and_written(client):
    session = client.begin()
    inserted = session.execute("INSERT INTO T ?", {"k": 1})["ConsumedIOs"]
    assert inserted == {"ReadIOs": 0, "WriteIOs": 0}
    # Block, document, history pointer, index head, index entry.
    assert session.commit()["ConsumedIOs"]["WriteIOs"] == 5
    session.begin()
    # Index head, index entry, document.
    assert session.execute("SELECT * FROM T WHERE k = 1")["ConsumedIOs"] == {"ReadIOs": 3, "WriteIOs": 0}
    assert session.commit()["ConsumedIOs"]["WriteIOs"] == 0


def test_an_indexed_lookup_reads_as_many_cells_however_large_the_table_is(local_client):
    for start in range(0, 200, 40):
        local_client.run("INSERT INTO T ?", [{"k": number} for number in range(start, start + 40)])
    assert local_client.begin().execute("SELECT * FROM T WHERE k = 77")["ConsumedIOs"]["ReadIOs"] == 3
    assert local_client.begin().execute("SELECT * FROM T WHERE k > 198")["ConsumedIOs"]["ReadIOs"] >= 200


@pytest.mark.parametrize(
    ("limits", "statement", "parameters", "expected"),
    [
        ({}, "INSERT INTO T ?", [{"s": "x" * 131_072}], "send at most 131072"),
        ({"document_bytes": 60}, "INSERT INTO T VALUE {'s': ? || ?}", ["x" * 40, "y" * 40], "exceeds the limit of 60"),
        ({"documents_per_transaction": 2}, "INSERT INTO T << {}, {}, {} >>", [], "exceeds the limit of 2"),
        ({"active_tables": 1}, "CREATE TABLE Another", [], "has 1 active tables, the most"),
        ({"indexes_per_table": 1}, "CREATE INDEX ON T (other)", [], "has 1 indexes, the most"),
        ({}, "CREATE INDEX ON T (k)", [], "Index on field: k of table: USER.T already exists"),
        ({}, f'CREATE TABLE "{"x" * 129}"', [], "use 1 to 128 letters"),
        ({}, 'CREATE TABLE "1T"', [], "no digit first"),
        ({}, "INSERT INTO T ?", [5], "a document must be a struct"),
        ({}, "INSERT INTO T ?", [None], "a document must be a struct"),
    ],
)
def test_what_is_over_a_limit_is_refused_and_leaves_the_ledger_as_it_was(
    local_client, limits, statement, parameters, expected
):
    client = limited(local_client, **limits)
    before = len(client.blocks())
    with pytest.raises(QldbError) as refused:
        client.run(statement, *parameters)
    assert expected in message(refused)
    assert len(client.blocks()) == before
    assert client.findings() == []


def test_a_transaction_over_the_size_limit_is_refused_at_commit(local_client):
    client = limited(local_client, transaction_bytes=2000)
    with pytest.raises(LimitExceededException, match="exceeds the limit of 2000 bytes"):
        client.run("INSERT INTO T ?", {"s": "x" * 2000})
    assert client.run("SELECT * FROM T") == []


def test_statements_see_the_changes_of_their_own_transaction(client):
    session = client.begin()
    session.run("INSERT INTO T << ?, ? >>", {"k": 1, "n": 1}, {"k": 2, "n": 2})
    assert session.run("SELECT VALUE n FROM T WHERE k = 1") == ["1"]
    session.run("UPDATE T SET k = 3 WHERE k = 1")
    assert session.run("SELECT * FROM T WHERE k = 1") == []
    assert session.run("SELECT VALUE n FROM T WHERE k = 3") == ["1"]
    session.run("DELETE FROM T WHERE k = 2")
    assert session.run("SELECT VALUE n FROM T") == ["1"]
    session.commit()
    assert client.run("SELECT VALUE k FROM T") == ["3"]
    assert client.findings() == []


def test_several_changes_of_a_document_in_a_transaction_make_one_revision(client):
    session = client.begin()
    session.run("INSERT INTO T ?", {"k": 1, "n": 1})
    session.run("UPDATE T SET n = 2 WHERE k = 1")
    session.run("UPDATE T SET n = 3 WHERE k = 1")
    session.commit()
    assert client.run("SELECT VALUE [metadata.version, data.n] FROM history(T)") == ["[0,3]"]
    [entry] = [entry for block in client.blocks() for entry in block.documents.values()]
    assert list(entry.statements) == [0, 1, 2]


def test_a_document_inserted_and_deleted_in_one_transaction_leaves_no_revision(client):
    session = client.begin()
    session.run("INSERT INTO T ?", {"k": 1})
    session.run("DELETE FROM T WHERE k = 1")
    session.commit()
    assert client.run("SELECT * FROM history(T)") == []
    assert client.findings() == []


def test_tables_indexes_and_documents_can_be_made_in_one_transaction(client):
    session = client.begin()
    session.run("CREATE TABLE New")
    session.run("CREATE INDEX ON New (a)")
    session.run("INSERT INTO New ?", {"a": 1})
    assert session.run("SELECT * FROM New WHERE a = 1") == ["{a:1}"]
    session.commit()
    assert client.run("SELECT * FROM New WHERE a = 1") == ["{a:1}"]
    assert client.findings() == []


def test_history_shows_every_revision_and_the_deletion(client):
    client.run("INSERT INTO T ?", {"k": 1, "n": Decimal("1.50")})
    client.run("UPDATE T SET n = 2 WHERE k = 1")
    client.run("DELETE FROM T WHERE k = 1")
    assert client.run("SELECT VALUE [metadata.version, data.n] FROM history(T)") == ["[0,1.50]", "[1,2]", "[2,null]"]
    assert client.run("SELECT * FROM _ql_committed_T") == []
    last = client.run("SELECT * FROM history(T) AS h WHERE h.metadata.version = 2")
    assert "data" not in dict(ion.fields(ion.parse(last[0]))).keys() - {"metadata"}


def test_a_block_is_written_by_a_change_only(local_client):
    before = len(local_client.blocks())
    local_client.run("SELECT * FROM T")
    local_client.run("UPDATE T SET n = 1 WHERE k = 404")
    assert len(local_client.blocks()) == before


def test_a_block_lists_all_statements_with_their_digests(local_client):
    session = local_client.begin()
    session.run("SELECT * FROM T WHERE k = ?", 7)
    session.run("INSERT INTO T ?", {"k": 7})
    session.commit()
    [block] = [block for block in local_client.blocks() if block.transaction_id == session.transaction_id]
    texts = [statement.text for statement in block.statements]
    assert "SELECT * FROM T WHERE k = ?" in texts
    assert "INSERT INTO T ?" in texts
