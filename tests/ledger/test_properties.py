"""Random histories of documents against a model: rows, history, indexes and journal agree after every step."""

import uuid
from collections import defaultdict

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger import ion, settings
from ledger.audit import audit
from ledger.errors import OccConflictException
from ledger.ledger import Ledger
from ledger.store import SQLiteStore
from tests.depth import examples
from tests.ledger.support import Client

VALUES = st.sampled_from([1, 2, 3, "a", None])


class DocumentHistories(RuleBasedStateMachine):
    """Committed, aborted and conflicting transactions on a table with an index; the file is reopened now and then."""

    strands = 1
    documents = Bundle("documents")

    def __init__(self):
        super().__init__()
        self.rows: dict[int, object] = {}
        self.versions: dict[int, int] = defaultdict(lambda: -1)
        self.next_name = 0

    @initialize()
    def create(self):
        self.path = f"{self.folder}/{uuid.uuid4()}.db"
        settings_store = SQLiteStore(self.path)
        settings.create(settings_store, "demo", strands=self.strands)
        self.open(settings_store)
        self.client.run("CREATE TABLE T")
        self.client.run("CREATE INDEX ON T (name)")
        self.client.run("CREATE INDEX ON T (v)")

    def open(self, store):
        self.store = store
        self.client = Client(Ledger(store, "demo"))

    @rule(target=documents, value=VALUES)
    def insert(self, value):
        name, self.next_name = self.next_name, self.next_name + 1
        self.client.run("INSERT INTO T ?", {"name": name, "v": value})
        self.written(name, value)
        return name

    @rule(name=documents, value=VALUES)
    def update(self, name, value):
        changed = self.client.run("UPDATE T SET v = ? WHERE name = ?", value, name)
        assert len(changed) == (name in self.rows)
        if changed:
            self.written(name, value)

    @rule(name=documents)
    def delete(self, name):
        deleted = self.client.run("DELETE FROM T WHERE name = ?", name)
        assert len(deleted) == (name in self.rows)
        if deleted:
            del self.rows[name]
            self.versions[name] += 1

    @rule(name=documents, value=VALUES)
    def abort(self, name, value):
        session = self.client.begin()
        session.run("UPDATE T SET v = ? WHERE name = ?", value, name)
        session.run("DELETE FROM T WHERE v = ?", value)
        session.send("AbortTransaction")

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), value=VALUES)
    def conflict(self, data, value):
        name = data.draw(st.sampled_from(sorted(self.rows)))
        late = self.client.begin()
        late.run("UPDATE T SET v = ? WHERE name = ?", "late", name)
        self.update(name, value)
        with pytest.raises(OccConflictException):
            late.commit()

    @rule()
    def reopen(self):
        self.store.close()
        self.open(SQLiteStore(self.path))

    def written(self, name, value):
        self.rows[name] = value
        self.versions[name] += 1

    @invariant()
    def rows_are_those_of_the_model(self):
        if not hasattr(self, "client"):
            return
        found = [ion.parse(row) for row in self.client.run("SELECT * FROM T")]
        assert {int(row["name"]): _plain(row["v"]) for row in found} == self.rows
        for value in (1, 2, 3, "a"):
            names = self.client.run("SELECT VALUE name FROM T WHERE v = ?", value)
            assert sorted(map(int, names)) == sorted(name for name, v in self.rows.items() if v == value)

    @invariant()
    def journal_and_everything_derived_from_it_agree(self):
        if hasattr(self, "client"):
            assert list(audit(self.store, "demo")) == []
            versions = self.client.run("SELECT VALUE metadata.version FROM history(T)")
            assert len(versions) == sum(version + 1 for version in self.versions.values())

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()


def _plain(value):
    if ion.is_null(value):
        return None
    return str(value) if isinstance(value, str) else int(value)


@pytest.mark.parametrize("strands", [1, 4])
def test_random_histories_agree_with_the_model(tmp_path, strands):
    machine = type("Histories", (DocumentHistories,), {"strands": strands, "folder": tmp_path})
    machine.TestCase.settings = hypothesis_settings(max_examples=examples(8), stateful_step_count=25, deadline=None)
    machine.TestCase().runTest()
