"""Results in pages: rows are computed as they are fetched, so that a large result never stands in memory whole."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger import ion
from ledger.ids import new_id
from ledger.limits import Limits


class Page(NamedTuple):
    """One page: its rows as Ion binary, and the token of the next one, `None` for the last."""

    values: list[bytes]
    next_token: str | None

    def to_response(self) -> dict[str, object]:
        """Return the page as SendCommand shows it."""
        response: dict[str, object] = {"Values": [{"IonBinary": value} for value in self.values]}
        if self.next_token is not None:
            response["NextPageToken"] = self.next_token
        return response


class Pages:
    """The results of one transaction that have not been fetched to their end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rest: dict[str, Iterator[bytes]] = {}

    def first(self, rows: Iterator[ion.Value]) -> Page:
        """Return the first page of `rows`."""
        return self._page(ion.dumps(row) for row in rows)

    def next(self, token: str) -> Page | None:
        """Return the page that `token` names; `None` if there is no such page, or it was fetched before."""
        rest = self._rest.pop(token, None)
        return None if rest is None else self._page(rest)

    def _page(self, rows: Iterator[bytes]) -> Page:
        values: list[bytes] = []
        size = 0
        for row in rows:
            values.append(row)
            size += len(row)
            if len(values) >= self._limits.page_rows or size >= self._limits.page_bytes:
                token = new_id()
                self._rest[token] = rows
                return Page(values, token)
        return Page(values, None)
