"""The official driver, pyqldb, wired to a ledger in this very process: no HTTP, no signing, no service model.

pyqldb takes a boto3 session and of the client that it makes calls `send_command` and nothing else; so a session that
hands out this library's own service is the whole transport.
"""

from typing import Any

import boto3.session
from botocore.exceptions import ClientError
from pyqldb.driver.qldb_driver import QldbDriver

from ledger.errors import QldbError
from ledger.ids import new_id
from ledger.ledger import Ledger
from ledger.limits import DEFAULT_LIMITS, Limits
from ledger.session.service import SessionService
from ledger.settings import LedgerNotFoundError
from ledger.store.base import Store


def connect(
    ledger_name: str, store: Store, *, limits: Limits = DEFAULT_LIMITS, extensions: bool = False, **driver_options: Any
) -> QldbDriver:
    """Return a `pyqldb` driver on the ledger in `store`.

    A commit that creates an index on a table with documents, or redacts, returns when that is done: the store can be
    closed, and a function frozen, as soon as the driver is. For a driver that does it in the background, as QLDB did,
    see `driver_of`.

    Args:
        extensions: whether queries may have what QLDB did not: ORDER BY, LIMIT, OFFSET, GROUP BY and HAVING.
        driver_options: for `QldbDriver`, such as `retry_config` or `read_ahead`.

    Raises:
        LedgerNotFoundError: the store does not hold that ledger.
    """
    ledger = Ledger(store, ledger_name, limits=limits, extensions=extensions, work_in_background=False)
    return driver_of(ledger, **driver_options)


def driver_of(ledger: Ledger, **driver_options: Any) -> QldbDriver:
    """Return a `pyqldb` driver on an open ledger."""
    return QldbDriver(ledger.name, boto3_session=_InProcessSession(ledger), **driver_options)


class _InProcessSession(boto3.session.Session):  # type: ignore[misc]
    """A boto3 session whose only client is the ledger's."""

    def __init__(self, ledger: Ledger) -> None:
        # The parent's own set-up loads configuration and credentials, of which nothing is needed here.
        self._ledger = ledger

    def client(self, *args: Any, **kwargs: Any) -> "_InProcessClient":  # noqa: ARG002
        return _InProcessClient(self._ledger)


class _InProcessClient:
    """The part of the `qldb-session` client that pyqldb uses."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._service = SessionService(self._open)

    def send_command(self, **request: Any) -> dict[str, Any]:
        request_id = new_id()
        metadata = {"RequestId": request_id, "HTTPHeaders": {"x-amzn-requestid": request_id}}
        try:
            result = self._service.send_command(request, request_id)
        except QldbError as error:
            described = {"Code": error.name, "Message": error.message}
            response = {"Error": described, "ResponseMetadata": {**metadata, "HTTPStatusCode": error.status}}
            if error.code is not None:
                response["Code"] = error.code
            raise ClientError(response, "SendCommand") from error
        return {**result, "ResponseMetadata": {**metadata, "HTTPStatusCode": 200}}

    def _open(self, name: str) -> Ledger:
        if name != self._ledger.name:
            raise LedgerNotFoundError(f"this driver is connected to {self._ledger.name!r}")
        return self._ledger
