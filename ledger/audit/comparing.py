"""Comparing what is derived from the journal with the journal: each cell, once."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import cache
from itertools import islice
from typing import Any

from ledger.audit.blocks import Link
from ledger.audit.catalog import (
    catalog_differences,
    expected_catalog,
    indexes_of,
    is_unfinished,
    read_catalog,
    unfinished,
    version_findings,
    with_statuses,
)
from ledger.audit.documents import DocumentCheck, history_findings
from ledger.audit.expected import Expected
from ledger.audit.finding import Difference, Item, Kind, Progress
from ledger.audit.indexes import IndexCheck
from ledger.audit.redactions import RedactionCheck
from ledger.audit.settings import settings_findings
from ledger.catalog import Catalog
from ledger.documents import document_partitions
from ledger.settings import Settings
from ledger.store.base import Key, Store

_LOOKS = 3
_MOST = 1000
"""Findings about one indexed value, which may have very many entries."""
_SETTINGS, _CATALOG = Item(Kind.SETTINGS), Item(Kind.CATALOG)


class Comparison:
    """Compares cells with what `expected` says, and notes there what differs and how far it got."""

    def __init__(self, store: Store, settings: Settings, expected: Expected, progress: Progress) -> None:
        self._store = store
        self._settings = settings
        self._expected = expected
        self._progress = progress

    def catalog(self) -> Catalog:
        """Return the catalog that the journal defines."""
        links = [self._expected.position(strand_id)[1] for strand_id in self._settings.strands]
        versions = [Link.from_json(link).catalog_version for link in links if link is not None]
        return expected_catalog(self._expected, max(versions, default=0))

    def document_partitions(self) -> list[str]:
        """Return every partition that may hold documents."""
        partitions = set(self._expected.document_partitions())
        for table in self.catalog().tables:
            partitions.update(document_partitions(table.id, self._settings.shards))
        return sorted(partitions)

    def begin(self) -> None:
        """Begin anew: `go_on` compares everything."""
        self._save("documents", "", "")

    def go_on(self) -> None:
        """Compare everything, from where it was interrupted on."""
        stage, partition, name = self._expected.load("at", ["documents", "", ""])
        if stage == "documents":
            self.compare_settings()
            self.compare_catalog()
            self._compare_documents(partition, name)
            partition = ""
            self._save("values", "", "")
        self._compare_values(partition)
        self._note(RedactionCheck(self._store, self._expected).all())
        self._save("values", "~", "")

    def compare_catalog(self) -> None:
        """Compare the catalog."""
        cell, found = read_catalog(self._store)
        building = self._building(found)
        self._note(catalog_differences(self.catalog(), cell, found, building))
        for finding in version_findings(self._expected):
            self._expected.add_finding(finding, _CATALOG)
        self._note_complete(building, found)

    def compare_settings(self) -> None:
        """Compare the settings."""
        for finding in settings_findings(self._store, self._settings):
            self._expected.add_finding(finding, _SETTINGS)

    def compare(self, items: Iterable[Item]) -> None:
        """Compare some things anew, each as a whole."""
        for _ in self.compare_each([(item, 0) for item in items]):
            pass

    def compare_each(self, items: Sequence[tuple[Item, int]]) -> Iterator[Item]:
        """Compare some things anew, and give each once that is done.

        Args:
            items: each with the version from which on its history is compared, if it is a document.
        """
        documents, index_check = DocumentCheck(self._store, self._expected), cache(self._index_check)
        cells = self._store.get(Key(item.partition, item.name) for item, _ in items if item.kind is Kind.DOCUMENT)
        for item, first in items:
            with nullcontext() if first else self._expected.in_doubt(item):
                match item.kind:
                    case Kind.SETTINGS:
                        self.compare_settings()
                    case Kind.CATALOG:
                        self.compare_catalog()
                    case Kind.DOCUMENT:
                        cell = cells.get(Key(item.partition, item.name))
                        self._note(documents.differences(item, cell, first))
                        self._note_history(item, first)
                    case Kind.REDACTION:
                        self._note(RedactionCheck(self._store, self._expected).differences(item))
                    case Kind.VALUE:
                        self._compare_value(index_check(), item.partition)
            yield item

    def _save(self, *at: Any) -> None:
        self._expected.store("at", at)
        self._expected.save()

    def _compare_documents(self, partition: str, name: str) -> None:
        total = self._expected.document_count()
        for done, (item, differences) in enumerate(self._documents(partition, name), 1):
            with self._expected.in_doubt(item):
                self._note(differences)
                self._note_history(item)
            self._expected.save_now_and_then(at=["documents", item.partition, item.name])
            self._progress("documents", done, max(done, total))

    def _documents(self, partition: str, name: str) -> Iterator[tuple[Item, Iterator[Difference]]]:
        check = DocumentCheck(self._store, self._expected)
        for each in self.document_partitions():
            if each >= partition:
                yield from check.partition(each, name if each == partition else "")

    def _compare_values(self, after: str) -> None:
        total, check = self._expected.value_count(), self._index_check()
        for done, partition in enumerate(self._expected.values(after), 1):
            with self._expected.in_doubt(Item(Kind.VALUE, partition)):
                self._compare_value(check, partition)
            self._expected.save_now_and_then(at=["values", partition, ""])
            self._progress("indexed values", done, max(done, total))

    def _index_check(self) -> IndexCheck:
        _, found = read_catalog(self._store)
        return IndexCheck(self._store, self._expected, with_statuses(self.catalog(), self._building(found)))

    def _building(self, found: Catalog | None) -> dict[str, str]:
        """Return the indexes that may lack entries: begun on a table with documents, and never seen complete."""
        begun = unfinished(self._expected) - frozenset(self._expected.load("complete", []))
        return {index.id: index.status for index in indexes_of(found) if index.id in begun and is_unfinished(index)}

    def _note_complete(self, building: Collection[str], found: Catalog | None) -> None:
        seen = {index.id for index in indexes_of(found) if index.id not in building} & unfinished(self._expected)
        self._expected.store("complete", sorted(seen | set(self._expected.load("complete", []))))

    def _compare_value(self, check: IndexCheck, partition: str) -> None:
        # A head and its entries that do not belong together may have been read just while somebody changed them.
        differences = list[Difference]()
        for _ in range(_LOOKS):
            differences = list(islice(check.differences(partition), _MOST))
            if not differences:
                return
        self._note(differences)

    def _note(self, differences: Iterable[Difference]) -> None:
        for difference in differences:
            self._expected.add_finding(difference.finding, difference.item)

    def _note_history(self, item: Item, first: int = 0) -> None:
        for finding in history_findings(self._expected, item.name, first):
            self._expected.add_finding(finding, item)
