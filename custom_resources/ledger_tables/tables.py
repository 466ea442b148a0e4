"""Makes a ledger's tables and indexes what the properties list, and never touches a document."""

from __future__ import annotations

from functools import partial

from botocore.exceptions import ClientError
from pyqldb.driver.qldb_driver import QldbDriver
from pyqldb.execution.executor import Executor

from custom_resources.ledger_tables.properties import Table

_CATALOG = "SELECT name, indexes FROM information_schema.user_tables WHERE status = 'ACTIVE'"


class CannotDropError(Exception):
    """The ledger refuses to drop an index that is no longer listed; nothing was changed."""


def drop_unlisted_indexes(driver: QldbDriver, tables: tuple[Table, ...]) -> None:
    """Drop the listed tables' indexes that are not listed any more, in one transaction. Raises CannotDropError."""
    driver.execute_lambda(lambda txn: _drop_unlisted(txn, tables))


def create_missing(driver: QldbDriver, tables: tuple[Table, ...]) -> None:
    """Create the tables and indexes that are not there yet; what is there stays.

    One transaction a table, so that a long build of one table's indexes does not hold up the others.
    """
    for table in tables:
        driver.execute_lambda(partial(_create_missing, table=table))


def _create_missing(txn: Executor, table: Table) -> None:
    existing = _indexes(txn).get(table.name)
    if existing is None:
        txn.execute_statement(f'CREATE TABLE "{table.name}"')
    for field in table.indexes:
        if field not in (existing or {}):
            txn.execute_statement(f'CREATE INDEX ON "{table.name}" ("{field}")')


def _drop_unlisted(txn: Executor, tables: tuple[Table, ...]) -> None:
    existing = _indexes(txn)
    for table in tables:
        indexes = existing.get(table.name, {})
        for field in sorted(set(indexes) - set(table.indexes)):
            _drop(txn, table.name, field, indexes[field])


def _drop(txn: Executor, table: str, field: str, index_id: str) -> None:
    try:
        txn.execute_statement(f'DROP INDEX "{index_id}" ON "{table}" WITH (purge = true)')
    except ClientError as error:
        if error.response["Error"]["Code"] != "BadRequestException":
            raise
        raise CannotDropError(
            f"the index on {field} of table {table} cannot be dropped: {error.response['Error']['Message']}; "
            'list it again, or set DropUnlistedIndexes to "false". Nothing was changed.'
        ) from error


def _indexes(txn: Executor) -> dict[str, dict[str, str]]:
    """Give the ids of the ledger's indexes by table name and field."""
    return {
        str(row["name"]): {str(index["expr"])[1:-1]: str(index["indexId"]) for index in row["indexes"]}
        for row in txn.execute_statement(_CATALOG)
    }
